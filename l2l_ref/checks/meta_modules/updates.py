"""The question of exercise 02 on an update of all weights of a network."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..answering import doubled
from ..examining import (
    TOLERANCE,
    Lost,
    close,
    error,
    must_be_kept,
    rate_near,
    recognise,
    told,
)
from .networks import loss_of
from .twins import precise
from .weights import (
    CALLED,
    EQUAL,
    FREE,
    LAYER_TWICE,
    OTHERWISE_CALLED,
    TIED,
    TREE,
    TREE_TIED,
    TWICE,
    UNSAVED,
    UNUSED,
    USED,
    VIEWED,
    computed,
    grads,
    tree,
)

#: In double precision: rounding stays far below, a rate in single precision far above.
EXACT = 1e-12


def trained(
    weights: dict[str, Tensor],
    constants: dict[str, Tensor],
    x: Tensor,
    y: Tensor,
    rates: Tensor,
    *,
    first_order: bool,
    steep: bool = False,
    probe_all: bool = False,
    **_,
) -> tuple[dict[str, Tensor], Tensor, dict[str, Tensor]]:
    """Gradient descent on the network in float64.

    Args:
        rates: of the steps, one after the other.
        first_order: whether the gradients count as constants.
        steep: see `networks.loss_of`.
        probe_all: whether the slopes are those of the sum of all losses, or of the last one.

    Returns:
        The weights afterwards, the loss there, and its slopes in the rates and the first weights.
    """
    start = {name: w.requires_grad_() for name, w in doubled(weights).items()}
    steps = {f"rate {k}": r.clone().requires_grad_() for k, r in enumerate(rates.double())}
    constants, x, y = doubled(constants), x.double(), y.double()
    now, losses = dict(start), []

    def loss() -> Tensor:
        return loss_of(lambda x: computed(now | constants, x), x, y, steep)

    for rate in steps.values():
        losses.append(loss())
        options = {"create_graph": not first_order, "retain_graph": True, "allow_unused": True}
        g = torch.autograd.grad(losses[-1], list(now.values()), **options)
        now = {
            name: w if d is None else w - rate * d
            for (name, w), d in zip(now.items(), g, strict=True)
        }
    losses.append(loss())
    sources, total = steps | start, sum(losses) if probe_all else losses[-1]
    slopes = dict(zip(sources, grads(total, list(sources.values())), strict=True))
    return {name: w.detach() for name, w in now.items()}, losses[-1].detach(), slopes


ORDERS = SECOND_ORDER, FIRST_ORDER = "the default order", "first_order=True"
PRECISION = "new weights have the precision of the old ones, and the rate has all its digits"
FLAT = "; gain is 0, so that most gradients are 0, too"
STILL = " of 0"
ALL = "; the losses that were given to update are differentiated as well"
STEEP = "; the loss contains a derivative in the input, taken with autograd.grad"
#: How often, with what as rate, and what is special.
SLOPES = [
    (1, "a leaf", ""),
    (3, "a leaf", ALL),
    (1, "a leaf", FLAT),
    (1, "a leaf", STILL),
    (2, "a result", ALL),
    (1, "a constant", ALL),
    (1, "a number", ALL),
    (1, "a leaf", STEEP),
]
RULE = "each weight becomes weight - rate * d loss / d weight, all at once"

FIRST_UNUSED = "before all of them, a layer spare that the loss does not depend on"
THAWED = "there was an update before, when norm.scale was frozen; all weights are as before it"

#: How often, in which order, with what as rate; how the network is, see `Updates.question`, and in
#: words; and what to look at.
VALUES = [
    (1, SECOND_ORDER, "a leaf", "", "", RULE),
    (3, SECOND_ORDER, "a number", "", "", f"{RULE}; {PRECISION}"),
    (3, FIRST_ORDER, "a constant", "", "", RULE),
    (3, SECOND_ORDER, "a number", "single", "in float32", PRECISION),
    (2, SECOND_ORDER, "a number", "backwards", "rates below 0", RULE),
    (1, SECOND_ORDER, "a whole number", "whole", "a rate of 1", RULE),
    (25, SECOND_ORDER, "a number", "", "", f"{RULE}, with the rate of this call"),
    (1, SECOND_ORDER, "a leaf", "equal", EQUAL, RULE),
    (1, SECOND_ORDER, "a leaf", "viewed", VIEWED, RULE),
    (1, SECOND_ORDER, "a leaf", "unsaved", UNSAVED, RULE),
    (1, SECOND_ORDER, "a leaf", "thawed", THAWED, RULE),
    (2, SECOND_ORDER, "a leaf", "used", USED, f"{RULE}; a .grad from before has no part in it"),
    (1, FIRST_ORDER, "a leaf", "huge", "a loss of about 1e12", RULE),
]


@dataclass
class Updates:
    """What is asked of `update`.

    Args:
        ask: of the exam.
        generator: of the exam.
    """

    ask: Callable
    generator: torch.Generator

    def __post_init__(self):
        self.x, self.y = (torch.randn(6, n, generator=self.generator) for n in (3, 2))

    def question(self, shapes: dict, steps: int, how: str = "") -> dict:
        """What is asked, in double precision, with rates that are no float32.

        Args:
            how: "single" asks in single precision, "huge" for a large loss, "backwards" with rates
                below zero, "whole" with 1 as rate, "steep" see `networks.loss_of`, others see
                `weights.tree`.
        """
        asked = tree(shapes, self.generator, how)
        y = 1e6 * self.y if how == "huge" else self.y
        near = {1: 0.2, 2: 0.1, 25: 0.003}.get(steps, 0.03)
        rates = [1.1 * rate_near(near, self.generator).double() for _ in range(steps)]
        sign = {"backwards": -1, "whole": 0}.get(how, 1)
        rates = sign * torch.stack(rates) + (how == "whole")
        if how != "single":
            asked |= {name: doubled(asked[name]) for name in ("weights", "constants")}
        x, y = (t if how == "single" else t.double() for t in (self.x, y))
        return asked | {"x": x, "y": y, "rates": rates, "steep": how == "steep"}

    def values(
        self, shapes: dict, steps: int, order: str, rate_is: str, how: str, given: str, idea: str
    ) -> dict:
        """The new weights are right, and what was tied still is; the reply."""
        asked = self.question(shapes, steps, how)
        asked |= {"first_order": order == FIRST_ORDER, "rate_is": rate_is, "probe_all": False}
        now, loss, _ = trained(**asked)
        reply = told(self.ask, asked, given)
        if reply["untied"]:
            raise Lost(
                f"two tensors each: {', '.join(reply['untied'])}",
                "one tensor in all places where one stood",
                given,
                "put the same tensor in all places where the old one stood, not a copy of it",
            )
        exact, dtype = (0.0, "float32") if how == "single" else (EXACT, "float64")
        for name, weight in now.items():
            precise(reply["values"][name], weight, exact, name, given, idea)
            if reply["dtypes"][name] != dtype:
                raise Lost(f"{name} in {reply['dtypes'][name]}", dtype, given, PRECISION)
        precise(reply["loss"], loss, exact, "the loss after them", given, idea)
        if reply["cut"]:
            raise Lost(
                f"no graph leads from the new weight to the old one: {', '.join(reply['cut'])}",
                "every weight with its graph, also one that the loss does not depend on",
                given,
                "detach() gives a constant, which is no weight any more",
            )
        return reply

    def derivatives(self, order: str, steps: int, rate_is: str, case: str) -> None:
        """The slopes of the loss afterwards, in rates that learn and in the first weights."""
        asked = self.question(FREE, steps, how="steep" if case == STEEP else "")
        if case == FLAT:
            asked["weights"]["gain"] = torch.zeros((), dtype=torch.float64)
            asked["rates"] += 1  # what is missing grows with the square of the rate
        if case == STILL:
            asked["rates"] = torch.zeros_like(asked["rates"])
        asked["probe_all"] = case == ALL
        expected = trained(**asked, first_order=order == FIRST_ORDER)[2]
        given = f"{TREE}; {_times(steps)}, {order}; {rate_is} as rate{case}"
        told_so = {"first_order": order == FIRST_ORDER, "rate_is": rate_is}
        got = told(self.ask, asked | told_so, given)["slopes"]
        what = "d (sum of all losses)" if case == ALL else "d loss"
        if rate_is not in ("a leaf", "a result"):  # no graph leads to such a rate
            expected = {name: expected[name] for name in asked["weights"]}
        for name, value in expected.items():
            right = got[name] is not None and error(got[name], value) <= TOLERANCE
            idea = "" if right else _look_at({n: got[n] for n in expected}, asked, order)
            close(got[name], value, what=f"{what} / d {name}", given=given, idea=idea)


def exam_update(generator, ask, report):
    """Values; ties and unused weights; second and first order."""
    updates = Updates(ask, generator)
    with report.criterion("the new weights, after one update and after some", 0.5):
        for steps, order, rate_is, how, words, idea in VALUES:
            given = "; ".join(filter(None, (TREE, words, _way(steps, order, rate_is))))
            reply = updates.values(FREE, steps, order, rate_is, how, given, idea)
            must_be_kept(
                reply["changed"],
                given,
                "the new weights are new tensors; operations in place and .data overwrite the old "
                "ones, backward() adds to the .grad that lies there, and register_buffer() makes a "
                "buffer persistent",
            )
        given = f"{TREE}; {CALLED}; {_way(1, SECOND_ORDER, 'a leaf')}"
        updates.values(OTHERWISE_CALLED, 1, SECOND_ORDER, "a leaf", "", given, RULE)
    with report.criterion("tied weights move as one, and unused ones not at all", 0.5):
        rule = (
            "a tied weight has one gradient, the sum over all its places; autograd.grad with "
            "allow_unused=True gives None for a weight that the loss does not depend on"
        )
        tree_of_both = f"{TREE_TIED}; a layer spare that the loss does not depend on"
        for order in ORDERS:
            given = f"{tree_of_both}; {_way(2, order, 'a leaf')}"
            updates.values(TIED | UNUSED, 2, order, "a leaf", "", given, rule)
        given = f"{TREE}; {FIRST_UNUSED}; {_way(1, SECOND_ORDER, 'a leaf')}"
        updates.values(FREE | UNUSED, 1, SECOND_ORDER, "a leaf", "spare first", given, rule)
        given = f"{TREE}; {TWICE}; {_way(1, SECOND_ORDER, 'a leaf')}"
        updates.values(LAYER_TWICE, 1, SECOND_ORDER, "a leaf", "one layer", given, rule)
    titles = (
        "second order: the graph leads through the gradients",
        "first order: the gradients count as constants",
    )
    for title, order in zip(titles, ORDERS, strict=True):
        with report.criterion(title, 0.5):
            for steps, rate_is, case in SLOPES:
                updates.derivatives(order, steps, rate_is, case)


def _times(steps: int) -> str:
    return f"{steps} update{'s' if steps > 1 else ''}"


def _way(steps: int, order: str, rate_is: str) -> str:
    return f"{rate_is} as rate; {_times(steps)}, {order}"


def _look_at(got: dict, asked: dict, order: str) -> str:
    """What to say about derivatives that are wrong."""
    both = (trained(**asked, first_order=first_order)[2] for first_order in (True, False))
    first, second = ({name: slopes[name] for name in got} for slopes in both)
    mistakes = {
        "these numbers take the gradients for constants; create_graph=True gives them a "
        "graph of their own": first,
        "these numbers know how the gradients depend on the weights; in first order they "
        "count as constants": second,
    }
    idea = (
        "gradients are constants here, and the new weight is still computed from the old one"
        if order == FIRST_ORDER
        else "the gradient is a function of the weights too, also where it is zero; "
        "autograd.grad keeps its graph if you ask it to"
    )
    if all(each is None for each in got.values()):
        idea = "no graph leads anywhere: nn.Parameter(), detach(), .data and no_grad() cut it"
    elif "rate 0" in got and got["rate 0"] is None:
        idea = (
            "the rate must enter as the tensor it is, whatever its value: item() and float() give "
            "numbers"
        )
    return recognise(got, mistakes, idea)
