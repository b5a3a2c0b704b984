"""The questions of exercise 02 on the weights of a network: named, and put."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..answering import doubled
from ..examining import Failed, Lost, close, must_be_kept, normal, told
from .networks import (
    ABOVE,
    AGAIN,
    BELOW,
    BLOCKS,
    DEEP_FIRST,
    ONE_LAYER,
    RENAMED,
    SHARED,
    UNUSED_WEIGHT,
    VIEWS,
)

FIRST, SECOND = "blocks.0.weight", "blocks.1.weight"
FREE = {
    "gain": (),
    "lift": (),
    "embed.weight": (4, 3),
    "embed.bias": (4,),
    "norm.scale": (4,),
    FIRST: (4, 4),
    "blocks.0.bias": (4,),
    SECOND: (4, 4),
    "blocks.1.bias": (4,),
    **{f"blocks.{number}.weight": (4, 4) for number in range(2, BLOCKS)},
    "head.weight": (2, 4),
}
TIED = {name: shape for name, shape in FREE.items() if name not in SHARED}
LAYER_TWICE = {name: shape for name, shape in FREE.items() if name not in ONE_LAYER}
DEEP_TIE = {(ABOVE if n == BELOW else n): s for n, s in FREE.items() if n not in DEEP_FIRST}
OTHERWISE_CALLED = {RENAMED.get(name, name): shape for name, shape in FREE.items()}
UNUSED = {UNUSED_WEIGHT: (3, 2)}
CONSTANT = {"norm.running_mean": (4,), "mask.weight": (4,)}
TREE = (
    f"a network with the children embed, norm, mask, blocks ({BLOCKS} of them) and head, and "
    "weights gain and lift of its own"
)
TREE_TIED = (
    f"{TREE}; {FIRST}, {SECOND} and blocks.10.weight are the same tensor, and so are gain and lift"
)
EQUAL = f"the first two blocks have equal numbers, in tensors of their own ({FIRST}, {SECOND})"
VIEWED = f"{', '.join(VIEWS)} are leaves in the same memory, w, w.T and w: three weights"
TWICE = "one layer stands in two places, as blocks.6 and blocks.11"
CALLED = f"the weight of norm is called {RENAMED['norm.scale']}"
USED = "each leaf has a .grad, and some parts are in eval mode"
UNSAVED = "norm.scale is registered with persistent=False, so that no state dict has it"
ODD = "some weights are zeros, infinite, empty, in other precisions, or complex"


def tree(shapes: dict[str, tuple], generator: torch.Generator, how: str = "") -> dict:
    """Fresh weights and constants of the network.

    Args:
        how: "equal" gives the first two blocks the same numbers, in tensors of their own; for
            others see `networks.build`.
    """
    constants = normal(CONSTANT, generator) | {"norm.num_batches_tracked": torch.tensor(7)}
    weights = {
        name: w * w.shape[-1] ** -0.5 if w.ndim > 1 else w
        for name, w in normal(shapes, generator).items()
    }
    weights["gain"] = weights["gain"].abs() + 0.5
    if how == "equal":
        weights["blocks.1.bias"] = weights["blocks.0.bias"].clone()
        weights[SECOND] = weights[FIRST].clone()
    if how == "viewed":
        weights[VIEWS[1]] = weights[VIEWS[0]].T.contiguous()
        weights[VIEWS[2]] = weights[VIEWS[0]].clone()
    return {"weights": weights, "constants": constants, "how": how}


def computed(tensors: dict[str, Tensor], x: Tensor) -> Tensor:
    """What the network computes, written out."""

    def at(place: str) -> Tensor:
        return tensors[place if place in tensors else (AGAIN | RENAMED)[place]]

    x = torch.tanh(x @ at("embed.weight").T + at("embed.bias"))
    x = (x - at("norm.running_mean")) * at("norm.scale") * at("mask.weight")
    for number in range(BLOCKS):
        bias = tensors.get(f"blocks.{number}.bias", 0.0)
        x = x + torch.tanh(x @ at(f"blocks.{number}.weight").T + bias) / 4
    return at("gain") * (x @ at("head.weight").T) + at("lift")


def odd(asked: dict) -> dict:
    """The same with weights that one may take for none: by their numbers, sizes, precision."""
    w = asked["weights"]
    others = {
        "gain": torch.zeros(()),
        "lift": w["lift"].double(),
        "embed.bias": torch.zeros(4),
        "norm.scale": torch.full((4,), torch.inf),
        "blocks.0.bias": w["blocks.0.bias"].half(),
        "blocks.2.weight": torch.zeros(0, 4),
        "blocks.3.weight": torch.zeros(0, 3),
        "head.weight": w["head.weight"].double(),
    }
    return asked | {"weights": w | others, "how": "precisions"}


@dataclass
class Looks:
    """What is asked of `named_weights`.

    Args:
        ask: of the exam.
    """

    ask: Callable

    def found(
        self, names, given: str, idea: str, asked: dict, results: bool = False, part: str = ""
    ) -> None:
        """Judge the names, and the tensors, that are found in a network or in a part of it."""
        given = f"{given}; asked for {part}" if part else given
        reply = told(self.ask, asked | {"results": results, "part": part}, given)
        changed = asked["how"] == "changed"
        later = f"; {CHANGED if changed else ''}{ASSIGNED}"
        there = [n for n in names if n != "embed.bias"] + MORE if changed else names
        for key, expected, when in (("names", names, ""), ("names_afterwards", there, later)):
            missing = [name for name in expected if name not in reply[key]]
            others = [name for name in reply[key] if name not in expected]
            if missing or others:
                lists = [
                    f"{what}: {', '.join(some)}"
                    for what, some in (("missing", missing), ("too many", others))
                    if some
                ]
                raise Lost("; ".join(lists), ", ".join(expected) or "{}", given + when, idea)
        for key, when in (("not_the_modules", ""), ("stale", later)):
            if reply[key]:
                raise Lost(
                    f"other tensors than the network's: {', '.join(reply[key])}",
                    "the very tensors that forward computes with",
                    given + when,
                    "clone() and detach() make new tensors, state_dict() detaches, and what is "
                    "kept from an earlier call may stand there no more",
                )
        if asked["how"] == "used":
            must_be_kept(reply["changed"], given, "look, and leave everything in its place")


def exam_named_weights(generator, ask, report):
    """Names; results; ties."""
    found = Looks(ask).found
    with report.criterion("all weights by their dotted names, and nothing else", 0.5):
        everything, given = FREE | UNUSED, f"{TREE}; a layer spare.0.0.0.0"
        rule = (
            "named_buffers() goes through the whole tree; a buffer is a weight if it requires a "
            "gradient, whatever its name is, and whether or not it is saved"
        )
        for how, words in (
            ("", ""),
            ("used", f"; {USED}"),
            ("unsaved", f"; {UNSAVED}"),
            ("changed", ""),
        ):
            found(everything, given + words, rule, tree(everything, generator, how))
        named = OTHERWISE_CALLED | UNUSED
        found(named, f"{given}; {CALLED}", rule, tree(named, generator))
        found(everything, f"{given}; {ODD}", rule, odd(tree(everything, generator)))
        for part in ("embed", "mask", "spare"):
            inside = [n.removeprefix(f"{part}.") for n in everything if n.startswith(f"{part}.")]
            found(inside, given, rule, tree(everything, generator), part=part)
    with report.criterion("weights that are results count as well", 0.5):
        rule = (
            "after an update no weight is a leaf any more; requires_grad holds for leaves and "
            "for results"
        )
        given = f"{TREE}; all weights are results of a computation"
        found(FREE, given, rule, tree(FREE, generator), results=True)
    with report.criterion("a tied weight comes once, under the first of its names", 0.5):
        ties(found, generator)


def ties(found: Callable, generator: torch.Generator) -> None:
    """What is one weight under several names, and what only looks so."""
    rule = "tied weights are one tensor; remember which tensors you have met, by id()"
    found(TIED, TREE_TIED, rule, tree(TIED, generator))
    found(LAYER_TWICE, f"{TREE}; {TWICE}", rule, tree(LAYER_TWICE, generator, "one layer"))
    deep = (
        f"{TREE}; blocks.5.weight and head.weight are the same tensor, and so are {BELOW} and "
        f"{ABOVE}, a weight of the container itself"
    )
    first = (
        "named_buffers() begins with a module's own buffers, and goes down into each child before "
        "it comes to the next one"
    )
    asked = tree({name: s for name, s in FREE.items() if name not in DEEP_FIRST}, generator)
    found(DEEP_TIE, deep, first, asked | {"how": "above"})
    rule = "equal numbers do not make a tie"
    found(FREE, f"{TREE}; {EQUAL}", rule, tree(FREE, generator, "equal"))
    rule = "a tensor and its view share their memory, and are two tensors"
    found(FREE, f"{TREE}; {VIEWED}", rule, tree(FREE, generator, "viewed"))


MORE = ["mask.weight", f"blocks.{BLOCKS}.weight"]
CHANGED = (
    "then embed.bias is frozen, mask.weight is made a weight, and a layer is appended to blocks; "
)
ASSIGNED = "then embed.weight is assigned anew, and the function is called again"
UNKNOWN = {
    "blocks.12.weight": "a layer that is not there",
    "embed.wieght": "a slip of the pen",
    "weight": "a name without the path to it",
    "0.weight": "the end of a name",
    "blocks.0": "the beginning of a name",
    "embed_weight": "a slip of the pen, where a pattern would take the dot for any character",
    "embed.weight.": "a name and a dot",
    ".gain": "a dot and a name",
    "embed..weight": "two dots for one",
    "head.bias": "a bias that is off",
    "embed": "a layer",
    "embed.forward": "a method",
    "norm.noted": "a plain attribute: a tensor that requires a gradient, and no buffer",
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
    "head.weight": (4, 2),
}


def holding(places: list[str], shapes: dict, puts: list[tuple[str, str]]) -> dict[str, str]:
    """What each place holds after all puts: a tensor's key, or "the old NAME"."""
    now = {
        place: f"the old {place if place in shapes else AGAIN.get(place, place)}"
        for place in places
    }
    for name, key in puts:
        old = now[name]
        now = {place: key if token == old else token for place, token in now.items()}
    return now


#: Puts one after the other, as pairs of a name and the key of the tensor that is put there; how the
#: network is, see `tree`, and in words; and what to look at.
PUTS = [
    (
        [("norm.scale", "A"), (*UNUSED, "B")],
        "precisions",
        "everything is in double precision but A and B, in single, and the old weight of spare, "
        "which is complex",
        "no cast: it is this very tensor that stands there afterwards",
    ),
    (
        [("embed.bias", "A"), ("mask.weight", "B")],
        "thawed",
        "after the first put, mask.weight is made to require a gradient",
        "which buffers are weights is to be seen anew in each call",
    ),
    *(
        (
            [(name, "A")],
            "",
            "",
            "follow the dots to the module that owns the name, and set it there",
        )
        for name in ("embed.bias", SECOND, "blocks.10.weight", "gain", "norm.scale")
    ),
    (
        [("embed.weight", "A"), ("head.weight", "B"), (*UNUSED, "C")],
        "",
        "",
        "each tensor goes where its name says",
    ),
    (
        [(FIRST, "A"), ("blocks.0.bias", "B"), ("blocks.0.bias", "C")],
        "equal",
        EQUAL,
        "tensors are tied if they are the same object, not if their numbers are equal; a weight "
        "that was put may be replaced again, though it is a leaf no more",
    ),
    (
        [("embed.bias", "A")],
        "same numbers",
        "its numbers are those that stand there",
        "what is put has the numbers of the old one, and another graph: it goes there as well",
    ),
    (
        [("embed.bias", "A")],
        "used",
        USED,
        "everything else stays as it was, .grad and modes included",
    ),
    (
        [("norm.scale", "A")],
        "unsaved",
        UNSAVED,
        "an assignment leaves it as it was registered, and register_buffer() does not",
    ),
    (
        [(VIEWS[0], "A")],
        "viewed",
        VIEWED,
        "views share their memory, and are two tensors: only one was named",
    ),
]
TIED_PUTS = [
    [(FIRST, "A")],
    [(SECOND, "A")],
    [("blocks.10.weight", "A")],
    [(SECOND, "A"), (FIRST, "B")],
    [("embed.bias", "A"), (SECOND, "B")],
    [("gain", "A")],
    [("lift", "A")],
]
NO_WEIGHTS = [*CONSTANT, "norm.num_batches_tracked"]


@dataclass
class Puts:
    """What is asked of `put_weight`.

    Args:
        ask: of the exam.
        generator: of the exam.
    """

    ask: Callable
    generator: torch.Generator

    def __post_init__(self):
        self.x, self.probe = (torch.randn(5, n, generator=self.generator) for n in (3, 2))

    def put(self, shapes: dict, puts: list, how: str, given: str, idea: str) -> None:
        """Judge some puts: what is computed, its slopes, what stands where, and what changed."""
        given = f"{given}; put: {', '.join(f'{key} at {name}' for name, key in puts)}"
        reply, output, leaves, there = self.computes(shapes, puts, how, given, idea)
        slopes = grads((self.probe.double() * output).sum(), list(leaves.values()))
        in_use = [token for place, token in there.items() if place not in UNUSED]
        for key, value in zip(leaves, slopes, strict=True):
            if key in in_use:
                close(
                    reply["by_source"][key],
                    value,
                    what=f"the derivative in the source of the tensor {key}",
                    given=given,
                    idea="the tensor must go into its place as it is; detach(), .data, copy_() "
                    "under no_grad() and nn.Parameter() leave its graph behind",
                )
        found = dict.fromkeys(there, "nothing") | reply["holds"]
        wrong = [place for place in found if found[place] != there.get(place)]
        if wrong:
            raise Lost(
                "; ".join(f"{place} holds {found[place]}" for place in wrong),
                "; ".join(f"{place} holds {there.get(place, 'nothing')}" for place in wrong),
                given,
                f"{idea}; and it is the very tensor that is put, not a copy of it",
            )
        if how in ("used", "unsaved"):
            must_be_kept(
                reply["changed"],
                given,
                "the graph of an earlier step may need the old tensors, and nothing but the tensor "
                "in its place is another one: exchange tensors as an assignment does",
            )

    def computes(
        self, shapes: dict, puts: list, how: str, given: str, idea: str
    ) -> tuple[dict, Tensor, dict[str, Tensor], dict[str, str]]:
        """The output is right: the reply, the output, the sources, and what stands where."""
        asked = tree(shapes | UNUSED, self.generator, how)
        sizes = FREE | OTHERWISE_CALLED | UNUSED | CONSTANT
        sources = normal({key: sizes[name] for name, key in puts}, self.generator)
        if how == "same numbers":
            asked["weights"] |= {name: sources[key].double().square() for name, key in puts}
        names, keys = (list(column) for column in zip(*puts, strict=True))
        asked |= {"names": names, "keys": keys, "sources": sources}
        reply = told(self.ask, asked | {"x": self.x, "probe": self.probe}, given)
        leaves = {key: s.double().requires_grad_() for key, s in sources.items()}
        places = list(dict.fromkeys([*shapes, *AGAIN, *UNUSED, *NO_WEIGHTS]))
        there = holding(places, shapes, puts)
        old = doubled(asked["weights"] | asked["constants"])
        now = {
            place: leaves[token] ** 2 if token in leaves else old[token.removeprefix("the old ")]
            for place, token in there.items()
        }
        output = computed(now, self.x.double())
        what = "what the network computes"
        close(reply["output"], output.detach(), what=what, given=given, idea=idea)
        return reply, output, leaves, there

    def refused(self, name: str, tensor: Tensor, error: str, given: str, idea: str) -> None:
        """Judge a call that must raise an error, and change nothing."""
        shapes = TIED if name in TIED.keys() & set(SHARED.values()) else FREE
        asked = tree(shapes | UNUSED, self.generator) | {"name": name, "tensor": tensor}
        reply = told(self.ask, asked, given)
        if error not in reply["raised"]:
            raise Lost(reply["said"], error, given, idea)
        if reply["changed"]:
            raise Lost(
                f"{error}, and changed: {', '.join(reply['changed'])}",
                f"{error}, and a network that is as it was",
                given,
                "look first, change afterwards",
            )

    def works(self) -> None:
        """A weight that exists is replaced: who refuses everything has not refused anything."""
        try:
            self.computes(FREE, [("embed.weight", "A")], "", TREE, "")
        except Failed:
            raise
        except Lost:
            raise Lost("a weight that exists is not replaced yet", idea="begin there") from None


def exam_put_weight(generator, ask, report):
    """Value and graph; ties; unknown names; wrong shapes."""
    puts = Puts(ask, generator)
    with report.criterion("the network computes with the tensor, and its graph leads back", 1):
        for some, how, words, idea in PUTS:
            puts.put(FREE, some, how, f"{TREE}; {words}" if words else TREE, idea)
        named = [(RENAMED["norm.scale"], "A")]
        rule = "whether a buffer is a weight is said by requires_grad, and not by its name"
        puts.put(OTHERWISE_CALLED, named, "", f"{TREE}; {CALLED}", rule)
    with report.criterion("tied weights stay tied, whichever name is given", 0.5):
        rule = "find the tensor that goes by this name, then every place where it stands"
        for some in TIED_PUTS:
            puts.put(TIED, some, "", TREE_TIED, rule)
        for place in ("blocks.6.weight", "blocks.11.weight"):
            puts.put(LAYER_TWICE, [(place, "A")], "one layer", f"{TREE}; {TWICE}", rule)
        one = [(VIEWS[0], "A"), (VIEWS[1], "A"), (VIEWS[0], "B")]
        puts.put(FREE, one, "", f"{TREE}; A stands in two places then, which ties them", rule)
    with report.criterion("unknown names raise KeyError, and nothing changes", 0.5):
        puts.works()
        for name, what in UNKNOWN.items():
            tensor = torch.randn(
                {**FREE, **CONSTANT}.get(name.strip("."), (4,)), generator=generator
            )
            puts.refused(
                name,
                tensor,
                "KeyError",
                f"{TREE}; the name {name!r}, {what}",
                "only the names of weights may be given; named_buffers(remove_duplicate=False) "
                "and requires_grad tell which those are",
            )
    with report.criterion("a wrong shape raises ValueError, and nothing changes", 0.5):
        puts.works()
        for name, shape in WRONG_SHAPES.items():
            puts.refused(
                name,
                torch.randn(shape, generator=generator),
                "ValueError",
                f"{TREE}; the name {name!r} and a tensor of shape {shape}",
                f"this weight has the shape {FREE[name]}",
            )


def grads(total: Tensor, leaves: list[Tensor]) -> tuple[Tensor, ...]:
    """The derivatives, zeros where there is no graph."""
    return torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)
