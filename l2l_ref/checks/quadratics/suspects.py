"""The answering side of the test in question 2: update rules that are Adam, or nearly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..suspects import verdict_from
from .given import Given


@dataclass(frozen=True)
class Rule:
    """Numbers that make an update rule; as they stand here, it is Adam.

    Args:
        keep_m, keep_v: decays of the two running means.
        start_m, start_v: 1 where a mean starts as the first gradient, or its square, and not at 0.
        first: the number of the first step.
        correct_m, correct_v: 1 where a mean is divided by ``1 - decay^t``.
        until: the last step at which it is.
        remember_corrected: 1 where the corrected means are what is remembered.
        epsilon, under, early: epsilon; 1 where it is under the root; 1 where it is added to the
            root of v before that is corrected.
        largest: 1 where v never falls.
        first_rate: 1 where the rate of the first step is used for ever.
        forget: 1 where a run goes on with the means of the last one.
        sign: of the update.
        as_dict: 1 where the state is a dict and not a tuple, which is no mistake.
    """

    keep_m: float = 0.9
    keep_v: float = 0.999
    start_m: float = 0.0
    start_v: float = 0.0
    first: float = 1.0
    correct_m: float = 1.0
    correct_v: float = 1.0
    until: float = 1e9
    remember_corrected: float = 0.0
    epsilon: float = 1e-8
    under: float = 0.0
    early: float = 0.0
    largest: float = 0.0
    first_rate: float = 0.0
    forget: float = 0.0
    sign: float = -1.0
    as_dict: float = 0.0


def made(rule: Rule) -> Callable:
    """The update rule: ``update, state = made(rule)(gradient, state, rate)``."""
    last: list = []

    def update(gradient: Tensor, state: object, rate: float) -> tuple[Tensor, object]:
        if state is None and rule.forget and last:
            state = last[0]
        if state is None:
            state = _start(rule, gradient, rate)
        m, v, top, t, begun = state.values() if isinstance(state, dict) else state
        rate = begun if rule.first_rate else rate
        m = rule.keep_m * m + (1 - rule.keep_m) * gradient
        v = rule.keep_v * v + (1 - rule.keep_v) * gradient**2
        corrected_m, root_v, root = _corrected(rule, m, v, t)
        if rule.largest:
            top = torch.maximum(top, v)
            corrected_m, root_v, root = _corrected(rule, m, top, t)
        new = rule.sign * rate * corrected_m / root
        if rule.remember_corrected:
            m, v = corrected_m, root_v**2
        state = m, v, top, t + 1, begun
        last[:] = [state]
        return new, dict(zip("mvTtr", state, strict=True)) if rule.as_dict else state

    return update


def _start(rule: Rule, gradient: Tensor, rate: float) -> tuple:
    zero = torch.zeros_like(gradient)
    m, v = rule.start_m * gradient, rule.start_v * gradient**2
    return m, v, zero, rule.first, rate


def _corrected(rule: Rule, m: Tensor, v: Tensor, t: float) -> tuple[Tensor, Tensor, Tensor]:
    """The corrected m, the root of the corrected v, and what m is divided by."""
    now = t <= rule.until
    by_m = 1 - rule.keep_m**t if now and rule.correct_m and t > 0 else 1.0
    by_v = 1 - rule.keep_v**t if now and rule.correct_v and t > 0 else 1.0
    root = (v / by_v).sqrt()
    below = root + rule.epsilon
    if rule.under:
        below = (v / by_v + rule.epsilon).sqrt()
    elif rule.early:
        below = (v.sqrt() + rule.epsilon) / by_v**0.5
    return m / by_m, root, below


def run_is_adam(student: Callable, probe_rules: Sequence[dict]) -> dict:
    """What the test says of each rule, and what it has changed of torch's settings."""
    said, given = [], Given()
    for numbers in probe_rules:
        said.append(verdict_from(student(made(Rule(**numbers)))))
    return {"said": said, "changed": given.changed()}
