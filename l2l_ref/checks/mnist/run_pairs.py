"""The answering side of exercise 05, from the paired runs on; it knows no expected value."""

import contextlib
import gc
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ..answering import (
    Kept,
    NoAnswer,
    all_changed,
    derivative,
    describe,
    describe_error,
    dict_from,
    number_from,
    parts,
    tensor_from,
)
from .run import own, whole_numbers

# 4. paired_sums

#: What f returns besides gradients, in words.
LOSSES = "losses that f returned"


def run_paired_sums(
    student: Callable,
    names: Sequence[str],
    probe_rates: Sequence[float],
    probe_decays: Sequence[float],
    batches: Sequence[int],
    steps: int,
    probe_W: Tensor,
    probe_y: Tensor,
    probe_theta: Tensor,
    probe_times: Tensor,
) -> dict:
    """The sums and the counts of rules that remember.

    Args:
        names: of the rules; each has a rate and a decay, and those with the same are one function.
        batches: how many functions each has.
        probe_W: (functions, m, n). probe_y: (steps, functions, m), another for each step.
        probe_theta: the starts (functions, n).
        probe_times: (steps, functions); where it is not NaN, a loss is so many times the first one.

    Returns:
        ``sums`` and ``counts`` by name; what has changed; in what way there was more than one batch
        at a time, if there was.
    """
    store = Store(probe_W, probe_y, probe_theta, probe_times)
    once = Once(store.batches(batches, (steps - 1) * len(names)))
    kinds = list(zip(probe_rates, probe_decays, strict=True))
    rule_of = {kind: _rule(*kind, store) for kind in kinds}
    rules = {name: rule_of[kind] for name, kind in zip(names, kinds, strict=True)}
    given = dict(rules)
    sums, counts = {}, {}
    with once.explained():
        found = dict_from(student(given, once, steps), names, "what came back")
        for name in names:
            each, count = parts(found[name], "sums", "count")
            if isinstance(each, list | tuple):
                each = torch.stack([number_from(number, "a sum") for number in each])
            sums[name] = tensor_from(each, probe_theta[:, 0], f"the sums of {name}", torch.float64)
            counts[name] = number_from(count, f"the count of {name}")
    changed = store.changed() + ([] if list(given.items()) == list(rules.items()) else ["rules"])
    return {"sums": sums, "counts": counts, "changed": changed, "crowd": store.crowd}


class Once:
    """Batches that one can go through once; it notices who begins again when none are left."""

    def __init__(self, batches: Iterator):
        self.batches = batches
        self.is_over = self.is_asked_again = False

    def __iter__(self):
        self.is_asked_again |= self.is_over
        return self

    def __next__(self):
        try:
            return next(self.batches)
        except StopIteration:
            self.is_over = True
            raise

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """What goes wrong when nothing was left.

        Raises:
            NoAnswer: something did.
        """
        try:
            yield
        except Exception as error:
            if not self.is_asked_again:
                raise
            words = error.came_back if isinstance(error, NoAnswer) else describe_error(error)
            idea = "batches can be gone through once: whoever does so again finds nothing left"
            raise NoAnswer(words, idea=idea) from error


class Store:
    """The functions ||W theta - y_step||^2, and what was handed out of them.

    It holds what it must compare until the batch is done with, and losses to the end, which are as
    small as what comes back.
    """

    def __init__(self, W: Tensor, y: Tensor, theta: Tensor, times: Tensor):
        self.W, self.y, self.theta, self.times = W, y, theta, times
        self.kept: list[Kept] = []
        self.handed_out: list[tuple[str, Tensor, Tensor]] = []
        self.written: list[str] = []
        self.before: list[weakref.ref] = []  # what there was of earlier batches, and of this one
        self.here: list[weakref.ref] = []
        self.calls, self.crowd = 0, ""

    def hand_out(self, what: str, tensor: Tensor) -> Tensor:
        """A tensor that must stay as it is, and, losses apart, goes with its batch."""
        self.handed_out.append((what, tensor, tensor.clone()))
        if what != LOSSES:
            self.here.append(weakref.ref(tensor))
        return tensor

    def changed(self) -> list[str]:
        """What is no longer as it was; from now on only losses are still compared."""
        written = {
            what
            for what, tensor, copy in self.handed_out
            if not torch.allclose(tensor, copy, rtol=0, atol=0, equal_nan=True)
        }
        self.written += all_changed(self.kept) + sorted(written)
        self.kept.clear()
        self.handed_out = [each for each in self.handed_out if each[0] == LOSSES]
        return list(dict.fromkeys(self.written))

    def batches(self, sizes: Sequence[int], calls: int) -> Iterator[tuple[Tensor, Callable]]:
        """Some functions at a time, once; who asks for the next must be done with this one.

        Args:
            calls: of f, at least, until one is done with a batch.
        """
        start = 0
        for size in sizes:
            self.calls = 0
            yield self.batch(slice(start, start := start + size))  # not held here
            if self.calls < calls:
                self.crowd = "the next batch was asked for before all rules had run on this one"
            self.changed()
            if not self.crowd and self._holds_earlier():
                gc.collect()
            if self._holds_earlier():
                self.crowd = "batches, or what came of their runs, are held when the next is done"
            self.before, self.here = self.here, []

    def _holds_earlier(self) -> bool:
        """Whether anything of the batch before this one is still in memory."""
        return any(thing() is not None for thing in self.before)

    def batch(self, rows: slice) -> tuple[Tensor, Callable]:
        """The start and the function of a batch, which uses autograd itself."""
        W, y, times = self.W[rows], self.y[:, rows], self.times[:, rows]
        theta_0 = own(self.theta[rows], contiguous=False)
        theta_0.grad = torch.ones_like(theta_0)
        self.kept.append(Kept("theta_0", lambda: {"theta_0": theta_0}))

        def losses_at(theta: Tensor, step: int) -> Tensor:
            residual = (W @ theta[:, :, None])[:, :, 0] - y[step % len(y)]
            return residual.square().sum(1)

        first = losses_at(theta_0, 0)

        def f(theta: Tensor, step: int | Tensor) -> tuple[Tensor, Tensor]:
            self.calls += 1
            if isinstance(theta, Tensor):
                self.here.append(weakref.ref(theta))
                _must_fit(theta, theta_0)
            theta = tensor_from(theta, theta_0, "theta", theta_0.dtype).requires_grad_()
            step = _step(step)
            losses = losses_at(theta, step)
            (gradient,) = torch.autograd.grad(losses.sum(), theta)
            now = times[step % len(times)]
            losses = torch.where(now.isnan(), losses.detach(), now * first)
            return (
                self.hand_out(LOSSES, losses),
                self.hand_out("gradients that f returned", gradient),
            )

        self.here += [weakref.ref(theta_0), weakref.ref(f)]
        return theta_0, f


def _must_fit(theta: Tensor, theta_0: Tensor) -> None:
    """A network of float32 computes with no weights in float64; digits too few show otherwise."""
    if theta.dtype == torch.float64 != theta_0.dtype:
        raise NoAnswer(
            "f was given theta in float64",
            "theta in float32, as theta_0, losses and gradients are",
            "add the updates as they are",
        )


def _step(step: object) -> int:
    if isinstance(step, Tensor):
        step = int(step)
    if not isinstance(step, int) or step < 0:
        raise ValueError(f"step {step!r} was asked for; steps are whole numbers from 0")
    return step


def _rule(rate: float, decay: float, store: Store) -> Callable:
    """An update rule that sums gradients up and takes shorter steps as time goes on.

    It insists on rows, one for each function, as a rule may look at a function's whole gradient.
    """
    row = store.theta.shape[1:]

    def rule(gradient: Tensor, state: tuple | None) -> tuple[Tensor, tuple]:
        if not isinstance(gradient, Tensor) or gradient.shape[1:] != row:
            raise NoAnswer(
                f"a rule was given {describe(gradient)}",
                f"the gradients as f returned them, rows of {row.numel()}",
                "the gradients have the shape of theta; hand them on as they are",
            )
        buffer, t = (0, 0) if state is None else state
        buffer = store.hand_out("the state of a rule", decay * buffer + gradient)
        update = store.hand_out("an update", -rate * (1 + 1 / (1 + t)) * buffer)
        return update, (buffer, t + 1)

    return rule


# 5. compare

NUMBERS = ("difference", "ratio", "gain")
INTERVALS = ("difference_ci95", "ratio_ci95")


def run_compare(student: Callable, a: Tensor, b: Tensor) -> dict:
    """Each number, each interval as its two ends; ``again`` with a and b exchanged in their places.

    Both answers are read when both are there.
    """
    own_a, own_b = torch.stack([a, b], dim=1).unbind(1)  # views, and not contiguous
    kept = Kept("what was given", lambda: {"a": own_a, "b": own_b})
    first = student(own_a, own_b)
    changed = kept.changed()
    own_a.copy_(b)
    own_b.copy_(a)
    second = student(own_a, own_b)
    return _numbers(first) | {"again": _numbers(second), "changed": changed}


def _numbers(value: object) -> dict:
    """What a comparison gives."""
    found = dict_from(value, (*NUMBERS, *INTERVALS), "what came back")
    numbers = {name: number_from(_plain(found[name]), name) for name in NUMBERS}
    for name in INTERVALS:
        value = found[name]
        if isinstance(value, Tensor | np.ndarray):
            value = value.tolist()
        ends = [number_from(_plain(end), f"{name}, an end") for end in parts(value, "low", "high")]
        numbers[name] = torch.stack(ends)
    return numbers


def _plain(value: object) -> object:
    """NumPy's numbers as Python's."""
    return value.item() if isinstance(value, np.generic) else value


# 6. family, verdict


def run_family(student: Callable, kind: str, inputs: int, probe: Tensor) -> dict:
    """The sizes, and what the activation makes of some numbers, with slope and curvature."""
    answer = student(kind, inputs)
    student(kind, inputs + 1)  # which leaves the first answer as it is
    sizes, activation = parts(answer, "sizes", "activation")
    if not callable(activation):
        raise NoAnswer(f"activation: {describe(activation)}", "a function such as torch.tanh")
    at = own(probe, contiguous=False).requires_grad_()
    made = activation(at * 1)  # a result, which an activation may overwrite
    activated = tensor_from(made, probe, "what the activation returns", probe.dtype)
    slope = curvature = None
    if made.requires_grad:
        (slope,) = torch.autograd.grad(made.sum(), at, create_graph=True)
        curvature = derivative(slope.sum(), at)
    return {
        "changed": [],
        "sizes": whole_numbers(sizes, "the sizes"),
        "activation": activated,
        "slope": slope,
        "curvature": torch.zeros_like(probe) if curvature is None else curvature,
    }


def run_verdict(
    student: Callable,
    names: Sequence[str],
    probe_claims: Sequence[Mapping],
    probe_seen: Tensor,
    probe_fresh: Tensor,
) -> dict:
    """The verdict on each claim; the dicts with intervals are the same ones, filled anew.

    Args:
        names: of the baselines.
        probe_claims: claims, with one more entry ``"fresh"``: whether there are fresh runs, or
            None where the argument is left out.
        probe_seen, probe_fresh: intervals (claims, baselines, 2).
    """
    seen, fresh, said, changed = {}, {}, [], []
    for place, asked in enumerate(probe_claims):
        for by_name, intervals in ((seen, probe_seen), (fresh, probe_fresh)):
            by_name.clear()
            by_name.update(zip(names, map(tuple, intervals[place].tolist()), strict=True))
        claim = {name: value for name, value in asked.items() if name != "fresh"}
        claim["names"] = list(claim["names"])
        options = {True: {"fresh": fresh}, False: {"fresh": None}, None: {}}[asked["fresh"]]
        before = repr((claim, seen, fresh))
        if place % 2:
            answer = student(claim, seen, **options)
        else:
            answer = student(claim, seen, *options.values())
        if not isinstance(answer, str):
            raise NoAnswer(describe(answer), '"holds", "does not hold" or "open"')
        said.append(" ".join(answer.lower().split()))
        if repr((claim, seen, fresh)) != before:
            changed = ["the claim or the intervals"]
    return {"said": said, "changed": changed}
