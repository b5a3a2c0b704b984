"""The question of exercise 04 on reading a rule: its slopes and its largest update."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..examining import close, must_be_kept, recognise, show, told

#: Rules whose gradients count with a gain and are hardly seen beyond a reach. For a gradient of
#: zero the update is about the offset. Updates grow and fade around a step, the peak, if any.
PLAIN = {
    "gain": (0.03, 0.05),
    "offset": (5e-4, 1e-3),
    "reach": (1e6, 1e6),
    "peak": (0.0, 0.0),
    "size": (1.0, 1.0),
}

#: What is different, from where to where, and what it is good for.
KINDS = {
    "plain": {},
    # float32 hardly shows what a tiny gradient does beside such an update
    "leaning": {"offset": (0.3, 0.32), "gain": (0.03, 0.035)},
    # a few decimals of the slopes are none
    "weak": {"gain": (1e-4, 2e-4)},
    # the largest update comes late, and below the bound
    "slow": {"gain": (2e-5, 4e-5)},
    # it goes on growing after a hundred steps, by a half with each
    "growing": {"peak": (120.0, 130.0)},
    # it is neither at the smallest nor at the largest gradients
    "timid": {"reach": (250.0, 350.0)},
    # a few decimals of it are none
    "small": {"reach": (250.0, 350.0), "size": (0.01, 0.01)},
    # it is at gradients between a tenth and five; even steps of a hundred miss them
    "shy": {"gain": (3.0, 5.0), "reach": (3.0, 4.0)},
    # it is neither the first update nor the last
    "peaked": {"peak": (20.0, 80.0)},
}


#: What to say of a rule of a kind, where it is no plain one.
SPECIAL = {
    "leaning": "whose updates are large where gradients are 0",
    "weak": "whose slopes are tiny",
    "slow": "whose largest update comes late",
    "growing": "whose updates go on growing after a hundred steps",
    "timid": "whose largest update belongs to gradients of some hundreds",
    "small": "whose updates are small, and the largest belongs to gradients of some hundreds",
    "shy": "whose largest update belongs to small gradients, between 0.1 and 5",
    "peaked": "whose largest update is neither the first nor the last",
}

#: What an update may know of where it comes from.
GRAPHS = {
    "whole": "with trainable weights",
    "none": "without any graph",
    "cut": "with trainable weights, whose state and part of whose gradients are constants to it, "
    "and which was read once before, with other weights,",
}


def exam_read_off(generator, ask, report):
    """The slopes; the largest update."""

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    def question(kind: str, decay: float, upward: bool, graph: str = "whole") -> tuple[dict, str]:
        """Each rule has a larger bound in one direction, upward or downward."""
        numbers = {name: uniform(*ends) for name, ends in (PLAIN | KINDS[kind]).items()}
        size, offset = numbers.pop("size"), numbers.pop("offset")
        small, large = size * uniform(0.2, 0.4), size * uniform(0.5, 0.9)
        asked = {f"probe_{name}": number for name, number in numbers.items()} | {
            "probe_decay": decay,
            "probe_low": small if upward else large,
            "probe_high": large if upward else small,
            "probe_offset": offset if upward else -offset,
            "probe_graph": graph != "none",
            "probe_cut": graph == "cut",
        }
        return asked, (
            f"a rule {GRAPHS[graph]} that sums gradients up, with bounded updates"
            + (f", {SPECIAL[kind]}" if kind in SPECIAL else "")
            + f"; for a gradient of 0 it is {show(asked['probe_offset'])}"
        )

    with report.criterion("both slopes at gradient zero", 0.5):
        for kind, decay, upward, graph in (
            ("plain", uniform(0.93, 0.98), True, "whole"),
            ("plain", -uniform(0.9, 0.97), False, "cut"),
            ("leaning", uniform(0.93, 0.98), True, "none"),
            ("leaning", uniform(0.93, 0.98), False, "none"),
            ("leaning", -uniform(0.5, 0.6), True, "none"),
            ("weak", uniform(0.93, 0.98), False, "whole"),
        ):
            _judge_slopes(ask, *question(kind, decay, upward, graph))
    with report.criterion("the largest update of a hundred", 0.5):
        for kind, decay, upward in (
            ("timid", 0.9, False),
            ("small", 0.9, False),
            ("shy", 0.9, True),
            ("peaked", 0.9, False),
            ("growing", 1.0, True),
            ("slow", uniform(0.9, 0.95), True),
            ("slow", -uniform(0.5, 0.8), True),
        ):
            _judge_largest(ask, *question(kind, decay, upward))


def _judge_slopes(ask: Callable, asked: dict, given: str) -> None:
    """Both, each to one percent.

    Raises:
        Lost: one is wrong.
    """
    got, expected = {"slopes": told(ask, asked, given)["numbers"][:2]}, slopes_of(asked)
    wrong = {
        "these are absolute values; a rule that goes downhill has negative slopes": expected.abs(),
        "the second slope is the first one again: hold the gradient for 20 steps, and hand the "
        "state on": expected[[0, 0]],
        "the second slope is that of update 21": slopes_of(asked, 21),
        "the second slope is that of update 19": slopes_of(asked, 19),
    }
    if asked["probe_cut"]:
        earlier = slopes_of(asked | {"probe_gain": 2 * asked["probe_gain"]})
        wrong["these are the slopes that the rule had before, with its other weights"] = earlier
    idea = (
        "(u(h) - u(-h)) / (2 h) with a small h, where u is the first update, or the 20th of a run "
        "in which h is held and the state handed on"
    )
    idea = recognise(got, {say: {"slopes": each} for say, each in wrong.items()}, idea)
    for number, name in enumerate(("slope", "slope_after_20")):
        scale = expected[number].abs()
        close(
            got["slopes"][number] / scale,
            expected[number] / scale,
            what=f"{name} (as a share of its size {show(scale)})",
            given=given,
            idea=idea,
            tolerance=ONE_PERCENT,
        )


def _judge_largest(ask: Callable, asked: dict, given: str) -> None:
    """The largest update, to one percent, and that the rule's own was left alone.

    Raises:
        Lost: it was not, or the update is wrong.
    """
    reply, scale = told(ask, asked, given), numbers_of(asked)[2]
    close(
        reply["numbers"][2] / scale,
        scale / scale,
        what=f"largest (as a share of {show(scale)})",
        given=given,
        idea="gradients of both signs and of many sizes up to 1000, small ones too, each held for "
        "100 steps; of all these updates the largest in absolute value",
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
    largest = (limit * (wanted / limit).tanh()).abs().max(1).values
    if peak := asked.get("probe_peak"):
        largest = largest * torch.exp(-(((torch.arange(1, 101) - peak) / 10) ** 2))
    return torch.cat([slopes_of(asked), largest.max()[None]])


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
