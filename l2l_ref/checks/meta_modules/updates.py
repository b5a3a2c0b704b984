"""The question of exercise 02 on an update of all weights of a network."""

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
from .weights import (
    EQUAL,
    FREE,
    TIED,
    TREE,
    TREE_TIED,
    UNSAVED,
    UNUSED,
    USED,
    VIEWED,
    computed,
    grads,
    tree,
)

#: In double precision, after some steps: rounding stays far below, a rate in float32 far above.
EXACT = 1e-11


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


def exam_update(generator, ask, report):
    """Values; ties and unused weights; second and first order."""
    x, y = torch.randn(6, 3, generator=generator), torch.randn(6, 2, generator=generator)

    def question(shapes: dict, steps: int, how: str = "", rate: float = 0.03) -> dict:
        """What is asked, in double precision, with rates that are no float32."""
        asked = tree(shapes, generator, how)
        asked |= {"x": x, "y": 1e6 * y if how == "huge" else y, "steep": how == "steep"}
        asked["rates"] = torch.stack(
            [1.1 * rate_near(rate, generator).double() for _ in range(steps)]
        )
        if how == "single":
            return asked
        doubles = {"weights": doubled(asked["weights"]), "constants": doubled(asked["constants"])}
        return asked | doubles | {"x": x.double(), "y": asked["y"].double()}

    def values(
        shapes: dict, steps: int, order: str, rate_is: str, given: str, idea: str, how: str = ""
    ) -> None:
        asked = question(shapes, steps, how, 0.003 if steps > 3 else 0.03)
        asked |= {"first_order": order == FIRST_ORDER, "rate_is": rate_is, "probe_all": False}
        now, loss, _ = trained(**asked)
        given = f"{given}; {rate_is} as rate; {_times(steps)}, {order}"
        reply = told(ask, asked, given)
        if reply["untied"]:
            raise Lost(
                f"two tensors each: {', '.join(reply['untied'])}",
                "one tensor in all places where one stood",
                given,
                "put the same tensor in all places where the old one stood, not a copy of it",
            )
        exact = {} if how == "single" else {"tolerance": EXACT}
        for name, weight in now.items():
            close(reply["values"][name], weight, what=name, given=given, idea=idea, **exact)
            if reply["dtypes"][name] != (right := "float32" if how == "single" else "float64"):
                raise Lost(f"{name} in {reply['dtypes'][name]}", right, given, PRECISION)
        close(reply["loss"], loss, what="the loss after them", given=given, idea=idea, **exact)
        must_be_kept(
            reply["changed"] if shapes is FREE else [],
            given,
            "the new weights are new tensors; operations in place and .data overwrite the old "
            "ones, backward() adds to the .grad that lies there, and register_buffer() makes a "
            "buffer persistent",
        )
        if reply["cut"]:
            raise Lost(
                f"no graph leads from the new weight to the old one: {', '.join(reply['cut'])}",
                "every weight with its graph, also one that the loss does not depend on",
                given,
                "detach() gives a constant, which is no weight any more",
            )

    def derivatives(order: str, steps: int, case: str) -> None:
        asked = question(FREE, steps, how="steep" if case == STEEP else "")
        if case == FLAT:
            asked["weights"]["gain"] = torch.zeros((), dtype=torch.float64)
        if case == STILL:
            asked["rates"] = torch.zeros_like(asked["rates"])
        asked["probe_all"] = case == ALL
        expected = trained(**asked, first_order=order == FIRST_ORDER)[2]
        rate_is = "a result" if case == ALL else "a leaf"
        given = f"{TREE}; {_times(steps)}, {order}; {rate_is} as rate{case}"
        told_so = {"first_order": order == FIRST_ORDER, "rate_is": rate_is}
        reply = told(ask, asked | told_so, given)
        got = reply["slopes"]
        what = "d (sum of all losses)" if case == ALL else "d loss"
        for name, value in expected.items():
            right = got[name] is not None and error(got[name], value) <= TOLERANCE
            idea = "" if right else _look_at(got, asked, order)
            close(got[name], value, what=f"{what} / d {name}", given=given, idea=idea)

    with report.criterion("the new weights, after one update and after some", 0.5):
        rule = "each weight becomes weight - rate * d loss / d weight, all at once"
        values(FREE, 1, SECOND_ORDER, "a leaf", TREE, rule)
        values(FREE, 3, SECOND_ORDER, "a number", TREE, f"{rule}; {PRECISION}")
        values(FREE, 3, FIRST_ORDER, "a constant", TREE, rule)
        values(FREE, 3, SECOND_ORDER, "a number", f"{TREE}; in float32", PRECISION, "single")
        values(FREE, 25, SECOND_ORDER, "a number", TREE, f"{rule}, with the rate of this call")
        values(FREE, 1, SECOND_ORDER, "a leaf", f"{TREE}; {EQUAL}", rule, "equal")
        values(FREE, 2, SECOND_ORDER, "a leaf", f"{TREE}; {VIEWED}", rule, "viewed")
        values(FREE, 1, SECOND_ORDER, "a leaf", f"{TREE}; {UNSAVED}", rule, "unsaved")
        used = f"{rule}; a .grad from before has no part in it"
        values(FREE, 2, SECOND_ORDER, "a leaf", f"{TREE}; {USED}", used, "used")
        values(FREE, 1, FIRST_ORDER, "a leaf", f"{TREE}; a loss of 1e12", rule, "huge")
    with report.criterion("tied weights move as one, and unused ones not at all", 0.5):
        for order in ORDERS:
            values(
                TIED | UNUSED,
                2,
                order,
                "a leaf",
                f"{TREE_TIED}; a layer spare that the loss does not depend on",
                "a tied weight has one gradient, the sum over all its places; autograd.grad "
                "with allow_unused=True gives None for a weight that the loss does not depend on",
            )
    titles = (
        "second order: the graph leads through the gradients",
        "first order: the gradients count as constants",
    )
    for title, order in zip(titles, ORDERS, strict=True):
        with report.criterion(title, 0.5):
            for steps, case in ((1, ""), (3, ""), (1, FLAT), (1, STILL), (2, ALL), (1, STEEP)):
                derivatives(order, steps, case)


ORDERS = SECOND_ORDER, FIRST_ORDER = "the default order", "first_order=True"
PRECISION = "new weights have the precision of the old ones, and the rate has all its digits"
FLAT = "; gain is 0, so that most gradients are 0, too"
STILL = " of 0"
ALL = "; the losses that were given to update are differentiated as well"
STEEP = "; the loss contains a derivative in the input, taken with autograd.grad"


def _times(steps: int) -> str:
    return f"{steps} update{'s' if steps > 1 else ''}"


def _look_at(got: dict, asked: dict, order: str) -> str:
    """What to say about derivatives that are wrong."""
    first, second = (trained(**asked, first_order=first_order)[2] for first_order in (True, False))
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
    elif got["rate 0"] is None:
        idea = (
            "the rate must enter as the tensor it is, whatever its value: item() and float() give "
            "numbers"
        )
    return recognise(got, mistakes, idea)
