"""The answering side of exercise 03: calls the student's functions, knows no expected value.

Here the coordinates come first, as ``nn.LSTMCell`` wants it: a state is a list with one pair
(h, c) for each cell, each of shape (n, hidden). Where it crosses to the examining side it is one
tensor, (cells, 2, n, hidden).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle

import torch
from torch import Tensor, nn

from ..answering import Kept, NoAnswer, all_changed, derivative, dict_from, parts, tensor_from
from ..lstm_answers import (
    KeptFacts,
    Optimizer,
    State,
    Weights,
    arranged,
    by_part,
    facts_of,
    kept_optimizer,
    kept_settings,
    kept_state,
    narrowed,
    packed,
    parts_with_graph,
    sequence,
    strided,
    take_meta_steps,
    unpacked,
)
from ..wire import Tensors
from .optimizees import LEFT_OVER, Optimizee, Windows

#: The same where gradients are handed back: so large that who subtracts it loses the digits.
LARGE = 1e9


def with_gradients(optimizer: Weights, number: float = LEFT_OVER) -> Weights:
    """The same optimizer; its weights have something in their .grad, as after some training."""
    for weight in optimizer.parameters():
        weight.grad = torch.full_like(weight, number)
    return optimizer


#: The meta-optimizers, for weights and a rate.
META_OPTIMIZERS = {
    "SGD": lambda weights, rate: torch.optim.SGD(weights, lr=rate),
    "SGD with momentum, in two groups": lambda weights, rate: torch.optim.SGD(
        [{"params": weights[::2]}, {"params": weights[1::2], "lr": 3 * rate}], rate, momentum=0.9
    ),
}


#: What a weight without use gets, and how.
UNUSED = (
    "zeros for a weight that a window does not use",
    "autograd.grad refuses such a weight, or gives None; materialize_grads=True makes zeros of it",
)


@contextmanager
def unused_in_words() -> Iterator[None]:
    """What torch refuses where a weight has no use, in words of the course.

    Raises:
        NoAnswer: it refused.
    """
    try:
        yield
    except RuntimeError as error:
        if "appears to not have been used in the graph" in str(error):
            raise NoAnswer(str(error), *UNUSED) from None
        raise


# The questions


def run_log_and_sign(
    student: Callable, gradient: Tensor, p: float | None = None, probe_strided: bool = False
) -> dict:
    """The two features, and those of the mirrored gradient; p is left out when it is None."""
    given = strided(gradient) if probe_strided else gradient.clone()
    more = () if p is None else (p,)
    kept, of_torch = Kept("gradient", lambda: {"gradient": given}), kept_settings()
    like = gradient.new_empty(*gradient.shape, 2)

    def read(features: object) -> Tensor:
        return tensor_from(features, like, "the features", torch.float64)

    first = student(given, *more)
    features, changed = read(first), kept.changed()
    mirrored = read(student(-gradient, *more))
    spoiled = [] if torch.equal(features, read(first)) else ["the features of the call before"]
    return {
        "features": features,
        "mirrored": mirrored,
        "touched": changed,
        "changed": spoiled + of_torch.changed(),
    }


def run_step(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_scale: float,
    gradients: Tensor,
    probes: Tensors,
    probe_kinds: Sequence[str] = (),
    probe_moved: float = 1.0,
) -> dict:
    """Updates and last state for gradients (steps, n), and where the graph behind them leads.

    Args:
        probes: for the updates of all steps and for the last state. The derivative of the sum of
            the products is asked for.
        probe_kinds: see `arranged`; "strided" as well, and "graph" where gradients and state have
            a graph.
        probe_moved: what the scale, the output layer and the cells are multiplied by, one after
            the other; each time the first step is asked for again.
    """
    optimizer = with_gradients(arranged(Weights(probe_weights, probe_scale), probe_kinds))
    sources = {"the gradients": gradients.clone(), "the state": probe_state.clone()}
    for source in sources.values():
        source.requires_grad_("graph" in probe_kinds)
    state, found, values = unpacked(sources["the state"]), [], []
    if "strided" in probe_kinds:
        state = [(strided(h), strided(c)) for h, c in state]
    kept = [kept_state(state), *kept_optimizer(optimizer)]
    for gradient in sources["the gradients"]:
        given = strided(gradient) if "strided" in probe_kinds else gradient.clone()
        kept.append(Kept("the gradients", lambda given=given: {"the gradients": given}))
        updates, state = parts(student(optimizer, given, state), "updates", "state")
        values.append(tensor_from(updates, gradient, "the updates", torch.float64))
        last = packed(state, probe_state, "the new state", torch.float64)
        kept += [_kept_results({"the updates of the step before": updates}), kept_state(state)]
        found.append(updates)
    after = torch.stack([torch.stack(tuple(pair)) for pair in state])
    total = (probes["updates"] * torch.stack(found)).sum() + (probes["state"] * after).sum()
    reply = {
        "updates": torch.stack(values),
        "state": last,
        "derivatives": _by_weight(total, optimizer)
        | {n: derivative(total, source) for n, source in sources.items() if source.requires_grad},
        "changed": all_changed(kept),
    }
    if probe_moved != 1:
        reply["moved"] = {}
        for part in _moved(optimizer, probe_moved):
            again = student(optimizer, gradients[0], unpacked(probe_state))
            updates, _ = parts(again, "updates", "state")
            updates = tensor_from(updates, gradients[0], "the updates", torch.float64)
            reply["moved"][part] = updates
    return reply


def _moved(optimizer: Weights, factor: float) -> Iterator[str]:
    """Multiply one part of the optimizer after the other, and say each time which."""
    optimizer.scale *= factor
    yield "scale"
    with torch.no_grad():
        for weight in optimizer.output.parameters():
            weight *= factor
    yield "output"
    for weight in optimizer.cells.parameters():
        weight.data *= factor  # autograd does not count this as a new version
    yield "cells"


def run_step_all(
    student: Callable,
    probe_weights: Tensors,
    probe_scale: float,
    gradients: Tensors,
    orders: list[list[str]],
    probes: Tensors,
    other: Tensors | None = None,
    second: Tensors | None = None,
    probe_kinds: Sequence[str] = (),
    probe_moved: float = 1.0,
) -> dict:
    """Updates for gradients (steps, ...) by name, and where the graph behind the last ones leads.

    What an answer keeps as states is its own affair. Which words stand in them, a question to
    follow may ask; whether those that were given have been written into, explains a wrong number.

    Args:
        orders: the names in the order of each step.
        probes: for the last updates. The derivative of the sum of the products is asked for.
        other: gradients that each step is tried with as well, from the same states; at the end
            the last step is taken once again.
        second: of a second optimizee, which takes its steps between those of the first.
        probe_kinds: see `arranged`; "strided": at every other step the gradients are views.
            "graph": they have a graph.
        probe_moved: what all weights are multiplied by after each step.
    """
    optimizer = with_gradients(arranged(Optimizer(probe_weights, probe_scale), probe_kinds))
    sources = {n: g.clone().requires_grad_("graph" in probe_kinds) for n, g in gradients.items()}
    kept, single = kept_optimizer(optimizer), []
    found, found_of_second, states, states_of_second, written = [], [], None, None, False

    def stepped(step: int, of: Tensors, states: object) -> list:
        given = _given(of, step, orders[step], "strided" in probe_kinds and step % 2 == 1)
        kept.extend(_kept_gradients(given))
        updates, states = parts(student(optimizer, given, states), "updates", "states")
        updates = dict_from(updates, of, "the updates")
        for name in of:
            tensor_from(updates[name], of[name][0], f"the update of {name}")
        single.extend(narrowed(updates, of))
        kept.append(_kept_results({f"the update of {n}": u for n, u in updates.items()}))
        return [updates, states]

    for step in range(len(orders)):
        before = states
        as_given = _facts_of(before)
        updates, states = stepped(step, sources, before)
        written = written or _facts_of(before) != as_given
        found.append(_in_double(updates))
        if second is not None:
            of_second, states_of_second = stepped(step, second, states_of_second)
            found_of_second.append(_in_double(of_second))
        if other is not None:
            stepped(step, other, before)
        for weight in optimizer.parameters():
            weight.data *= probe_moved
    total = sum((probes[name] * updates[name]).sum() for name in gradients)
    in_gradients = {f"the gradient of {n}": s for n, s in sources.items() if s.requires_grad}
    reply = {
        "updates": _by_name(found),
        "words": _words_in(states),
        "written": written,
        "second": _by_name(found_of_second),
        "derivatives": _by_weight(total, optimizer)
        | {n: derivative(total, source) for n, source in in_gradients.items()},
    }
    if other is not None:
        reply["again"] = _in_double(stepped(step, sources, before)[0])
    return reply | {"changed": all_changed(kept) + optimizer.returned.changed(), "single": single}


#: How much of what an answer keeps is looked at, and how many words it may keep, of what length.
MANY, WORDS, LETTERS = 10_000, 100, 60


def _inside(states: object) -> Iterator[object]:
    """All that an answer keeps: containers, their keys or attributes, and what is in them."""
    waiting, met = [states], {}
    while waiting and len(met) < MANY:
        each = waiting.pop()
        if id(each) in met:
            continue
        met[id(each)] = each
        yield each
        if isinstance(each, list | tuple | set | frozenset):
            waiting += each
        elif not isinstance(each, str | Tensor | nn.Module | type):
            inside = each if isinstance(each, Mapping) else getattr(each, "__dict__", {})
            waiting += [*inside.keys(), *inside.values()]


def _words_in(states: object) -> list[str]:
    """The words that stand in what an answer keeps."""
    words = sorted({each for each in _inside(states) if isinstance(each, str)})
    return [word for word in words if 0 < len(word) <= LETTERS][:WORDS]


def _facts_of(states: object) -> list[tuple]:
    """What is there, and how often each tensor was written into."""
    things = [each for each in _inside(states) if isinstance(each, Tensor | str)]
    return [(id(each), facts_of(each) if isinstance(each, Tensor) else ()) for each in things]


def _in_double(tensors: Tensors) -> Tensors:
    """Copies without their graph."""
    return {name: tensor.detach().clone().double() for name, tensor in tensors.items()}


def _by_name(steps: Sequence[Tensors]) -> Tensors:
    """Tensors of some steps, (steps, ...) by name."""
    return {name: torch.stack([each[name] for each in steps]) for name in (steps or [{}])[0]}


def _given(of: Tensors, step: int, order: Sequence[str], views: bool) -> Tensors:
    """The gradients of a step; equal ones are one and the same tensor, as for tied weights."""
    given: Tensors = {}
    for name in order:
        gradient = of[name][step]
        twins = (g for g in given.values() if g.numel() and torch.equal(g, gradient))
        given[name] = next(twins, strided(gradient) if views else gradient.clone())
    return given


def run_meta_loss(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_W: Tensor,
    probe_y: Tensor,
    probe_scale: float,
    probe_loss: str,
    theta: Tensor,
    length: int,
    probes: Tensors | None = None,
    probe_kinds: Sequence[str] = (),
) -> dict:
    """The meta-loss of a window and its derivative in the weights; theta and state after it.

    Args:
        probes: for theta, and for h and c of each cell after the window: then the derivative of
            each one's product with its probe, in the first weight of all, comes back as well.
        probe_kinds: see `arranged`; "second": a window on another function comes before.
            "leaf": the function has a leaf inside.
    """
    optimizer = with_gradients(arranged(Optimizer(probe_weights, probe_scale), probe_kinds))
    f = Optimizee(probe_loss, probe_W, probe_y, trainable="leaf" in probe_kinds)
    given_theta, given_state = theta.clone(), unpacked(probe_state)
    kept = [
        Kept("theta", lambda: {"theta": given_theta}),
        kept_state(given_state),
        *kept_optimizer(optimizer),
        f.kept(),
    ]
    if "second" in probe_kinds:
        other = Optimizee(probe_loss, -probe_W, probe_y)
        student(optimizer, other, given_theta, given_state, length)
        optimizer.walks = 0
    total, after, state = parts(
        student(optimizer, f, given_theta, given_state, length), "meta-loss", "theta", "state"
    )
    walks = optimizer.walks
    changed = all_changed(kept) + f.overwritten() + optimizer.returned.changed()
    reply = {
        "meta_loss": tensor_from(total, torch.zeros(()), "the meta-loss", torch.float64),
        "theta": tensor_from(after, theta, "theta after the window", torch.float64),
        "state": packed(state, probe_state, "the state after the window", torch.float64),
        "by_weight": _by_weight(total, optimizer),
        "changed": [name for name in changed if not name.endswith(".grad")],
        "left": [name for name in changed if name.endswith(".grad")],
        "walks": walks,
    }
    if probes is not None:
        first, ends = next(optimizer.parameters()), {"theta": after} | by_part(state)
        reply["ends"] = {n: derivative((probes[n] * end).sum(), first) for n, end in ends.items()}
    return reply


def run_truncated(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_W: Tensor,
    probe_y: Tensor,
    probe_length: int,
    probe_scale: float,
    probe_loss: str,
    theta: Tensor,
    windows: int,
    probe_listed: Sequence[str],
) -> dict:
    """The meta-gradient of each window; where the run ends, and what still carries a graph.

    Args:
        probe_listed: the weights that are asked about, by name; "unused" is one more.
    """
    optimizer = with_gradients(Optimizer(probe_weights, probe_scale), LARGE)
    optimizer.output.bias.grad = None
    f = Optimizee(probe_loss, probe_W, probe_y, trainable=True)
    given_theta, given_state = theta.clone(), unpacked(probe_state)
    known = dict(optimizer.named_parameters()) | {"unused": nn.Parameter(torch.ones_like(theta))}
    weights = [known[name] for name in probe_listed]
    kept = [
        Kept("theta", lambda: {"theta": given_theta}),
        kept_state(given_state),
        *kept_optimizer(optimizer),
        f.kept(),
        KeptFacts(lambda: {"the list of weights": [id(weight) for weight in weights]}),
    ]
    unrolled = Windows(optimizer, f, probe_length, theta, probe_state)
    try:
        with unused_in_words():
            result = student(unrolled, weights, given_theta, given_state, windows)
    except RuntimeError as error:
        if unrolled.tied and "backward through the graph a second time" in str(error):
            raise NoAnswer(
                f"a window was begun with a graph behind {' and '.join(unrolled.tied)}; torch "
                "would have to go back through an earlier window, whose graph is gone",
                "every window begins with constants",
                "detach() theta, and both tensors of every cell's state, before the next window",
            ) from None
        raise
    gradients, after, state = parts(result, "gradients", "theta", "state")
    gradients = sequence(gradients, windows, "the gradients", "windows")
    by_weight, with_graph, single = {}, [], []
    for window, found in enumerate(gradients, 1):
        what = f"the gradients of window {window}"
        found = sequence(found, len(weights), what, "weights")
        for k, gradient in enumerate(found):
            key = f"window {window}, {k}: {probe_listed[k]}"
            name = f"the gradient of {key}"
            if gradient is None:
                raise NoAnswer(f"{name}: None", *UNUSED)
            by_weight[key] = tensor_from(gradient, weights[k], name, torch.float64)
            single += narrowed({name: gradient}, {name: weights[k]})
        if any(gradient.grad_fn is not None for gradient in found):
            with_graph.append(what)
    return {
        "by_weight": by_weight,
        "theta": tensor_from(after, theta, "theta at the end", torch.float64),
        "state": packed(state, probe_state, "the state at the end", torch.float64),
        "with_graph": with_graph + parts_with_graph(after, state),
        "single": single,
        "changed": all_changed(kept) + unrolled.returned.changed(),
        "alive": unrolled.alive,
        "calls": unrolled.calls,
    }


def run_meta_step(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_W: Tensor,
    probe_y: Tensor,
    probe_scale: float,
    probe_loss: str,
    theta: Tensor,
    length: int,
    probe_rate: float,
    probe_meta: str,
    meta_steps: int,
    probe_kinds: Sequence[str] = (),
) -> dict:
    """Some meta-steps in float64, each where the one before has ended.

    Args:
        probe_meta: one of `META_OPTIMIZERS`.
        probe_kinds: see `arranged`; "before": there is something in every .grad.
            "blown up": NaN and inf, in turns, as after a step that went wrong.
            "unused": one more weight, of which the windows make no use.
    """
    optimizer = arranged(Optimizer(probe_weights, probe_scale), probe_kinds)
    if "unused" in probe_kinds:
        optimizer.unused = nn.ParameterList([torch.ones_like(theta)])
    if "before" in probe_kinds:
        with_gradients(optimizer)
    if "blown up" in probe_kinds:
        for weight, number in zip(optimizer.parameters(), cycle([math.nan, math.inf])):
            weight.grad = torch.full_like(weight, number)
    trained = [weight for weight in optimizer.parameters() if weight.requires_grad]
    meta_optimizer = META_OPTIMIZERS[probe_meta](trained, probe_rate)
    f, calls = Optimizee(probe_loss, probe_W, probe_y), []

    def facts() -> dict:
        """What is as before in weights that move."""
        return {f"{n}.requires_grad": w.requires_grad for n, w in optimizer.named_parameters()}

    frozen = {n: w for n, w in optimizer.named_parameters() if not w.requires_grad}
    _, *others = kept_optimizer(optimizer)
    kept = [*others, KeptFacts(facts), Kept("the frozen weights", lambda: frozen)]

    def meta_step(theta: Tensor, state: State) -> object:
        before = f.calls
        with unused_in_words():
            result = student(optimizer, meta_optimizer, f.value_and_gradient, theta, state, length)
        calls.append(f.calls - before)
        return result

    reply = take_meta_steps(meta_step, optimizer, meta_optimizer, theta, probe_state, meta_steps)
    changed = reply["changed"] + all_changed(kept) + f.overwritten() + optimizer.returned.changed()
    return reply | {"changed": list(dict.fromkeys(changed)), "calls": calls}


def _by_weight(total: Tensor, optimizer: nn.Module) -> dict[str, Tensor | None]:
    trained = {name: w for name, w in optimizer.named_parameters() if w.requires_grad}
    return {name: derivative(total, weight) for name, weight in trained.items()}


def _kept_gradients(gradients: Tensors) -> list[Kept | KeptFacts]:
    def read() -> Tensors:
        return {f"the gradient of {name}": gradient for name, gradient in gradients.items()}

    order = KeptFacts(lambda: {"the order in the dict of gradients": list(gradients)})
    return [Kept("the dict of gradients", read), order]


def _kept_results(results: Tensors) -> Kept:
    """What an answer has given, which a later call must not change."""
    return Kept("what came back", lambda: results)
