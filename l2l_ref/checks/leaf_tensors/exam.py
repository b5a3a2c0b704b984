"""The examining side of exercise 01: which tensors carry a graph, and how a weight can."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from ..examining import (
    Check,
    Failed,
    Lost,
    Question,
    close,
    must_be_kept,
    normal,
    rate_near,
    recognise,
    show,
)
from .run import (
    build,
    run_first_order,
    run_kind,
    run_learn_rates,
    run_loss_after,
    run_put,
    run_sgd_step,
)

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = ("l2l_ref.modules", "l2l_ref.unroll")

CONSTANTS = [
    "x",
    "2 * x",
    "torch.arange(3)",
    "w.data",
    "w.detach()",
    "(2 * w).detach()",
    "2 * w, under torch.no_grad()",
    "nn.Parameter(x, requires_grad=False)",
]
LEAVES = [
    "w",
    "x.clone().requires_grad_()",
    "w.detach().requires_grad_()",
    "nn.Parameter(x)",
    "nn.Parameter(2 * w)",
]
RESULTS = [
    "2 * w",
    "w.clone()",
    "w.view(-1)",
    "w[0]",
    "w.double()",
    "w.sum()",
    "x.clone().add_(w)",
]


def shuffled(ways: list[str], generator: torch.Generator) -> list[str]:
    """The same in random order."""
    return [ways[k] for k in torch.randperm(len(ways), generator=generator).tolist()]


def exam_kind(generator, ask, report):
    """Tell constants from leaves, and leaves from results."""
    expected = dict.fromkeys(CONSTANTS, "constant") | dict.fromkeys(LEAVES, "leaf")
    expected |= dict.fromkeys(RESULTS, "result")

    def told(ways: list[str], idea: str) -> None:
        ways = shuffled(ways, generator)
        kinds = ask(x=torch.randn(4, generator=generator), made=ways)["kinds"]
        for way, kind in zip(ways, kinds, strict=True):
            if kind not in expected.values():
                raise Lost(repr(kind), "'constant', 'leaf' or 'result'", way, "spelling counts")
            if kind != expected[way]:
                made = f"{way}, where x = torch.randn(4) and w = x.clone().requires_grad_()"
                raise Lost(repr(kind), repr(expected[way]), made, idea)

    with report.criterion("constants and leaves are told apart", 1):
        told(
            CONSTANTS + LEAVES,
            "which of them get a .grad from backward()? is_leaf is True for every tensor that no "
            "recorded operation made, also for one that asks for no gradient",
        )
    with report.criterion("leaves and results are told apart", 1):
        told(
            LEAVES + RESULTS,
            "both require gradients; only a result knows the operation that made it (grad_fn)",
        )


SHAPES = {"weight": (3, 2), "bias": (3,), "scale": ()}


def exam_sgd_step(generator, ask, report):
    """Values; the graph to the rate; the graph to weights and gradients."""
    weights, gradients, probes = (normal(SHAPES, generator) for _ in range(3))
    gradients = dict(reversed(gradients.items()))  # names count, not places
    rate = rate_near(0.1, generator)
    given = f"weights {', '.join(SHAPES)} and the rate {show(rate)}; all of them require gradients"

    def asked() -> dict:
        reply = ask(weights=weights, gradients=gradients, rate=rate, probes=probes)
        for name, w in weights.items():
            new = w.double() - rate.double() * gradients[name].double()
            rule = "new weight = weight - rate * gradient, for every name"
            close(reply["values"][name], new, what=f"new {name}", given=given, idea=rule)
        return reply

    def idea(reply: dict, otherwise: str) -> str:
        found = [reply["by_rate"], *reply["by_weight"].values(), *reply["by_gradient"].values()]
        if all(each is None for each in found):
            return (
                "no graph leads anywhere: nn.Parameter(...), detach(), .data and no_grad() all "
                "give the numbers of a result and cut what is behind it"
            )
        return otherwise

    with report.criterion("the new values follow the rule, and the old ones stay", 1):
        must_be_kept(
            asked()["changed"],
            given,
            "operations that end in an underscore, +=, .data, backward() and writing into a dict "
            "that was given change things for the caller too",
        )
    with report.criterion("the graph leads back to the rate", 1):
        reply = asked()
        terms = torch.cat([(probes[n].double() * gradients[n].double()).view(-1) for n in weights])
        hint = "the rate must enter as the tensor it is: item() and float() give numbers"
        close(
            reply["by_rate"],
            -terms.sum(),
            what="d/d rate",
            given=given,
            idea=idea(reply, hint),
            scale=float(terms.abs().sum()),
        )
    with report.criterion("the graph leads back to weights and gradients", 1):
        reply = asked()
        hint = idea(reply, "detach(), .data and no_grad() cut the graph, and so does nn.Parameter")
        for n in weights:
            what = f"d/d {n}"
            close(reply["by_weight"][n], probes[n], what=what, given=given, idea=hint)
            expected = -rate.double() * probes[n].double()
            what = f"d/d gradient of {n}"
            close(reply["by_gradient"][n], expected, what=what, given=given, idea=hint)


FLAT = {"weight": (2, 3), "bias": (2,)}
NESTED = {
    "encoder.0.weight": (4, 3),
    "encoder.0.bias": (4,),
    "head.weight": (2, 4),
    "head.bias": (2,),
}


#: Names that no parameter has: none at all, an attribute, a layer that is not there, an option
#: that is off, a buffer.
UNKNOWN = [
    ("nn.Linear(3, 2)", FLAT, "weights"),
    ("nn.Linear(3, 2)", FLAT, "in_features"),
    ("nn.Linear(3, 2)", FLAT, "head.weight"),
    ("nn.Linear(3, 2, bias=False)", {"weight": (2, 3)}, "bias"),
    ("nn.BatchNorm1d(2)", dict.fromkeys(("weight", "running_mean"), (2,)), "running_mean"),
]


def with_tensor(weights, name, source, x, probe) -> tuple[Tensor, Tensor]:
    """In float64: the output with ``source ** 2`` in a weight's place, and d <probe, output>."""
    weights = {n: w.double() for n, w in weights.items()}
    source = source.double().requires_grad_()
    output = functional_call(build(weights), weights | {name: source**2}, (x.double(),))
    (by_source,) = torch.autograd.grad((probe.double() * output).sum(), source)
    return output.detach(), by_source


def exam_put(generator, ask, report):
    """Value, graph, dotted names, unknown names."""
    x, probe = torch.randn(5, 3, generator=generator), torch.randn(5, 2, generator=generator)

    def question(shapes: dict, name: str) -> dict:
        source = torch.rand(shapes.get(name, (2,)), generator=generator) + 0.5
        weights = normal(shapes, generator)
        return {"weights": weights, "name": name, "source": source, "x": x, "probe": probe}

    def computes_with_it(shapes: dict, name: str) -> dict:
        asked = question(shapes, name)
        reply, (output, _) = ask(**asked), with_tensor(**asked)
        *path, last = name.split(".")
        owner = f"the layer {'.'.join(path)}" if path else "the layer"
        idea = f"forward reads self.{last} of {owner}: that must now be the tensor that was given"
        given = f"{network(shapes)}, the name {name!r}, a new tensor"
        close(reply["output"], output, what="what the network computes", given=given, idea=idea)
        return reply

    def network(shapes: dict) -> str:
        return "nn.Linear(3, 2)" if shapes is FLAT else "an nn.Sequential of encoder and head"

    with report.criterion("the network computes with the tensor, the old parameter is gone", 1):
        for name in shuffled(list(FLAT), generator):
            reply, given = computes_with_it(FLAT, name), f"nn.Linear(3, 2) and the name {name!r}"
            if reply["still_there"]:
                raise Lost(
                    f"parameters() still returns the old {name}",
                    "a network that knows nothing of the parameter that was replaced",
                    given,
                    "new numbers went into the old parameter, which is still registered"
                    if reply["overwritten"]
                    else "a name can live in the object's __dict__ and in _parameters at once; "
                    "then the two disagree",
                )
            for what, names in (("gone", reply["gone"]), ("frozen", reply["frozen"])):
                if names:
                    raise Lost(
                        f"{what}: the parameter {', '.join(names)}",
                        "all other parameters, the very same objects, as trainable as before",
                        given,
                        "replace the one that was named, and leave the others alone",
                    )
    with report.criterion("the graph leads back to what the tensor was computed from", 1):
        for name in shuffled(list(FLAT), generator):
            asked = question(FLAT, name)
            close(
                ask(**asked)["by_source"],
                with_tensor(**asked)[1],
                what="the derivative of its outputs in source",
                given=f"nn.Linear(3, 2), the name {name!r}, the tensor source ** 2",
                idea="nn.Parameter(t) and detach() make new tensors with the numbers of t, and "
                ".data copies numbers; a name that is no longer registered as a parameter takes "
                "any tensor",
            )
    with report.criterion("dotted names reach inner layers", 1):
        for name in ("encoder.0.weight", "head.bias"):
            computes_with_it(NESTED, name)
    with report.criterion("unknown names raise KeyError", 1):
        try:
            computes_with_it(FLAT, "weight")
        except Failed:
            raise
        except Lost:
            raise Lost("a name that exists is not replaced yet", idea="begin there") from None
        for layer, shapes, name in UNKNOWN:
            raised = ask(**question(shapes, name))["raised"]
            if "KeyError" not in raised:
                raise Lost(
                    f"it raised {raised[0]}" if raised else "nothing was raised",
                    "KeyError",
                    f"{layer} and the name {name!r}, which no parameter of it has",
                    "dict(module.named_parameters()) knows every name that may be replaced",
                )


def unrolled(
    weights, x, y, rates, steps, *, as_inputs: bool, connected: int | None = None
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss after gradient descent in float64, and its derivative in each rate.

    Args:
        as_inputs: whether the gradients count as inputs, without a graph of their own.
        connected: how many of the last steps the derivative knows of; by default all.
    """
    now = {name: w.double().requires_grad_() for name, w in weights.items()}
    rates = {name: rate.double().requires_grad_() for name, rate in rates.items()}
    network, x, y = build({n: w.detach() for n, w in now.items()}), x.double(), y.double()
    for step in range(steps):
        if steps - step == connected:
            now = {n: w.detach().requires_grad_() for n, w in now.items()}
        loss = F.mse_loss(functional_call(network, now, (x,)), y)
        gradients = torch.autograd.grad(loss, list(now.values()), create_graph=not as_inputs)
        now = {n: now[n] - rates[n] * g for n, g in zip(now, gradients, strict=True)}
    loss = F.mse_loss(functional_call(network, now, (x,)), y)
    by_rate = torch.autograd.grad(loss, list(rates.values()), materialize_grads=True)
    return loss.detach(), dict(zip(rates, by_rate, strict=True))


def judge_derivatives(got, problem: dict, steps: int, *, as_inputs: bool, idea: str) -> None:
    """Compare the derivatives in all rates; a known mistake is called by its name.

    Raises:
        Lost: they differ.
    """

    def derivatives(steps=steps, **options) -> dict[str, Tensor]:
        return unrolled(**problem, steps=steps, **options)[1]

    expected = derivatives(as_inputs=as_inputs)
    mistakes = {
        "these numbers leave out how the later gradients depend on the rates; autograd.grad gives "
        "gradients as constants unless create_graph=True": derivatives(as_inputs=True),
        "these numbers include how the later gradients depend on the rates; here the gradients "
        "count as constants, without a graph": derivatives(as_inputs=False),
        "only the last step counts in these numbers; the weights before it depend on the rates "
        "too, so nothing may be detached between the steps": derivatives(
            as_inputs=as_inputs, connected=1
        ),
        "these numbers belong to the loss before the last update; compute the loss once more "
        "after it": derivatives(steps - 1, as_inputs=as_inputs),
        "the sign is wrong: a step goes against the gradient": {
            name: -value for name, value in expected.items()
        },
    }
    if all(got[name] is None for name in expected):
        idea = "something cuts every path: item(), detach(), nn.Parameter, .data or no_grad()"
    idea = recognise(got, mistakes, idea)
    largest = max(float(value.abs()) for value in expected.values())
    for name, value in expected.items():
        what = f"d loss / d rate of {name}"
        close(got[name], value, what=what, given=given_for(steps), idea=idea, scale=largest)


def regression(generator, rate: float = 0.1) -> dict:
    """A small network, its data, and a rate for each of its weights."""
    weights = normal(NESTED, generator)
    x, y = torch.randn(8, 3, generator=generator), torch.randn(8, 2, generator=generator)
    rates = {name: rate_near(rate, generator) for name in reversed(weights)}  # names count
    return {"weights": weights, "x": x, "y": y, "rates": rates}


def given_for(steps: int) -> str:
    """What questions 4 and 5 give, in words."""
    return f"a network with 4 parameters, a rate for each, steps = {steps}"


KEEP = (
    "functional_call runs the module with the weights you give it, so its own need never change; "
    "backward() adds to .grad, and autograd.grad does not"
)


def exam_loss_after(generator, ask, report):
    """The loss; its derivative through all steps."""
    problem = regression(generator)

    def asked(steps: int) -> tuple[dict, str]:
        loss, _ = unrolled(**problem, steps=steps, as_inputs=True)
        reply, given = ask(**problem, steps=steps), given_for(steps)
        idea = "each step moves every parameter by its own rate; then one more forward pass"
        close(reply["loss"], loss, what="the loss", given=given, idea=idea)
        return reply, given

    with report.criterion("the loss after the last step; all that was given stays as it was", 2):
        for steps in (1, 4, 0):
            reply, given = asked(steps)
            must_be_kept(reply["changed"], given, KEEP)
            idea = "the first call left something behind that the second one started from"
            what = "the loss of a second call"
            close(reply["again"], reply["loss"], what=what, given=given, idea=idea)
    with report.criterion("its derivative in each rate, through all steps", 2):
        reply, _ = asked(4)
        judge_derivatives(
            reply["by_rate"],
            problem,
            4,
            as_inputs=False,
            idea="a later gradient depends on the rates too, since it is taken at weights that "
            "they have moved; autograd.grad keeps that graph if you ask it to",
        )


def exam_first_order(generator, ask, report):
    """The derivative when gradients count as inputs; what was given."""
    problem = regression(generator)

    def asked(steps: int) -> dict:
        reply = ask(**problem, steps=steps)
        judge_derivatives(
            reply["by_rate"],
            problem,
            steps,
            as_inputs=True,
            idea="the weights after the last step are theta_0 - rate * (sum of the gradients "
            "before), with numbers for gradients; the last factor of the chain rule is the "
            "gradient at those last weights",
        )
        return reply

    with report.criterion("the derivatives, with gradients as inputs", 1.5):
        asked(1)
        asked(4)
    with report.criterion("module and rates stay as they were, and a second call agrees", 0.5):
        reply, given = asked(4), given_for(4)
        must_be_kept(reply["changed"], given, KEEP)
        for name, first in reply["by_rate"].items():
            close(reply["again"][name], first, what=f"{name}, second call", given=given, idea=KEEP)


def exam_learn_rates(generator, ask, report):
    """Values; leaves."""
    A, b = torch.randn(4, 3, generator=generator), torch.randn(4, generator=generator)
    rates = {name: rate_near(0.3, generator) for name in ("encoder", "head", "bias")}
    meta_rate, steps = 0.05, 5

    def learned(forget: float) -> dict[str, Tensor]:
        """Gradient descent with the gradient worked out; ``forget`` 0 lets gradients add up."""
        r, g = torch.stack(list(rates.values())).double(), 0
        for _ in range(steps):
            g = (1 - forget) * g + 2 * A.double().T @ (A.double() @ r - b.double())
            r = r - meta_rate * g
        return dict(zip(rates, r, strict=True))

    def asked(rates_are: str) -> tuple[dict, str]:
        given = f"3 rates, which are {rates_are}, meta_rate = {meta_rate}, steps = {steps}"
        reply = ask(
            probe_A=A,
            probe_b=b,
            rates=rates,
            meta_rate=meta_rate,
            steps=steps,
            rates_are=rates_are,
        )
        expected = learned(forget=1.0)
        mistakes = {
            "backward() adds to .grad; set it to None after each step, or use autograd.grad": (
                learned(forget=0.0)
            )
        }
        rule = "rate <- rate - meta_rate * d loss_of(rates) / d rate, for all rates at once"
        idea = recognise(reply["values"], mistakes, rule)
        for name in rates:
            close(reply["values"][name], expected[name], what=name, given=given, idea=idea)
        return reply, given

    with report.criterion("the learned rates; those given stay as they were", 1):
        for rates_are in ("constants", "leaves"):
            reply, given = asked(rates_are)
            must_be_kept(
                reply["changed"],
                given,
                "begin with tensors and a dict of your own; detach() shares its memory with the "
                "caller's tensor, so that a step in place goes there, and clone() does not; "
                "requires_grad_() and backward() act on the very tensor they are called on",
            )
    with report.criterion("every step begins with leaves, and the result is leaves", 1):
        for rates_are in ("constants", "results"):
            reply, given = asked(rates_are)
            for what, kinds in (("loss_of was called with", "met"), ("returned:", "returned")):
                others = [f"{kind}s" for kind in reply[kinds] if kind != "leaf"]
                if others:
                    raise Lost(
                        f"{what} {' and '.join(others)}",
                        "trainable leaves, in every step and at the end",
                        given,
                        "a result carries the graph of all steps before: detach() it; a constant "
                        "asks for no gradient: requires_grad_() makes a leaf of it",
                    )


check = Check(
    "leaf_tensors",
    version="1",
    questions={
        "kind": Question(2, exam_kind, run_kind),
        "sgd_step": Question(3, exam_sgd_step, run_sgd_step),
        "put": Question(4, exam_put, run_put),
        "loss_after": Question(4, exam_loss_after, run_loss_after),
        "first_order": Question(2, exam_first_order, run_first_order),
        "learn_rates": Question(2, exam_learn_rates, run_learn_rates),
    },
)
