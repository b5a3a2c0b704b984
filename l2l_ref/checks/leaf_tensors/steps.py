"""Question 2 of exercise 01: a step that can be differentiated."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..examining import (
    Failed,
    Lost,
    Report,
    close,
    must_be_kept,
    normal,
    rate_near,
    recognise,
    show,
    told,
)
from .given import higher

#: Of float64: its own rounding is a thousand times smaller, that of float32 a thousand times more.
DOUBLE = 1e-11

#: What to look at when the numbers are wrong in a special case.
DIGITS = "float64 stays float64: float() and the default dtype cut half of its digits off"
AS_IT_IS = "the rule holds for every gradient, whatever its size: nothing is clipped or replaced"
ITS_OWN = "each weight is worked on by itself: torch.cat and torch.stack bring all to one dtype"
BY_NAME = "is the gradient of each weight found by its name? The dicts have another order here"
UPHILL = "the sign is wrong: a step goes against the gradient"
IN_USE = "what lies in .grad belongs to somebody else; it is neither read nor added to"

SHAPES = {"weight": (3, 2), "bias": (3,), "scale": ()}
MANY = {f"w{k}": (2,) for k in range(1, 13)}


@dataclass(frozen=True)
class Step:
    """A step that is asked for.

    Args:
        words: what is special about it.
        shapes: of the weights.
        change: makes other numbers of those that were drawn.
        options: how `run_sgd_step` asks for it.
        idea: what to look at when the new weights are wrong here.
    """

    words: str
    shapes: dict = field(default_factory=lambda: SHAPES)
    change: Callable[[dict], dict] = lambda asked: asked
    options: dict = field(default_factory=dict)
    idea: str = "new weight = weight - rate * gradient, for every name"

    def drawn(self, generator: torch.Generator) -> dict:
        """Random weights, gradients, rate and probes."""
        weights, gradients, probes = (normal(self.shapes, generator) for _ in range(3))
        gradients = dict(reversed(gradients.items()))  # names count, not places
        rate = rate_near(0.1, generator)
        asked = {"weights": weights, "gradients": gradients, "rate": rate, "probes": probes}
        return self.change(asked) | self.options

    def given(self, asked: dict) -> str:
        """What was given, in words."""
        names, rate = ", ".join(asked["weights"]), show(asked["rate"])
        other = ", gradients in the opposite order" if len(asked["weights"]) > 1 else ""
        return f"weights {names}{other}, and the rate {rate}; {self.words}"


def in_double(asked: dict) -> dict:
    """In float64, with digits that float32 does not have."""

    def double(it):
        return {n: double(t) for n, t in it.items()} if isinstance(it, dict) else it.double() / 3

    return {what: double(it) for what, it in asked.items()}


def partly_in_double(asked: dict) -> dict:
    """The last weight and its gradient in float64, and the rate."""
    double, last = in_double(asked), list(asked["weights"])[-1]
    mixed = {what: asked[what] | {last: double[what][last]} for what in ("weights", "gradients")}
    return asked | mixed | {"rate": double["rate"]}


def times_rate(factor: float) -> Callable[[dict], dict]:
    """With another rate."""
    return lambda asked: asked | {"rate": factor * asked["rate"]}


def times_gradients(**factors: float) -> Callable[[dict], dict]:
    """With other gradients, for some names."""

    def change(asked: dict) -> dict:
        return asked | {
            "gradients": {n: factors.get(n, 1.0) * g for n, g in asked["gradients"].items()}
        }

    return change


def the_same_twice(asked: dict) -> dict:
    """With the first weight under the second name as well."""
    first, second, *_ = weights = asked["weights"]
    return asked | {"weights": weights | {second: weights[first]}}


PLAIN = Step("all of them require gradients")
CONSTANT = Step("the weights are constants", options={"constants": list(SHAPES)})
VALUES = [
    PLAIN,
    Step("all in float64", change=in_double, idea=DIGITS),
    Step(
        "scale and the rate in float64, weight and bias not", change=partly_in_double, idea=DIGITS
    ),
    Step("sizes of one and of none", shapes={"one": (1, 1), "none": (0, 2), "row": (1, 3)}),
    Step("twelve names, of which w10 to w12 begin as w1 does", shapes=MANY),
    Step(
        "weight is a transposed view",
        options={"views": True},
        idea="entry by entry; how a tensor lies in memory says nothing about the order it has",
    ),
    Step("weight is frozen, bias and scale are not", options={"constants": ["weight"]}),
    Step("gradients and rate are constants", options={"constants": ["gradients", "rate"]}),
    CONSTANT,
    Step("all of them are constants", options={"constants": [*SHAPES, "gradients", "rate"]}),
    Step("every .grad is in use", options={"planted": True}, idea=IN_USE),
    Step("under torch.no_grad()", options={"recording": False}),
    Step("a rate below zero", change=times_rate(-1.0)),
    Step("some gradients are large", change=times_gradients(weight=1e6), idea=AS_IT_IS),
    Step(
        "a gradient is inf, another NaN",
        change=times_gradients(bias=torch.inf, scale=torch.nan),
        idea=AS_IT_IS,
    ),
    Step("30 calls with other weights came before", options={"calls": 30}),
    Step(
        "w1 and w2 are the same tensor, their gradients are not",
        shapes={"w1": (2,), "w2": (2,), "w3": (3,)},
        change=the_same_twice,
        options={"shared": True},
    ),
]
RATES = [
    PLAIN,
    Step("the rate is zero", change=times_rate(0.0)),
    Step("the rate is a result", options={"results": ["rate"]}),
    Step("gradients are constants", options={"constants": ["gradients"]}),
    CONSTANT,
]
CURVED = Step(
    "slopes of the sum of probe * new ** 2, and slopes of these",
    shapes={"weight": (2,), "scale": ()},
    options={"orders": 3},
)
OTHERS = [
    PLAIN,
    Step("the gradient of bias is zero", change=times_gradients(bias=0.0)),
    Step("the rate is a constant", options={"constants": ["rate"]}),
    Step("all of them are results", options={"results": ["weights", "gradients", "rate"]}),
]


def same(got: Tensor | None, expected: Tensor, **words) -> None:
    """`close`, where the same entries may be inf or NaN."""
    if got is not None and got.shape == expected.shape and not expected.numel():
        return
    if got is not None and got.shape == expected.shape:
        alike = (got == expected) | (got.isnan() & expected.isnan())
        broken = alike & ~expected.isfinite()
        got, expected = got.masked_fill(broken, 0.0), expected.masked_fill(broken, 0.0)
    close(got, expected, **words)


def must_stay(changed: list[str], given: str, idea: str) -> None:
    """`must_be_kept`, also for the things of torch.

    Raises:
        Lost: something has changed.
    """
    if any("torch" in what for what in changed):
        idea = "torch's settings and random numbers are those of the whole program"
    must_be_kept(changed, given, idea)


def told_why(ask: Callable, asked: dict, given: str, idea: str, pattern: str = "") -> dict:
    """`told`, with something to look at where an answer fails and its error names nothing.

    Args:
        pattern: what is found in the failures that this is for.

    Raises:
        Failed: there was no answer.
    """
    try:
        return told(ask, asked, given)
    except Failed as failed:
        if re.search(pattern, f"{failed.found}"):
            failed.found = failed.found | {"look at": failed.found["look at"] or idea}
        raise


def paid_for(report: Report) -> str:
    """What the report says to look at where the last criterion is lost, such as a known mistake.

    A known mistake costs the criterion that meets it first, and no other.
    """
    lost = report.criteria[-1].lost
    return lost.found["look at"] if lost else ""


def first_of(ideas: dict[str, str], changed: list[str], otherwise: str = "") -> str:
    """The idea that belongs to what has changed.

    Args:
        ideas: by patterns of what may have changed, the most telling one first.
    """
    for pattern, idea in ideas.items():
        if any(re.search(pattern, what) for what in changed):
            return idea
    return otherwise


def exam_sgd_step(generator, ask, report):
    """Values; the graph to the rate; the graph to weights and gradients."""

    def asked(step: Step) -> tuple[dict, dict, str]:
        question = step.drawn(generator)
        given = step.given(question)
        return question, told_why(ask, question, given, BY_NAME, "shape|size of tensor"), given

    def idea(reply: dict, otherwise: str) -> str:
        found = [reply["by_rate"], *reply["by_weight"].values(), *reply["by_gradient"].values()]
        if all(each is None for each in found):
            return (
                "no graph leads anywhere: nn.Parameter(...), detach(), .data and no_grad() all "
                "give the numbers of a result and cut what is behind it"
            )
        return otherwise

    with report.criterion("the new values follow the rule, and the old ones stay", 1):
        for step in VALUES:
            judge_values(step, *asked(step))
    sign = -1 if paid_for(report) == UPHILL else 1
    with report.criterion("the graph leads back to the rate", 0.5):
        for step in RATES:
            question, reply, given = asked(step)
            if step is CONSTANT and not is_right(question, reply):
                continue  # whoever leaves constants where they are has paid for it
            judge_rate(
                question,
                reply,
                sign,
                given=given,
                idea=idea(
                    reply,
                    "the rate must enter as the tensor it is, also when it is 0: "
                    "item() and float() give numbers",
                ),
            )
    paid = report.criteria[-1].lost
    with report.criterion("the graph leads back to weights and gradients", 0.5):
        cut = "detach(), .data and no_grad() cut the graph, and so does nn.Parameter"
        for step in OTHERS:
            question, reply, given = asked(step)
            judge_others(question, reply, sign, given=given, idea=idea(reply, cut))
        if not paid:
            judge_higher(*asked(CURVED), sign)


def judge_values(step: Step, question: dict, reply: dict, given: str) -> None:
    """The new weights, and what was given.

    Raises:
        Lost: something is wrong with them.
    """
    rate, gradients = question["rate"].double(), question["gradients"]
    moves = {name: rate * g.double() for name, g in gradients.items()}
    uphill = {name: w.double() + moves[name] for name, w in question["weights"].items()}
    for name, w in question["weights"].items():
        what, got = f"new {name}", {name: reply["values"][name]}
        idea = recognise(got, {UPHILL: {name: uphill[name]}} if w.numel() else {}, step.idea)
        # The step may cancel the weight, and what is left has the rounding of both.
        words = {"given": given, "idea": idea, "scale": largest_of(w)}
        words |= {"tolerance": DOUBLE} if w.dtype is torch.float64 else {}
        same(got[name], w.double() - moves[name], what=what, **words)
        plain = w - question["rate"] * gradients[name]
        must_have_dtype(reply["dtypes"][name], plain, what, given)
    must_stay(
        reply["changed"],
        given,
        "operations that end in an underscore, +=, .data, backward() and writing into a dict "
        "that was given change things for the caller too; so does a dict that is kept from call "
        "to call",
    )


def largest_of(tensor: Tensor) -> float:
    """The largest of its finite entries, 0 where there is none."""
    return float(tensor.detach().abs()[tensor.isfinite()].max()) if tensor.isfinite().any() else 0.0


def must_have_dtype(dtype: str, like: Tensor, what: str, given: str) -> None:
    """A new weight has the dtype that the rule gives it.

    Raises:
        Lost: it has another.
    """
    if dtype != str(like.dtype):
        raise Lost(f"{what} in {dtype}", f"{what} in {like.dtype}", given, ITS_OWN)


def is_right(question: dict, reply: dict) -> bool:
    """Whether the new weights are right."""
    try:
        judge_values(CONSTANT, question, reply, "")
    except Lost:
        return False
    return True


def judge_rate(question: dict, reply: dict, sign: int, **words: str) -> None:
    """The derivative in the rate.

    Args:
        sign: -1 where it has cost a criterion already that the step goes uphill.

    Raises:
        Lost: it is wrong.
    """
    probes, gradients = question["probes"], question["gradients"]
    terms = torch.cat([(probes[n].double() * gradients[n].double()).view(-1) for n in probes])
    scale = float(terms.abs().sum())
    close(reply["by_rate"], -sign * terms.sum(), what="d/d rate", scale=scale, **words)


def judge_others(question: dict, reply: dict, sign: int, **words: str) -> None:
    """The derivatives in weights and gradients; ``sign`` as above.

    Raises:
        Lost: they are wrong.
    """
    for n, probe in question["probes"].items():
        close(reply["by_weight"][n], probe, what=f"d/d {n}", **words)
        expected = -sign * question["rate"].double() * probe.double()
        close(reply["by_gradient"][n], expected, what=f"d/d gradient of {n}", **words)


def judge_higher(question: dict, reply: dict, given: str, sign: int) -> None:
    """The derivatives of several orders of a loss that bends in the new weights; ``sign`` as above.

    Raises:
        Lost: one of them is wrong.
    """
    w, g = (
        {n: t.double().requires_grad_() for n, t in question[what].items()}
        for what in ("weights", "gradients")
    )
    r = question["rate"].double().requires_grad_()
    loss = sum((p * (w[n] - sign * r * g[n]) ** 2).sum() for n, p in question["probes"].items())
    expected = higher(loss, {"weights": w, "gradients": g, "rate": {"": r}}, question["orders"])
    idea = "a slope has a graph of its own, unless something was saved without one"
    for nth, (found, right) in enumerate(zip(reply["higher"], expected, strict=False)):
        of = ("probe * new ** 2", "the squares of all slopes", "those of their slopes in turn")[nth]
        largest = max(float(t.abs().max()) for those in right.values() for t in those.values())
        for kind, name, value in (
            (k, n, t) for k, those in right.items() for n, t in those.items()
        ):
            within = {"weights": name, "gradients": f"gradient of {name}", "rate": "rate"}[kind]
            what = f"d/d {within} of the sum of {of}"
            close(found[kind][name], value, what=what, given=given, idea=idea, scale=largest)
