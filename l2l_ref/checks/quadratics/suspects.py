"""The answering side of the test in question 2: update rules that are Adam, or nearly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..suspects import said_of, verdict_from
from .given import Given

#: What a rule remembers: u, v, the largest v, the number of the step, a rate.
Memory = tuple[Tensor, Tensor, Tensor, float, float]

#: A letter for each of these.
PARTS = "uvVtr"

#: The rate that a rule works with, of the one that it has kept and the one that it is given.
RATES: dict[str, Callable[[float, float], float]] = {
    "given": lambda _kept, rate: rate,
    "first": lambda kept, _rate: kept,
    "largest": max,
    "smallest": min,
}


@dataclass(frozen=True)
class Rule:
    """What makes an update rule; as it stands here, it is Adam.

    Args:
        keep_u, keep_v: decays of the two running means.
        start_u, start_v: 1 where a mean starts as the first gradient, or its square, and not at 0.
        first: the number of the first step.
        correct_u, correct_v: 1 where a mean is divided by ``1 - decay^t``.
        until: the last step at which it is.
        remember_corrected: 1 where the corrected means are what is remembered.
        epsilon, under, early: epsilon; 1 where it is under the root; 1 where it is added to the
            root of v before that is corrected.
        largest: 1 where v never falls.
        blind: gradients below this size count as zero.
        nan_below: updates for gradients below this size are NaN.
        rates: see `RATES`.
        leak: what a run begins with that a run of the same shape has left, by the letters of
            `PARTS`; the count t by itself, of a run of whatever shape.
        scale: a factor of the update.
        form: how it is written, which is no mistake: with a "dict" for a state, with other "names"
            of its arguments, so that it "keeps" the gradient itself, in its state, or so that it
            remembers "inside", as an object, what belongs to the run that is going on.
    """

    keep_u: float = 0.9
    keep_v: float = 0.999
    start_u: float = 0.0
    start_v: float = 0.0
    first: float = 1.0
    correct_u: float = 1.0
    correct_v: float = 1.0
    until: float = 1e9
    remember_corrected: float = 0.0
    epsilon: float = 1e-8
    under: float = 0.0
    early: float = 0.0
    largest: float = 0.0
    blind: float = 0.0
    nan_below: float = 0.0
    rates: str = "given"
    leak: str = ""
    scale: float = 1.0
    form: str = ""


def taken(rule: Rule, memory: Memory, gradient: Tensor, rate: float) -> tuple[Tensor, Memory]:
    """One step: the update, and the memory after it."""
    u, v, top, t, kept = memory
    rate = RATES[rule.rates](kept, rate)
    met = gradient.where(gradient.abs() >= rule.blind, 0.0) if rule.blind else gradient
    u = rule.keep_u * u + (1 - rule.keep_u) * met
    v = rule.keep_v * v + (1 - rule.keep_v) * met**2
    if rule.largest:
        top = torch.maximum(top, v)
    corrected_u, root_v, below = _corrected(rule, u, top if rule.largest else v, t)
    update = -rule.scale * rate * corrected_u / below
    if rule.nan_below:
        update = update.where(gradient.abs() >= rule.nan_below, torch.nan)
    if rule.remember_corrected:
        u, v = corrected_u, root_v**2
    return update, (u, v, top, t + 1, rate)


def _corrected(rule: Rule, u: Tensor, v: Tensor, t: float) -> tuple[Tensor, Tensor, Tensor]:
    """The corrected u, the root of the corrected v, and what u is divided by."""
    now = t <= rule.until
    by_u = 1 - rule.keep_u**t if now and rule.correct_u and t > 0 else 1.0
    by_v = 1 - rule.keep_v**t if now and rule.correct_v and t > 0 else 1.0
    root = (v / by_v).sqrt()
    below = root + rule.epsilon
    if rule.under:
        below = (v / by_v + rule.epsilon).sqrt()
    elif rule.early:
        below = (v.sqrt() + rule.epsilon) / by_v**0.5
    return u / by_u, root, below


class UpdateRule:
    """An update rule, ``update, state = rule(gradient, state, rate)``, that is an object.

    So a copy of it has a memory of its own, and it can become another rule.

    Args:
        rule: what makes it.
        given: is told what a rule keeps.
    """

    def __init__(self, rule: Rule, given: Given):
        self.rule, self.given = rule, given
        self.left: dict[tuple, Memory] = {}

    def __call__(self, gradient: Tensor, state: object, rate: float) -> tuple[Tensor, object]:
        memory = self._begun(gradient, rate) if state is None else self._read(state)
        update, after = taken(self.rule, memory, gradient, rate)
        self.left[self._place(gradient)] = after
        if self.rule.form == "inside":
            return update, "inside"
        if self.rule.form == "dict":
            return update, dict(zip(PARTS, after, strict=True))
        if self.rule.form == "keeps":  # this step is taken once more when the next one comes
            self.given.hand("what a rule was given or gave", (gradient, update))
            return update, (memory, gradient)
        return update, after

    def _read(self, state: object) -> Memory:
        """The memory that a state stands for."""
        if self.rule.form == "inside":
            return self.left[()]
        if self.rule.form == "keeps":
            memory, gradient = state
            return taken(self.rule, memory, gradient, 0.0)[1]
        return tuple(state.values()) if self.rule.form == "dict" else state

    def _place(self, gradient: Tensor) -> tuple:
        """Where it finds what the step before has left, or a run before."""
        return tuple(gradient.shape) if set(self.rule.leak) - {"t"} else ()

    def _begun(self, gradient: Tensor, rate: float) -> Memory:
        """What a run begins with."""
        zero, rule = torch.zeros_like(gradient), self.rule
        u, v = rule.start_u * gradient, rule.start_v * gradient**2
        fresh = u, v, zero, rule.first, rate
        both = zip(PARTS, self.left.get(self._place(gradient), fresh), fresh, strict=True)
        return tuple(left if part in rule.leak else new for part, left, new in both)


def run_is_adam(
    student: Callable, probe_rules: Sequence[dict], words: str, probe_way: str = ""
) -> dict:
    """What the test says of each rule, and what it has changed of what rules keep and of torch.

    Args:
        probe_rules: the arguments of `Rule`.
        words: what is special about them, for a report.
        probe_way: "no_grad" around the test; "one", an object that becomes one rule after another.
    """
    said, given = [], Given()
    rule = UpdateRule(Rule(), given)
    for each in probe_rules:
        rule = rule if probe_way == "one" else UpdateRule(Rule(), given)
        rule.rule = Rule(**each)
        with torch.set_grad_enabled(probe_way != "no_grad"):
            said.append(said_of(verdict_from, student, _written(rule)))
    return {"said": said, "changed": given.changed()}


def _written(rule: UpdateRule) -> Callable:
    """The rule itself, or a function of other names, which cannot be called by them."""
    if rule.rule.form != "names":
        return rule
    return lambda nabla, memory, alpha, /: rule(nabla, memory, alpha)
