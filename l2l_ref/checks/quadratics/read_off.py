"""The question of exercise 04 on reading a rule: its slopes and its largest update."""

import torch
from torch import Tensor

from ..examining import close, must_be_kept, recognise, show


def exam_read_off(generator, ask, report):
    """The slopes; the largest update."""

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    def question(decay: float, upward: bool, graph: bool = True) -> tuple[dict, str]:
        """Each rule has a larger bound in one direction, upward or downward."""
        limits = [uniform(0.2, 0.4), uniform(0.5, 0.9)]
        if not upward:
            limits.reverse()
        asked = {
            "probe_gain": uniform(0.03, 0.05),
            "probe_decay": decay,
            "probe_low": limits[0],
            "probe_high": limits[1],
            "probe_offset": uniform(5e-4, 1e-3) * (1 if uniform(0.0, 1.0) < 0.5 else -1),
            "probe_reach": 1e6,
            "probe_graph": graph,
        }
        kind = "with trainable weights" if graph else "without any graph"
        return asked, f"a rule {kind} that sums gradients up, with bounded updates"

    def leaning(asked: dict) -> dict:
        """The update at zero is so large that float32 hardly shows what a tiny gradient does."""
        towards = 1 if asked["probe_high"] > asked["probe_low"] else -1
        return asked | {"probe_offset": uniform(0.2, 0.24) * towards}

    def slow(asked: dict) -> dict:
        """So slow that the largest update comes late, and below the bound."""
        return asked | {"probe_gain": uniform(2e-5, 4e-5)}

    def weak(asked: dict) -> dict:
        """Slopes so small that a few decimals are none."""
        return asked | {"probe_gain": uniform(1e-4, 2e-4)}

    def growing(asked: dict) -> dict:
        """The updates go on growing after a hundred steps."""
        return asked | {"probe_gain": uniform(2e-6, 3e-6)}

    def timid(asked: dict) -> dict:
        """The largest updates are neither for the smallest nor for the largest gradients."""
        return asked | {"probe_reach": uniform(250.0, 350.0)}

    def small(asked: dict) -> dict:
        """As timid, and a hundred times smaller."""
        limits = {name: asked[name] / 100 for name in ("probe_low", "probe_high")}
        return timid(asked) | limits

    def shy(asked: dict) -> dict:
        """They are for gradients between a tenth and five; even steps of a hundred miss them."""
        return asked | {"probe_gain": uniform(3.0, 5.0), "probe_reach": uniform(3.0, 4.0)}

    slopes = (
        "(u(h) - u(-h)) / (2 h) with a small h, where u is the first update, or the 20th of a run "
        "in which h is held and the state handed on"
    )
    with report.criterion("both slopes at gradient zero", 0.5):
        for decay, upward, change in (
            (uniform(0.93, 0.98), True, dict),
            (-uniform(0.9, 0.97), False, dict),
            (uniform(0.93, 0.98), True, leaning),
            (uniform(0.93, 0.98), False, leaning),
            (uniform(0.93, 0.98), False, weak),
        ):
            asked, given = question(decay, upward, graph=change is not leaning)
            asked = change(asked)
            if change is leaning:
                given += f", {show(asked['probe_offset'])} for a gradient of 0"
            reply, expected = ask(**asked), slopes_of(asked)
            wrong = {
                "these are absolute values; a rule that goes downhill has negative slopes": (
                    expected.abs()
                ),
                "the second slope is the first one again: hold the gradient for 20 steps, and hand "
                "the state on": expected[[0, 0]],
                "the second slope is that of update 21": slopes_of(asked, 21),
                "the second slope is that of update 19": slopes_of(asked, 19),
            }
            got = {"slopes": reply["numbers"][:2]}
            known = {say: {"slopes": each} for say, each in wrong.items()}
            for number, name in enumerate(("slope", "slope_after_20")):
                scale = expected[number].abs()
                close(
                    reply["numbers"][number] / scale,
                    expected[number] / scale,
                    what=f"{name} (as a share of its size {show(scale)})",
                    given=given,
                    idea=recognise(got, known, slopes),
                    tolerance=ONE_PERCENT,
                )
    with report.criterion("the largest update of a hundred", 0.5):
        for decay, upward, change in (
            (0.9, False, timid),
            (0.9, False, small),
            (0.9, True, shy),
            (1.0, True, growing),
            (uniform(0.9, 0.95), True, slow),
            (-uniform(0.5, 0.8), True, slow),
        ):
            asked, given = question(decay, upward)
            asked = change(asked)
            reply, expected = ask(**asked), numbers_of(asked)
            scale = expected[2]
            close(
                reply["numbers"][2] / scale,
                expected[2] / scale,
                what=f"largest (as a share of {show(scale)})",
                given=given,
                idea="gradients of both signs and of many sizes up to 1000, small ones too, each "
                "held for 100 steps; of all these updates the largest in absolute value",
                tolerance=ONE_PERCENT,
            )
            idea = "abs_(), backward() and the like write into what belongs to the rule"
            must_be_kept(reply["changed"], given, idea)


#: The question asks for no more.
ONE_PERCENT = 0.01


def numbers_of(asked: dict) -> Tensor:
    """Slope, slope after 20 steps, largest update, from the formula of the rule."""
    sizes = torch.logspace(-3, 3, 6001, dtype=torch.float64)
    met = sizes * torch.exp(-((sizes / asked["probe_reach"]) ** 2))
    totals = torch.tensor(_totals(asked), dtype=torch.float64)
    wanted = asked["probe_offset"] - torch.outer(totals, torch.cat([met, -met]))
    limit = _limit(asked, wanted)
    largest = (limit * (wanted / limit).tanh()).abs().max()
    return torch.cat([slopes_of(asked), largest[None]])


def slopes_of(asked: dict, late: int = 20) -> Tensor:
    """The slopes of the first update and of a later one, at gradient zero."""
    start = torch.tensor(asked["probe_offset"], dtype=torch.float64)
    flat = 1 - (start / _limit(asked, start)).tanh() ** 2
    totals = _totals(asked)
    return -flat * torch.tensor([totals[0], totals[late - 1]], dtype=torch.float64)


def _totals(asked: dict) -> list[float]:
    """What a hundred steps sum up to, for a small gradient of 1."""
    gain, decay = asked["probe_gain"], asked["probe_decay"]
    return [gain * sum(decay**j for j in range(k)) for k in range(1, 101)]


def _limit(asked: dict, wanted: Tensor) -> Tensor:
    return torch.where(wanted > 0, asked["probe_high"], asked["probe_low"]).double()
