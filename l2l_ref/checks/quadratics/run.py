"""The answering side of exercise 04: calls the student's functions, knows no expected value.

Functions come in batches, ``||W theta - y||^2``, with a row of theta for each. An update rule takes
a gradient and a state and returns an update and a state; its state is the student's own affair.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..answering import Kept, dict_from, number_from, parts, tensor_from
from ..lstm_answers import Optimizer, State, take_meta_steps
from ..wire import Tensors

#: The student's state in the run of `run_learned` that is going on.
RUN: dict = {}


def values_and_gradients(W: Tensor, y: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """The values of some functions and their gradients, as constants."""
    with torch.enable_grad():
        theta = theta.detach().requires_grad_()
        values = (torch.einsum("fmn,fn->fm", W, theta.to(W.dtype)) - y).square().sum(1)
        (gradients,) = torch.autograd.grad(values.sum(), theta)
    return values.detach(), gradients


# The questions


def run_sample(
    student: Callable, functions: int, probe_seed: int, calls: int, size: int | None = None
) -> dict:
    """Functions from some calls in a row, and from the same calls with another global state."""
    found = {}
    for name, torch_seed in (("first", 1), ("again", 2)):
        torch.manual_seed(torch_seed)
        before, generator = torch.get_rng_state(), torch.Generator().manual_seed(probe_seed)
        found[f"W {name}"], found[f"y {name}"] = _drawn(student, functions, generator, calls, size)
        moved = not torch.equal(before, torch.get_rng_state())
    return found | {"moved": moved}


def _drawn(
    student: Callable, functions: int, generator: torch.Generator, calls: int, size: int | None
) -> tuple[Tensor, Tensor]:
    n = 10 if size is None else size
    W, y = [], []
    for _ in range(calls):
        given = (functions, generator) if size is None else (functions, generator, size)
        each = parts(student(*given), "W", "y")
        W.append(tensor_from(each[0], torch.empty(functions, n, n), "W"))
        y.append(tensor_from(each[1], torch.empty(functions, n), "y"))
    return torch.stack(W), torch.stack(y)


def run_losses_and_gradients(student: Callable, W: Tensor, y: Tensor, theta: Tensor) -> dict:
    """Both, and which of them are no constants."""
    given = {"W": W.clone(), "y": y.clone(), "theta": theta.clone()}
    kept = Kept("what was given", lambda: given)
    found = parts(student(given["W"], given["y"], given["theta"]), "losses", "gradients")
    losses, gradients = found
    values = {
        "losses": tensor_from(losses, y[:, 0], "the losses"),
        "gradients": tensor_from(gradients, theta, "the gradients"),
    }
    names = ("the losses", "the gradients")
    with_graph = [n for n, value in zip(names, found, strict=True) if value.requires_grad]
    return values | {"with_graph": with_graph, "changed": kept.changed()}


def run_rule(
    student: Callable,
    gradients: Tensor,
    rate: float,
    probe_other: Tensor,
    nesterov: bool | None = None,
) -> dict:
    """The updates of a rule for gradients (steps, ...), while it works elsewhere too.

    Args:
        probe_other: gradients of a second run, whose steps come between those of the first.
        nesterov: left out when it is None.

    Returns:
        ``updates``, and ``again``: those of the same steps taken once more, the last one first,
        each from the state that it began with.
    """
    options = {} if nesterov is None else {"nesterov": nesterov}
    changed: set[str] = set()

    def step(gradient: Tensor, state: object) -> tuple[Tensor, object]:
        given = gradient.clone()
        kept = Kept("the gradient", lambda: {"the gradient": given})
        update, state = parts(student(given, state, rate, **options), "update", "state")
        changed.update(kept.changed())
        return tensor_from(update, gradient, "the update", torch.float64), state

    begun_with, updates, state, state_of_other = [], [], None, None
    for gradient, other in zip(gradients, probe_other, strict=True):
        begun_with.append(state)
        update, state = step(gradient, state)
        updates.append(update)
        _, state_of_other = step(other, state_of_other)
    pairs = zip(gradients, begun_with, strict=True)
    again = [step(gradient, state)[0] for gradient, state in reversed(list(pairs))]
    return {
        "updates": torch.stack(updates),
        "again": torch.stack(again[::-1]),
        "changed": sorted(changed),
    }


def run_minimize(
    student: Callable,
    probe_W: Tensor,
    probe_y: Tensor,
    theta: Tensor,
    steps: int,
    probe_rate: float,
    probe_decay: float,
) -> dict:
    """The losses of a run with a rule that remembers."""

    def rule(gradients: Tensor, state: tuple | None) -> tuple[Tensor, tuple]:
        buffer, t = (0, 0) if state is None else state
        buffer = probe_decay * buffer + gradients
        return -probe_rate / (1 + t) * buffer, (buffer, t + 1)

    def f(theta: Tensor) -> tuple[Tensor, Tensor]:
        return values_and_gradients(probe_W, probe_y, tensor_from(theta, given, "theta"))

    given = theta.clone()
    kept = Kept("theta", lambda: {"theta": given})
    losses = student(rule, f, given, steps)
    like = torch.empty(steps, len(theta))
    return {"losses": tensor_from(losses, like, "the losses"), "changed": kept.changed()}


def run_capped_sums(student: Callable, losses: Tensor) -> dict:
    """The sum of each function."""
    given = losses.clone()
    before = given.clone()
    sums = tensor_from(student(given), losses[0], "the sums")
    same = torch.equal(given.nan_to_num(nan=-1.0), before.nan_to_num(nan=-1.0))
    return {"sums": sums, "changed": [] if same else ["losses"]}


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

    def sums(name: str, rate: float, functions: Sequence[int]) -> Tensor:
        numbers = [int(number) for number in functions]
        if name not in names or rate not in rates or not numbers:
            raise ValueError(f"sums({name!r}, {rate!r}, {functions!r}): there is no such thing")
        asked.append([name, float(rate), numbers])
        return probe_table[list(names).index(name), list(rates).index(rate), numbers]

    words, before = ("names", "rates", "search", "report"), (names, rates, search, report)
    before = [list(each) for each in before]
    given = [list(each) for each in before]
    found = dict_from(student(sums, *given), names, "what came back")
    chosen, means = [], []
    for name in names:
        rate, mean = parts(found[name], "rate", "mean")
        chosen.append(number_from(rate, f"the rate of {name}"))
        means.append(number_from(mean, f"the mean of {name}"))
    return {
        "rates": torch.stack(chosen),
        "means": torch.stack(means),
        "asked": asked,
        "changed": [words[k] for k in range(4) if given[k] != before[k]],
    }


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
) -> dict:
    """Some meta-steps in float64, each where the one before has ended."""
    optimizer = Optimizer(probe_weights, probe_scale)
    adam = torch.optim.Adam(optimizer.parameters(), lr=probe_rate)

    def f(now: Tensor) -> tuple[Tensor, Tensor]:
        now = tensor_from(now, theta, "theta", torch.float64)
        return values_and_gradients(probe_W, probe_y, now)

    def meta_step(theta: Tensor, state: State) -> object:
        return student(optimizer, adam, f, theta, state, length, clip)

    return take_meta_steps(meta_step, optimizer, adam, theta, probe_state, meta_steps)


def run_learned(
    student: Callable, gradients: Tensor, step: int = 0, probe_other: Tensor | None = None
) -> dict:
    """The updates of one step; the state stays on this side from one step to the next.

    Args:
        gradients: (n,), or (steps, n) with gradients (steps, m) of another run, ``probe_other``:
            then both runs are taken side by side, as in `run_rule`.
    """
    if probe_other is not None:
        return _both_runs(student, gradients, probe_other)
    state = RUN.get("state") if step else None
    with torch.no_grad():
        updates, state = parts(student(gradients.clone(), state), "updates", "state")
    RUN["state"] = state
    return {"updates": tensor_from(updates, gradients, "the updates")}


def _both_runs(student: Callable, gradients: Tensor, other: Tensor) -> dict:
    """What `run_rule` finds, and what has a graph."""
    with_graph: set[str] = set()

    def rule(gradients: Tensor, state: object, rate: float) -> list:
        updates, state = parts(student(gradients, state), "updates", "state")
        for name, value in (("the updates", updates), ("the state", state)):
            if _has_a_graph(value):
                with_graph.add(name)
        return [updates, state]

    return run_rule(rule, gradients, 0.0, other) | {"with_graph": sorted(with_graph)}


def _has_a_graph(value: object) -> bool:
    """Whether it is a tensor with a graph, or a list, tuple or dict with such a tensor in it."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(_has_a_graph(part) for part in value)
    return isinstance(value, Tensor) and value.grad_fn is not None


def run_read_off(
    student: Callable,
    probe_gain: float,
    probe_decay: float,
    probe_low: float,
    probe_high: float,
    probe_offset: float,
    probe_reach: float,
) -> dict:
    """The three numbers about a rule that sums gradients up and whose updates are bounded.

    It hardly sees gradients that are larger than ``probe_reach``.
    """

    def rule(gradients: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        if gradients.ndim != 1:
            raise ValueError(
                f"the rule takes a vector of gradients, got shape {tuple(gradients.shape)}"
            )
        gradients = gradients.double()
        total = probe_gain * gradients * torch.exp(-((gradients / probe_reach) ** 2))
        if state is not None:
            total = total + probe_decay * state
        wanted = probe_offset - total
        limit = torch.where(wanted > 0, probe_high, probe_low).to(wanted)
        return (limit * (wanted / limit).tanh()).float(), total

    names = ("slope", "slope_after_20", "largest")
    found = dict_from(student(rule), names, "what came back")
    numbers = [number_from(found[name], name) for name in names]
    return {"numbers": torch.stack(numbers)}
