"""Question 3 of exercise 01: a tensor with its graph in a parameter's place."""

import torch
from torch.func import functional_call

from ..examining import Failed, Lost, close, normal, told
from .networks import BATCHES, build, shapes_of
from .steps import DIGITS, DOUBLE, must_stay, told_why

FLAT, NESTED = "nn.Linear(3, 2)", "an nn.Sequential of encoder and head"
FROZEN = "nn.Linear(3, 2) with a frozen weight"
SEVERAL = "a network that holds one parameter in several places"
TWICE = "a network with one layer in two places"
COMPUTES = "what the network computes"
CUT = (
    "nn.Parameter(t), nn.Buffer(t) and detach() make new tensors with the numbers of t, and .data "
    "copies numbers; a name that is no longer registered as a parameter takes any tensor"
)
LISTED = "a network with an nn.ParameterList and an nn.ParameterDict"

#: What is replaced, one after the other, and what is special about it.
REPLACED = [
    (FLAT, ["bias"], {}),
    (FLAT, ["weight", "bias"], {"views": True}),
    (FLAT, ["bias"], {"tensor_is": "constant"}),
    (FLAT, ["bias"], {"tensor_is": "leaf"}),
    (FROZEN, ["weight"], {}),
    (FROZEN, ["bias"], {}),
    (SEVERAL, ["mix"], {}),
    ("a network in which names end alike", ["weight"], {"alike": True}),
    ("a network with two parameters in one memory", ["weight"], {"alike": True}),
]
GRAPHS = [
    (FLAT, ["weight"], {}),
    (FLAT, ["bias"], {"views": True}),
    (FLAT, ["weight"], {"tensor_is": "leaf"}),
    (FLAT, ["weight"], {"tensor_is": "constant"}),
    (FLAT, ["bias"], {"recording": False}),
]
DOTTED = [
    (NESTED, ["encoder.0.weight"], {}),
    (NESTED, ["head.bias"], {}),
    ("twelve layers in a row", ["1.weight"], {}),
    ("twelve layers in a row", ["10.bias"], {}),
    (SEVERAL, ["second.bias"], {}),
    (TWICE, ["0.bias"], {}),
    (LISTED, ["steps.1"], {}),
    (LISTED, ["named.shift"], {}),
    ("layers in layers, five levels deep", ["0.0.0.0.weight"], {}),
    ("a network in which names end alike", ["b.weight"], {}),
]

#: Containers whose own assignment makes parameters of tensors.
LISTS = [(LISTED, ["steps.1"], {}), (LISTED, ["named.shift"], {})]

#: What to look at when the network computes with something else.
IDEAS = {
    TWICE: "one layer has two names, but it is one object with one attribute",
    SEVERAL: "named_parameters() gives one name to each; which parts hold this very object?",
    FROZEN: "a frozen parameter is replaced as any other is",
    LISTED: "what an nn.ParameterList or an nn.ParameterDict is given by [] becomes a parameter; "
    "their places are attributes as well",
}

#: Names that no parameter has: none at all, an attribute, a layer that is not there, an option
#: that is off, buffers, a part, a piece of a name, the second name of a parameter.
UNKNOWN = [
    (FLAT, "weights"),
    (FLAT, "Weight"),
    (FLAT, "in_features"),
    (FLAT, "training"),
    (FLAT, "head.weight"),
    (FLAT, ""),
    (NESTED, "weight"),
    (NESTED, "encoder"),
    (NESTED, "encoder.0"),
    (NESTED, "encoder.weight"),
    ("nn.Linear(3, 2, bias=False)", "bias"),
    ("a network with batch norm and a counter", "1.running_mean"),
    ("a network with batch norm and a counter", "3.calls"),
    (SEVERAL, "second.weight"),
    (SEVERAL, "also"),
    (TWICE, "2.weight"),
]


def with_tensors(network, weights, sources, x, probe, tensor_is="result", **_) -> tuple:
    """In float64: the output with ``source ** 2`` in some places, and d <probe, output>."""
    weights = {n: w.double() for n, w in weights.items()}
    sources = {n: s.double().requires_grad_() for n, s in sources.items()}
    squares = {n: s**2 for n, s in sources.items()}
    output = functional_call(build(network, weights), weights | squares, (x.double(),))
    within = squares if tensor_is == "leaf" else sources
    by_source = torch.autograd.grad((probe.double() * output).sum(), list(within.values()))
    return output.detach(), dict(zip(sources, by_source, strict=True))


def drawn(network: str, names: list[str], generator, alike: bool = False, **options) -> dict:
    """A question: the network's weights and the numbers of what comes in their places.

    Args:
        alike: whether all parameters of one shape have the same numbers.
    """
    shapes = shapes_of(network)
    weights = normal(shapes, generator)
    if alike:
        first = {tuple(w.shape): w for w in reversed(weights.values())}
        weights = {n: first[tuple(w.shape)] for n, w in weights.items()}
    sources = {n: torch.rand(shapes[n], generator=generator) + 0.5 for n in names}
    x = torch.randn(BATCHES.get(network, (8, 3)), generator=generator)
    output = build(network, weights)(x)
    probe = torch.randn(output.shape, generator=generator)
    return {"network": network, "weights": weights, "sources": sources, "x": x, "probe": probe} | (
        options
    )


def in_words(network: str, names: list[str], options: dict) -> str:
    """What was given."""
    words = [f"{network}, the name {' and then '.join(map(repr, names))}"]
    words += [f"a new tensor, which is a {options.get('tensor_is', 'result')}"]
    if options.get("alike"):
        words += ["all old weights of one shape are equal"]
    if options.get("views"):
        words += ["which does not lie in one piece in memory"]
    if not options.get("recording", True):
        words += ["put is called under torch.no_grad()"]
    return ", ".join(words)


def exam_put(generator, ask, report):
    """Value, graph, dotted names, unknown names."""

    def asked(network: str, names: list[str], options: dict) -> tuple[dict, dict, str]:
        question = drawn(network, names, generator, **options)
        given = in_words(network, names, options)
        return question, told_why(ask, question, given, IDEAS.get(network, "")), given

    def computes_with_it(network: str, names: list[str], options: dict, **more) -> tuple:
        question, reply, given = asked(network, names, options | more)
        *path, last = names[-1].split(".")
        owner = f"the layer {'.'.join(path)}" if path else "the layer"
        idea = f"forward reads self.{last} of {owner}: that must now be the tensor that was given"
        words = {"given": given, "idea": IDEAS.get(network, idea)}
        close(reply["output"], with_tensors(**question)[0], what=COMPUTES, **words)
        return reply, given

    with report.criterion("the network computes with the tensor, the old parameter is gone", 0.5):
        for case in REPLACED:
            old_is_gone(*computes_with_it(*case))
        others = [in_float64(generator, ask, of) for of in (torch.float64, torch.float32)]
    as_it_is = not report.criteria[-1].lost
    with report.criterion("the graph leads back to what the tensor was computed from", 1):
        for case in GRAPHS:
            leads_back(*asked(*case))
        for case in others if as_it_is else ():
            leads_back(*case)
    paid = report.criteria[-1].lost
    with report.criterion("dotted names reach inner layers", 1):
        for case in DOTTED:
            computes_with_it(*case)
        for case in () if paid else LISTS:
            leads_back(*asked(*case))
    with report.criterion("unknown names raise KeyError", 0.5):
        try:
            computes_with_it(FLAT, ["weight"], {})
        except Failed:
            raise
        except Lost:
            raise Lost("a name that exists is not replaced yet", idea="begin there") from None
        for network, name in UNKNOWN:
            is_refused(network, name, generator, ask)


def leads_back(question: dict, reply: dict, given: str) -> None:
    """The graph of what the network computes leads to what the tensors were computed from.

    Raises:
        Lost: it does not, or the derivative is another.
    """
    constant = question.get("tensor_is") == "constant"
    for name, expected in () if constant else with_tensors(**question)[1].items():
        close(
            reply["by_source"][name],
            expected,
            what="the derivative of its outputs in source",
            given=f"{given}, source ** 2",
            idea=IDEAS[LISTED] if question["network"] == LISTED else CUT,
        )
    if reply["strange"]:
        raise Lost(
            "a graph that begins at a leaf that was not there before",
            "a graph that leads to what was given, and to nothing where that is a constant",
            given,
            CUT,
        )


def in_float64(generator, ask, of_weights: torch.dtype) -> tuple[dict, dict, str]:
    """Tensors with digits that float32 does not have, also where the old ones had less.

    Raises:
        Lost: the network computes with something else, or cannot compute any more.
    """
    question = drawn(FLAT, ["weight", "bias"], generator)
    question["weights"] = {n: t.to(of_weights) for n, t in question["weights"].items()}
    question["sources"] = {n: t.double() / 3 for n, t in question["sources"].items()}
    question |= {"x": question["x"].double(), "probe": question["probe"].double()}
    given = f"{FLAT} in {str(of_weights).removeprefix('torch.')}"
    given += ", the name 'weight' and then 'bias', new tensors and an input in float64"
    reply = told_why(ask, question, given, "each tensor goes in as it is, in its own dtype")
    close(
        reply["output"],
        with_tensors(**question)[0],
        what=COMPUTES,
        given=given,
        idea=f"the tensor goes in as it is; {DIGITS}",
        tolerance=DOUBLE,
    )
    return question, reply, given


def old_is_gone(reply: dict, given: str) -> None:
    """Nothing is left of the old parameter, and all else is as it was.

    Raises:
        Lost: something is.
    """
    if reply["still_there"]:
        raise Lost(
            f"parameters() still returns the old {' and '.join(reply['still_there'])}",
            "a network that knows nothing of the parameter that was replaced",
            given,
            "new numbers went into the old parameter, which is still registered"
            if reply["overwritten"]
            else "a name can live in the object's __dict__ and in _parameters at once, then the "
            "two disagree; and a module can hold one parameter in several places",
        )
    if reply["changed"]:
        raise Lost(
            f"changed: {', '.join(reply['changed'])}",
            "all else, the very same objects, in the same order and modes, as trainable as before; "
            "the old one, to which a graph may lead, too",
            given,
            "replace the one that was named, and leave all others alone",
        )


def is_refused(network: str, name: str, generator, ask) -> None:
    """A name that no parameter has is answered with a KeyError, and nothing has happened.

    Raises:
        Lost: it is not.
    """
    question = drawn(network, [], generator)
    given = f"{network} and the name {name!r}, which named_parameters() of it does not have"
    asked = {"network": network, "weights": question["weights"], "name": name, "x": question["x"]}
    reply = told(ask, asked, given)
    if "KeyError" not in reply["raised"]:
        raise Lost(
            f"it raised {reply['raised'][0]}" if reply["raised"] else "nothing was raised",
            "KeyError",
            given,
            "dict(module.named_parameters()) knows every name that may be replaced",
        )
    idea = "look whether there is such a parameter before anything is changed"
    must_stay(reply["changed"], given, idea)
