"""The answering side of exercise 04: calls the student's functions, knows no expected value.

Functions come in batches, ``||W theta - y||^2``, with a row of theta for each. An update rule takes
a gradient and a state and returns an update and a state; its state is the student's own affair.
Where a question has more than one call, the calls come first in the tensors that are asked.
"""

import contextlib
import math
import random
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from ..answering import NoAnswer, describe, dict_from, number_from, parts, tensor_from
from ..lstm_answers import Optimizer, unpacked
from ..processes import another_process
from ..settings import put
from ..wire import Tensors
from .given import Given, WatchedRule, no_constant, turned
from .networks import MetaSteps, untrained

#: So many calls of `run_sample` are made once more, as if in another process, while the global
#: generators are elsewhere.
AGAIN = 64

#: The student's state in the run of `run_learned` that is going on.
RUN: dict = {}


@torch.no_grad()
def values_and_gradients(W: Tensor, y: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """The values of some functions and their gradients, as constants."""
    rest = torch.einsum("fmn,fn->fm", W, theta) - y
    return rest.square().sum(1), 2 * torch.einsum("fmn,fm->fn", W, rest)


def values_by_autograd(W: Tensor, y: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """The same from autograd, which an answer to question 1 may ask as well.

    Raises:
        NoAnswer: autograd is of no use here.
    """
    if torch.is_inference_mode_enabled() or theta.is_inference():
        raise NoAnswer(
            "f was asked inside torch.inference_mode(), or at a theta from there",
            "f asked where autograd can be used",
            "inside torch.no_grad() f can switch gradients on for itself, here it cannot",
        )
    with torch.enable_grad():
        theta = theta.detach().requires_grad_()
        losses = (torch.einsum("fmn,fn->fm", W, theta) - y).square().sum(1)
        gradients = torch.autograd.grad(losses.sum(), theta)[0]
    return losses.detach(), gradients


# The questions


def run_sample(
    student: Callable,
    functions: int,
    probe_seed: int,
    calls: int,
    size: int | None = None,
    probe_default: str = "float32",
) -> dict:
    """Functions from some calls in a row, and from the first ones again, see `AGAIN`.

    Args:
        probe_seed: of the generator, of which some numbers are taken before.
        probe_default: torch's default dtype meanwhile.

    Returns:
        ``W first``, ``y first``, ``W again``, ``y again``, each (calls, functions, ...), and what
        has moved or is no constant, in words.
    """
    put(torch.get_default_dtype, getattr(torch, probe_default))
    found, moved, no_constants, changed = {}, set(), set(), set()
    for name, global_seed in (("first", 1), ("again", 2)):
        for seed in (torch.manual_seed, np.random.seed, random.seed):
            seed(global_seed)
        before, generator = _global_states(), torch.Generator().manual_seed(probe_seed)
        torch.rand(5, generator=generator)
        given = Given()
        is_first = name == "first"
        times = calls if is_first else min(calls, AGAIN)
        with contextlib.nullcontext() if is_first else another_process():
            W, y = _drawn(student, functions, generator, times, size, no_constants)
        changed.update(given.changed())
        found[f"W {name}"], found[f"y {name}"] = W, y
        now = _global_states()
        moved.update(whose for whose in now if now[whose] != before[whose])
    more = {"moved": moved, "no_constants": no_constants, "changed": changed}
    return found | {name: sorted(words) for name, words in more.items()}


def _global_states() -> dict[str, object]:
    """Of the generators that everybody shares."""
    return {
        "numpy's": np.random.get_state()[1].tobytes(),
        "Python's": random.getstate(),
        "torch's": torch.get_rng_state().numpy().tobytes(),
    }


def _drawn(
    student: Callable,
    functions: int,
    generator: torch.Generator,
    calls: int,
    size: int | None,
    no_constants: set[str],
) -> tuple[Tensor, Tensor]:
    """What some calls give. It is written over after each: it belongs to whoever asked for it."""
    n, dtype = 10 if size is None else size, torch.get_default_dtype()
    W, y = [], []
    for _ in range(calls):
        given = (functions, generator) if size is None else (functions, generator, size)
        each = parts(student(*given), "W", "y")
        W.append(tensor_from(each[0], torch.empty(functions, n, n), "W", dtype))
        y.append(tensor_from(each[1], torch.empty(functions, n), "y", dtype))
        for tensor, name in zip(each, "Wy", strict=True):
            if tensor.dtype != dtype:
                expected = f"{name}: {dtype}, which is torch's default now"
                raise NoAnswer(f"{name}: {describe(tensor)}", expected)
            no_constants.update(no_constant(name, tensor))
            with torch.no_grad(), contextlib.suppress(RuntimeError):  # not every view can be
                tensor.zero_()
    return torch.stack(W), torch.stack(y)


def run_losses_and_gradients(
    student: Callable, W: Tensor, y: Tensor, theta: Tensor, probe_way: str = ""
) -> dict:
    """Both from some calls in a row, with the same three tensors, written over in between.

    Args:
        W, y, theta: the calls come first.
        probe_way: "turned" in memory; "trainable", with something in every .grad; "result", where
            theta is one of a trainable tensor; "no_grad" around the calls.
    """
    given = {"W": W[0].clone(), "y": y[0].clone(), "theta": theta[0].clone()}
    if probe_way == "turned":
        given = {name: turned(tensor) for name, tensor in given.items()}
    for tensor in given.values():
        tensor.requires_grad_(probe_way == "trainable").grad = torch.ones_like(tensor)
    if probe_way == "result":
        given["theta"] = given["theta"].requires_grad_() * 1
    found = {"losses": [], "gradients": []}
    earlier, changed, no_constants = Given(), [], set()
    with torch.no_grad() if probe_way == "no_grad" else contextlib.nullcontext():
        for call in zip(W, y, theta, strict=True):
            with torch.no_grad():
                for tensor, now in zip(given.values(), call, strict=True):
                    tensor.copy_(now)
            kept = Given(**given)
            both = parts(student(given["W"], given["y"], given["theta"]), "losses", "gradients")
            for name, value, like in zip(found, both, (y[0][:, 0], theta[0]), strict=True):
                found[name].append(tensor_from(value, like, f"the {name}", theta.dtype))
                earlier.hand(f"the {name} of the call before", value)
                no_constants.update(no_constant(f"the {name}", value))
            changed += kept.changed()
    return {name: torch.stack(each) for name, each in found.items()} | {
        "no_constants": sorted(no_constants),
        "changed": changed + earlier.changed(),
    }


def run_rule(
    student: Callable,
    gradients: Tensor,
    rates: Tensor,
    probe_other: Tensor | None = None,
    nesterov: bool | None = None,
    probe_turned: bool = False,
) -> dict:
    """The updates of a rule for gradients (steps, ...), while it works elsewhere too.

    Args:
        rates: one for each step.
        probe_other: gradients of a second run, whose steps come between those of the first.
        nesterov: left out when it is None.
        probe_turned: whether the gradients lie in memory as a transposed view does.

    Returns:
        ``updates``, and ``again``, where there is a second run: those of the same steps taken once
        more under ``no_grad``, the last one first, each from the state that it began with.
    """
    options = {} if nesterov is None else {"nesterov": nesterov}
    rule = WatchedRule(student, probe_turned, **options)
    begun_with, updates, state, state_of_other = [], [], None, None
    rates = rates.tolist()
    for k, (gradient, rate) in enumerate(zip(gradients, rates, strict=True)):
        begun_with.append(state)
        update, state = rule.step(gradient, state, rate)
        updates.append(update)
        if probe_other is not None:
            _, state_of_other = rule.step(probe_other[k], state_of_other, rate)
    found = {"updates": torch.stack(updates)}
    if probe_other is not None:
        steps = list(zip(gradients, begun_with, rates, strict=True))
        with torch.no_grad():
            again = [rule.step(*each)[0] for each in reversed(steps)]
        found["again"] = torch.stack(again[::-1])
    return found | rule.report()


class Watched:
    """Functions and a rule that remembers; they keep what they are given and what they give.

    Args:
        W, y: of the functions.
        rate, decay, pause, nan, extra, is_turned, by_autograd: see `run_minimize`.
    """

    def __init__(self, W: Tensor, y: Tensor, rate: float, decay: float, **more):
        self.W, self.y, self.rate, self.decay = W, y, rate, decay
        self.pause, self.nan, self.extra = more["pause"], more["nan"], more["extra"]
        self.is_turned = more["is_turned"]
        self.differentiate = values_by_autograd if more["by_autograd"] else values_and_gradients
        self.given, self.times, self.step = Given(), {"f": 0, "rule": 0}, 0

    def laid(self, tensor: Tensor) -> Tensor:
        """As it should lie in memory."""
        return turned(tensor) if self.is_turned else tensor

    def rule(self, gradients: Tensor, state: tuple | None, /) -> tuple[Tensor, tuple]:
        """It moves a little where the gradient is zero, too."""
        self.times["rule"] += 1
        self.given.hand("the gradients that the rule was given", gradients)
        buffer, t = (0, 0) if state is None else state
        buffer = gradients if state is None else self.decay * buffer + gradients
        update = self.laid(-self.rate / (1 + t % 7) * (buffer + 0.1) * (t not in self.pause))
        if t == self.nan:
            update[1] = torch.nan
        self.given.hand("what the rule gave", (update, buffer))
        self.step = t + 1
        return update, (buffer, t + 1)

    def f(self, theta: Tensor, /) -> tuple[Tensor, Tensor]:
        """Losses and gradients."""
        self.times["f"] += 1
        self.given.hand("a theta that f was given", theta)
        like = torch.empty(len(self.W), self.W.shape[2])
        tensor_from(theta, like, "theta", self.W.dtype)
        losses, gradients = self.differentiate(self.W, self.y, theta.to(self.W.dtype))
        if self.step < len(self.extra):
            losses = losses + self.extra[self.step]
        return self.given.hand("what f gave", (losses, self.laid(gradients)))


def run_minimize(
    student: Callable,
    probe_W: Tensor,
    probe_y: Tensor,
    theta: Tensor,
    steps: int,
    probe_rate: float,
    probe_decay: float,
    probe_pause: Sequence[int] = (),
    probe_nan: int | None = None,
    probe_extra: Tensor | tuple = (),
    probe_turned: bool = False,
    probe_autograd: bool = False,
) -> dict:
    """The losses of some runs, one after the other, with a rule that remembers.

    Args:
        theta: the runs' starts; the runs come first.
        probe_pause: which updates are zero.
        probe_nan: which update is NaN for the second function.
        probe_extra: (steps, functions), what the losses have besides, and the gradients have not.
        probe_turned: whether everything lies in memory as a transposed view does.
        probe_autograd: whether ``f`` asks autograd for its gradients.

    Returns:
        ``losses``, what was changed, and how often ``f`` and ``rule`` were asked in a run.
    """
    W, y, found = probe_W.to(theta.dtype), probe_y.to(theta.dtype), []
    more = {"pause": probe_pause, "nan": probe_nan, "extra": probe_extra}
    more |= {"is_turned": probe_turned, "by_autograd": probe_autograd}
    watched = Watched(W, y, probe_rate, probe_decay, **more)
    for start in theta:
        watched.step = 0
        start = watched.laid(start.clone())
        start.grad = torch.ones_like(start)
        watched.given.hand("theta", start)
        losses = student(watched.rule, watched.f, start, steps)
        like = torch.empty(steps, len(start))
        found.append(tensor_from(losses, like, "the losses", theta.dtype))
        watched.given.hand("the losses of the run before", losses)
    times = {name: count / len(theta) for name, count in watched.times.items()}
    return {"losses": torch.stack(found), "changed": watched.given.changed(), "times": times}


def run_capped_sums(student: Callable, losses: Tensor, probe_turned: bool = False) -> dict:
    """The sums of each function; the calls come first, and get one tensor, written over."""
    given = turned(losses[0]) if probe_turned else losses[0].clone()
    given.grad = torch.ones_like(given)
    found, changed, earlier = [], [], Given()
    for each in losses:
        given.copy_(each)
        kept = Given(losses=given)
        sums = student(given)
        found.append(tensor_from(sums, each[0], "the sums", losses.dtype))
        earlier.hand("the sums of the call before", sums)
        changed += kept.changed()
    return {"sums": torch.stack(found), "changed": changed + earlier.changed()}


def run_compare(
    student: Callable,
    names: Sequence[str],
    rates: Sequence[float],
    search: Sequence[int],
    report: Sequence[int],
    probe_table: Tensor,
) -> dict:
    """The chosen rates and the reported means, and what ``sums`` was asked.

    Args:
        probe_table: the capped sums, (names, rates, functions).
    """
    asked: list[list] = []
    given = Given()

    def sums(name: str, rate: float, functions: Sequence[int]) -> Tensor:
        numbers = [int(number) for number in functions]
        if name not in names or not numbers:
            raise ValueError(f"sums({name!r}, {rate!r}, {functions!r}): there is no such thing")
        asked.append([name, float(rate), numbers])
        values = probe_table[list(names).index(name), _place_of(rate, rates), numbers]
        return given.hand("what sums gave", values)

    def other_sums(name: str, rate: float, functions: Sequence[int]) -> Tensor:
        return torch.full((len(functions),), 1.0 + _place_of(rate, rates))

    earlier = student(other_sums, [names[0], "earlier"], list(rates), [0, 1], [2])
    given.hand("the dict of an earlier call", earlier)
    lists = {"names": names, "rates": rates, "search": search, "report": report}
    lists = {name: given.hand(name, list(each)) for name, each in lists.items()}
    found = dict_from(student(sums, *lists.values()), names, "what came back")
    chosen, means = [], []
    for name in names:
        rate, mean = parts(found[name], "rate", "mean")
        chosen.append(number_from(rate, f"the rate of {name}"))
        means.append(number_from(mean, f"the mean of {name}"))
    return {
        "rates": torch.stack(chosen),
        "means": torch.stack(means),
        "asked": asked,
        "changed": given.changed(),
    }


def _place_of(rate: float, rates: Sequence[float]) -> int:
    """Where a rate stands in the list; one that has lost digits in float32 is found as well.

    Raises:
        ValueError: nowhere.
    """
    for place, known in enumerate(rates):
        if abs(float(rate) - known) <= 1e-6 * known:
            return place
    raise ValueError(f"sums was asked for the rate {rate!r}, which is not in rates")


def run_meta_step(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_W: Tensor,
    probe_y: Tensor,
    probe_scale: float,
    theta: Tensor,
    length: int,
    clip: float,
    probe_rate: float,
    meta_steps: int,
    probe_way: str = "",
) -> dict:
    """Some meta-steps in float64, each where the one before has ended.

    Args:
        probe_way: see `MetaSteps`.
    """
    steps = MetaSteps(student, Optimizer(probe_weights, probe_scale), probe_rate, probe_way)

    def f(theta: Tensor) -> tuple[Tensor, Tensor]:
        return values_and_gradients(probe_W, probe_y, theta)

    state = unpacked(probe_state)
    for _ in range(meta_steps):
        theta, state = steps.take(f, theta, state, length, clip)
    return steps.found | {"with_graph": sorted(steps.with_graph), "changed": sorted(steps.changed)}


def run_learned(
    student: Callable,
    trained: object,
    gradients: Tensor,
    step: int = 0,
    probe_other: Tensor | None = None,
    probe_untrained: int | None = None,
) -> dict:
    """The updates of one step; the state stays on this side from one step to the next.

    Args:
        trained: the network that the notebook has trained.
        gradients: (n,), or (steps, n) with gradients (steps, m) of another run, ``probe_other``:
            then both runs are taken side by side, as in `run_rule`.
        probe_untrained: a seed; then the network has, for this step, the weights of a new one.
    """
    if probe_other is not None:
        no_rates = torch.zeros(len(gradients))
        return run_rule(lambda g, state, _: student(g, state), gradients, no_rates, probe_other)
    state = RUN.get("state") if step else None
    weights = (
        contextlib.nullcontext() if probe_untrained is None else untrained(trained, probe_untrained)
    )
    with weights, torch.no_grad():
        updates, state = parts(student(gradients.clone(), state), "updates", "state")
    RUN["state"] = state
    return {"updates": tensor_from(updates, gradients, "the updates")}


run_learned.beside = ("trained",)


def run_read_off(
    student: Callable,
    probe_gain: float,
    probe_decay: float,
    probe_low: float,
    probe_high: float,
    probe_offset: float,
    probe_reach: float,
    probe_peak: float = 0.0,
    probe_graph: bool = True,
    probe_cut: bool = False,
) -> dict:
    """The three numbers about a rule that sums gradients up and whose updates are bounded.

    It hardly sees gradients that are larger than ``probe_reach``. Its updates have a graph, as
    those of a network have, or none, as those of ``learned``. They grow and fade around step
    ``probe_peak``, unless that is zero. With ``probe_cut`` the graph does not know all that the
    updates come from: half of each gradient, and the state, enter them as constants; and the same
    rule, with twice the gain, was read before.
    """
    given = Given()
    gain = torch.tensor(2 * probe_gain, dtype=torch.float64, requires_grad=probe_graph)

    def rule(gradients: Tensor, state: tuple | None, /) -> tuple[Tensor, tuple]:
        if gradients.ndim != 1 or gradients.dtype != torch.float32:
            found = f"{gradients.dtype} and shape {tuple(gradients.shape)}"
            raise ValueError(f"the rule takes a vector of gradients in float32, got {found}")
        with torch.set_grad_enabled(probe_graph and torch.is_grad_enabled()):
            gradients, (total, step) = gradients.double(), state or (0, 0)
            if probe_cut and step:
                total = total.detach()
            if probe_cut:
                gradients = (gradients + gradients.detach()) / 2
            seen = gain * gradients * torch.exp(-((gradients / probe_reach) ** 2))
            total, step = probe_decay * total + seen, step + 1
            wanted = probe_offset - total
            limit = torch.where(wanted > 0, probe_high, probe_low).to(wanted)
            update = limit * (wanted / limit).tanh()
            if probe_peak:
                update = update * math.exp(-(((step - probe_peak) / 10) ** 2))
            update = update.float()
        given.hand("what the rule gave", (update, total))
        return update, (total, step)

    if probe_cut:
        student(rule)
    gain.data /= 2
    given.hand("a weight of the rule", gain)
    names = ("slope", "slope_after_20", "largest")
    found = dict_from(student(rule), names, "what came back")
    numbers = [number_from(found[name], name) for name in names]
    return {"numbers": torch.stack(numbers), "changed": given.changed()}
