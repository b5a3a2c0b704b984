"""The questions of exercise 02 on the weights of a network: named, put, updated."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..answering import doubled
from ..examining import Failed, Lost, close, normal, rate_near, recognise
from .networks import SHARED

FREE = {
    "gain": (),
    "lift": (),
    "embed.weight": (4, 3),
    "embed.bias": (4,),
    "norm.scale": (4,),
    "blocks.0.weight": (4, 4),
    "blocks.0.bias": (4,),
    "blocks.1.weight": (4, 4),
    "blocks.1.bias": (4,),
    "head.weight": (2, 4),
}


FIRST, SECOND = "blocks.0.weight", "blocks.1.weight"


TIED = {name: shape for name, shape in FREE.items() if name not in SHARED}
UNUSED = {"spare.0.0.weight": (3, 2)}
CONSTANT = {"norm.running_mean": (4,), "mask.weight": (4,)}
TREE = (
    "a network with the children embed, norm, mask, blocks (two of them) and head, and weights "
    "gain and lift of its own"
)
TREE_TIED = f"{TREE}; {FIRST} and {SECOND} are the same tensor, and so are gain and lift"


def tree(
    shapes: dict[str, tuple], generator: torch.Generator, equal: bool = False
) -> dict[str, dict[str, Tensor]]:
    """Fresh weights and constants of the network.

    Args:
        equal: whether the two blocks have the same numbers, in tensors of their own.
    """
    constants = normal(CONSTANT, generator) | {"norm.num_batches_tracked": torch.tensor(7)}
    weights = {
        name: w * w.shape[-1] ** -0.5 if w.ndim > 1 else w
        for name, w in normal(shapes, generator).items()
    }
    weights["gain"] = weights["gain"].abs() + 0.5
    if equal:
        weights["blocks.1.bias"] = weights["blocks.0.bias"].clone()
        weights[SECOND] = weights[FIRST].clone()
    return {"weights": weights, "constants": constants}


def computed(tensors: dict[str, Tensor], x: Tensor) -> Tensor:
    """What the network computes, written out."""
    x = torch.tanh(x @ tensors["embed.weight"].T + tensors["embed.bias"])
    x = (x - tensors["norm.running_mean"]) * tensors["norm.scale"] * tensors["mask.weight"]
    x = torch.tanh(x @ tensors[FIRST].T + tensors["blocks.0.bias"])
    x = torch.tanh(x @ tensors.get(SECOND, tensors[FIRST]).T + tensors["blocks.1.bias"])
    lift = tensors.get("lift", tensors["gain"])
    return tensors["gain"] * (x @ tensors["head.weight"].T) + lift


def exam_named_weights(generator, ask, report):
    """Names; results; ties."""

    def found(shapes: dict, results: bool, given: str, idea: str, equal: bool = False) -> None:
        asked = tree(shapes, generator, equal)
        reply = ask(**asked, results=results)
        missing = [name for name in shapes if name not in reply["names"]]
        others = [name for name in reply["names"] if name not in shapes]
        if missing or others:
            lists = [
                f"{what}: {', '.join(names)}"
                for what, names in (("missing", missing), ("too many", others))
                if names
            ]
            raise Lost("; ".join(lists), ", ".join(shapes), given, idea)
        for name, weight in asked["weights"].items():
            got = reply["values"][name]
            if got.shape != weight.shape:
                raise Lost(f"{name}: shape {tuple(got.shape)}", f"{tuple(weight.shape)}", given)
            close(got, weight, what=name, given=given, idea="each name stands for its own tensor")
        if reply["not_the_modules"]:
            raise Lost(
                f"other tensors than the network's: {', '.join(reply['not_the_modules'])}",
                "the very tensors that forward computes with",
                given,
                "clone() and detach() make new tensors, and state_dict() detaches",
            )
        if reply["changed"]:
            raise Lost(
                f"the network now has other tensors: {', '.join(reply['changed'])}",
                "a network that is as it was",
                given,
                "look, and leave everything in its place",
            )

    with report.criterion("all weights by their dotted names, and nothing else", 0.5):
        found(
            FREE | UNUSED,
            False,
            f"{TREE}; a layer spare.0.0",
            "named_buffers() goes through the whole tree; a buffer is a weight if it requires a "
            "gradient, whatever its name is",
        )
    with report.criterion("weights that are results count as well", 0.5):
        found(
            FREE,
            True,
            f"{TREE}; all weights are results of a computation",
            "after an update no weight is a leaf any more; requires_grad holds for leaves and "
            "for results",
        )
    with report.criterion("a tied weight comes once, under the first of its names", 0.5):
        found(
            TIED,
            False,
            TREE_TIED,
            "tied weights are one tensor; remember which tensors you have met, by id()",
        )
        found(FREE, False, f"{TREE}; {EQUAL}", "equal numbers do not make a tie", equal=True)


EQUAL = "some weights have equal numbers, and are different tensors"
UNKNOWN = {
    "blocks.2.weight": "a layer that is not there",
    "embed.wieght": "a slip of the pen",
    "weight": "a name without the path to it",
    "head.bias": "a bias that is off",
    "embed": "a layer",
    "": "no name",
    "norm.running_mean": "a running statistic",
    "mask.weight": "a constant",
}
WRONG_SHAPES = {
    "embed.weight": (3, 4),
    "embed.bias": (1, 4),
    "norm.scale": (),
    "gain": (1,),
    SECOND: (4,),
}


def must_be_tied(reply: dict, given: str) -> None:
    """What was one tensor still is.

    Raises:
        Lost: it is not.
    """
    if reply["untied"]:
        pairs = [f"{SHARED[place]} and {place}" for place in reply["untied"]]
        raise Lost(
            f"two tensors each: {', '.join(pairs)}",
            "one tensor in both places",
            given,
            "put the same tensor in all places where the old one stood, not a copy of it",
        )


def exam_put_weight(generator, ask, report):
    """Value and graph; ties; unknown names; wrong shapes."""
    x, probe = torch.randn(5, 3, generator=generator), torch.randn(5, 2, generator=generator)

    def computes(
        shapes: dict, names: list[str], given: str, idea: str, equal: bool = False
    ) -> tuple[dict, dict[str, str], dict[str, Tensor]]:
        """The output is right: the reply, each place's last name, the derivatives expected."""
        asked = tree(shapes, generator, equal)
        sources = normal({name: FREE[name] for name in names}, generator)
        reply = ask(**asked, names=names, sources=sources, x=x, probe=probe)
        tied = {place: of for place, of in SHARED.items() if place not in shapes}
        leaves = {name: s.double().requires_grad_() for name, s in sources.items()}
        last = {tied.get(name, name): name for name in names}
        now = doubled(asked["weights"] | asked["constants"])
        now |= {place: leaves[name] ** 2 for place, name in last.items()}
        output = computed(now, x.double())
        total = (probe.double() * output).sum()
        by_source = dict(zip(leaves, _grads(total, list(leaves.values())), strict=True))
        what = "what the network computes"
        close(reply["output"], output.detach(), what=what, given=given, idea=idea)
        return reply, last, by_source

    def put(shapes: dict, names: list[str], given: str, idea: str, equal: bool = False) -> None:
        given = f"{given}; put: {', '.join(names)}"
        reply, last, by_source = computes(shapes, names, given, idea, equal)
        for name, value in by_source.items():
            if name not in last.values():
                continue  # another one has taken its place since
            close(
                reply["by_source"][name],
                value,
                what=f"the derivative in the source of {name}",
                given=given,
                idea="the tensor must go into its place as it is; detach(), .data, copy_() under "
                "no_grad() and nn.Parameter() leave its graph behind",
            )
        places = set(last)
        places |= {place for place, of in SHARED.items() if place not in shapes and of in last}
        if set(reply["exchanged"]) != places:
            raise Lost(
                f"other tensors than before: {', '.join(reply['exchanged']) or '(none)'}",
                ", ".join(sorted(places)),
                given,
                "a new tensor in the place of the named weight, and no other place touched",
            )
        if reply["overwritten"]:
            raise Lost(
                f"changed: the old {', '.join(reply['overwritten'])}",
                "old tensors as they were",
                given,
                "the graph of an earlier step may need them: exchange tensors, do not overwrite",
            )
        must_be_tied(reply, given)

    def refused(name: str, tensor: Tensor, error: str, given: str, idea: str) -> None:
        reply = ask(**tree(FREE, generator), name=name, tensor=tensor)
        if error not in reply["raised"]:
            raise Lost(reply["said"], error, given, idea)
        if reply["exchanged"]:
            raise Lost(
                f"{error}, and other tensors than before: {', '.join(reply['exchanged'])}",
                f"{error}, and a network that is as it was",
                given,
                "look first, change afterwards",
            )

    def works() -> None:
        try:
            computes(FREE, ["embed.weight"], TREE, "")
        except Failed:
            raise
        except Lost:
            raise Lost("a weight that exists is not replaced yet", idea="begin there") from None

    with report.criterion("the network computes with the tensor, and its graph leads back", 1):
        rule = "follow the dots to the module that owns the name, and set it there"
        for name in ("embed.bias", "blocks.1.weight", "gain", "norm.scale"):
            put(FREE, [name], TREE, rule)
        put(FREE, ["embed.weight", "head.weight"], TREE, rule)
        put(
            FREE,
            ["blocks.0.weight", "blocks.0.bias", "blocks.0.bias"],
            f"{TREE}; {EQUAL}",
            "tensors are tied if they are the same object, not if their numbers are equal; a "
            "weight that was put may be replaced again, though it is a leaf no more",
            equal=True,
        )
    with report.criterion("tied weights stay tied, whichever name is given", 0.5):
        rule = "find the tensor that goes by this name, then every place where it stands"
        for names in (
            [FIRST],
            [SECOND],
            [SECOND, FIRST],
            ["embed.bias", SECOND],
            ["gain"],
            ["lift"],
        ):
            put(TIED, names, TREE_TIED, rule)
    with report.criterion("unknown names raise KeyError, and nothing changes", 0.5):
        works()
        for name, what in UNKNOWN.items():
            tensor = torch.randn({**FREE, **CONSTANT}.get(name, (4,)), generator=generator)
            refused(
                name,
                tensor,
                "KeyError",
                f"{TREE}; the name {name!r}, {what}",
                "only the names of weights may be given; named_buffers(remove_duplicate=False) "
                "and requires_grad tell which those are",
            )
    with report.criterion("a wrong shape raises ValueError, and nothing changes", 0.5):
        works()
        for name, shape in WRONG_SHAPES.items():
            refused(
                name,
                torch.randn(shape, generator=generator),
                "ValueError",
                f"{TREE}; the name {name!r} and a tensor of shape {shape}",
                f"this weight has the shape {FREE[name]}",
            )


def _grads(total: Tensor, leaves: list[Tensor]) -> tuple[Tensor, ...]:
    return torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)


def trained(
    weights, constants, x, y, rate, steps, *, first_order: bool
) -> tuple[dict[str, Tensor], Tensor, dict[str, Tensor]]:
    """Gradient descent on the network in float64.

    Args:
        first_order: whether the gradients count as constants.

    Returns:
        The weights afterwards, the loss there, and its derivatives in rate and first weights.
    """
    start = {name: w.requires_grad_() for name, w in doubled(weights).items()}
    start["rate"] = rate.double().requires_grad_()
    constants, x, y = doubled(constants), x.double(), y.double()
    now = {name: start[name] for name in weights}
    for _ in range(steps):
        loss = F.mse_loss(computed(now | constants, x), y)
        g = torch.autograd.grad(
            loss, list(now.values()), create_graph=not first_order, allow_unused=True
        )
        now = {
            name: w if d is None else w - start["rate"] * d
            for (name, w), d in zip(now.items(), g, strict=True)
        }
    loss = F.mse_loss(computed(now | constants, x), y)
    slopes = dict(zip(start, _grads(loss, list(start.values())), strict=True))
    return {name: w.detach() for name, w in now.items()}, loss.detach(), slopes


def _times(steps: int) -> str:
    return f"{steps} update{'s' if steps > 1 else ''}"


def exam_update(generator, ask, report):
    """Values; ties and unused weights; second and first order."""
    x, y = torch.randn(6, 3, generator=generator), torch.randn(6, 2, generator=generator)

    def values(
        shapes: dict,
        steps: int,
        first_order: bool,
        rate_is: str,
        given: str,
        idea: str,
        equal: bool = False,
    ) -> None:
        rate = rate_near(0.1, generator)
        asked = tree(shapes, generator, equal) | {"x": x, "y": y, "rate": rate, "steps": steps}
        now, loss, _ = trained(**asked, first_order=first_order)
        reply = ask(**asked, first_order=first_order, rate_is=rate_is)
        order = "first_order=True" if first_order else "the default order"
        given = f"{given}; {rate_is} as rate; {_times(steps)}, {order}"
        must_be_tied(reply, given)
        for name, weight in now.items():
            close(reply["values"][name], weight, what=name, given=given, idea=idea)
        close(reply["loss"], loss, what="the loss after them", given=given, idea=idea)
        if reply["changed"]:
            raise Lost(
                f"changed: {', '.join(reply['changed'])}",
                "the tensors that were there before, and all constants, as they were",
                given,
                "the new weights are new tensors; operations in place and .data overwrite the old "
                "ones, and backward() leaves a .grad with them",
            )
        if reply["cut"]:
            raise Lost(
                f"no graph leads from the new weight to the old one: {', '.join(reply['cut'])}",
                "every weight with its graph, also one that the loss does not depend on",
                given,
                "detach() gives a constant, which is no weight any more",
            )

    def derivatives(first_order: bool, steps: int) -> None:
        rate = rate_near(0.1, generator)
        asked = tree(FREE, generator) | {"x": x, "y": y, "rate": rate, "steps": steps}

        def slopes(**options) -> dict[str, Tensor]:
            return trained(**asked, **({"first_order": first_order} | options))[2]

        expected = slopes()
        reply = ask(**asked, first_order=first_order, rate_is="a tensor")
        got = {"rate": reply["by_rate"], **reply["by_start"]}
        mistakes = {
            "these numbers take the gradients for constants; create_graph=True gives them a "
            "graph of their own": slopes(first_order=True),
            "these numbers know how the gradients depend on the weights; in first order they "
            "count as constants": slopes(first_order=False),
        }
        idea = (
            "gradients are constants here, and the new weight is still computed from the old one"
            if first_order
            else "the gradient is a function of the weights too; autograd.grad keeps its graph if "
            "you ask it to"
        )
        if all(each is None for each in got.values()):
            idea = "no graph leads anywhere: nn.Parameter(), detach(), .data and no_grad() cut it"
        elif got["rate"] is None:
            idea = "the rate must enter as the tensor it is: item() and float() give numbers"
        idea = recognise(got, mistakes, idea)
        order = "first_order=True" if first_order else "the default order"
        given = f"{TREE}; {_times(steps)}, {order}"
        for name, value in expected.items():
            close(got[name], value, what=f"d loss / d {name}", given=given, idea=idea)

    with report.criterion("the new weights, after one update and after some", 0.5):
        rule = "each weight becomes weight - rate * d loss / d weight, all at once"
        values(FREE, 1, False, "a tensor", TREE, rule)
        values(FREE, 3, False, "a number", TREE, rule)
        values(FREE, 3, True, "a tensor", TREE, rule)
        values(FREE, 1, False, "a tensor", f"{TREE}; {EQUAL}", rule, equal=True)
    with report.criterion("tied weights move as one, and unused ones not at all", 0.5):
        for first_order in (False, True):
            values(
                TIED | UNUSED,
                2,
                first_order,
                "a tensor",
                f"{TREE_TIED}; a layer spare that the loss does not depend on",
                "a tied weight has one gradient, the sum over all its places; autograd.grad "
                "with allow_unused=True gives None for a weight that the loss does not depend on",
            )
    with report.criterion("second order: the graph leads through the gradients", 0.5):
        for steps in (1, 3):
            derivatives(first_order=False, steps=steps)
    with report.criterion("first order: the gradients count as constants", 0.5):
        for steps in (1, 3):
            derivatives(first_order=True, steps=steps)
