"""The answering side of exercise 01: calls the student's functions, knows no expected value."""

from collections.abc import Callable
from itertools import cycle

import torch
from torch import Tensor, nn

from ..answering import (
    NoAnswer,
    as_leaves,
    describe,
    describe_error,
    dict_from,
    kind_of,
    tensor_from,
)
from ..wire import Tensors
from .given import Others, begun_at, behind, higher, plant, slope, watched
from .networks import build, load, strided, turned


def frozen_and_moved(x: Tensor, w: Tensor) -> Tensor:
    """A parameter that an operation in place has made a result."""
    return nn.Parameter(x, requires_grad=False).add_(w)


def kept(result: Tensor) -> Tensor:
    """A result whose gradient backward() keeps, as it would a leaf's."""
    result.retain_grad()
    result.sum().backward(retain_graph=True)
    return result


def of_a_frozen_leaf(leaf: Tensor) -> Tensor:
    """A result whose leaf has been frozen since; it goes on requiring a gradient."""
    result = 2 * leaf
    leaf.requires_grad_(False)
    return result


def with_gradient(leaf: Tensor) -> Tensor:
    """A leaf after a backward()."""
    leaf.sum().backward()
    return leaf


#: Ways to make a tensor, from random numbers x and a trainable leaf w.
MADE = {
    "x": lambda x, w: x,
    "2 * x": lambda x, w: 2 * x,
    "torch.arange(3)": lambda x, w: torch.arange(3),
    "x > 0": lambda x, w: x > 0,
    "x + 1j": lambda x, w: x + 1j,
    "torch.empty(0)": lambda x, w: torch.empty(0),
    "w.data": lambda x, w: w.data,
    "w.detach()": lambda x, w: w.detach(),
    "w.detach().view(2, 2).T": lambda x, w: w.detach().view(2, 2).T,
    "w.argmax()": lambda x, w: w.argmax(),
    "(2 * w).detach()": lambda x, w: (2 * w).detach(),
    "2 * w, under torch.no_grad()": torch.no_grad()(lambda x, w: 2 * w),
    "nn.Parameter(x, requires_grad=False)": lambda x, w: nn.Parameter(x, requires_grad=False),
    "l.grad, where l is a leaf, after l.sum().backward()": lambda x, w: (
        with_gradient(nn.Parameter(x)).grad
    ),
    "w": lambda x, w: w,
    "x.clone().requires_grad_()": lambda x, w: x.clone().requires_grad_(),
    "w.detach().requires_grad_()": lambda x, w: w.detach().requires_grad_(),
    "w.detach()[:2].requires_grad_()": lambda x, w: w.detach()[:2].requires_grad_(),
    "w.sum().detach().requires_grad_()": lambda x, w: w.sum().detach().requires_grad_(),
    "x.double().requires_grad_()": lambda x, w: x.double().requires_grad_(),
    "(x + 1j).requires_grad_()": lambda x, w: (x + 1j).requires_grad_(),
    "torch.zeros(4, requires_grad=True)": lambda x, w: torch.zeros(4, requires_grad=True),
    "torch.empty(0, requires_grad=True)": lambda x, w: torch.empty(0, requires_grad=True),
    "nn.Parameter(x)": lambda x, w: nn.Parameter(x),
    "x.half().requires_grad_()": lambda x, w: x.half().requires_grad_(),
    "nn.Buffer(x)": lambda x, w: nn.Buffer(x),
    "nn.Buffer(x).requires_grad_()": lambda x, w: nn.Buffer(x).requires_grad_(),
    "nn.Buffer(2 * w)": lambda x, w: nn.Buffer(2 * w),
    "nn.Parameter(2 * w)": lambda x, w: nn.Parameter(2 * w),
    "nn.Parameter(x), after a backward()": lambda x, w: with_gradient(nn.Parameter(x)),
    "2 * w": lambda x, w: 2 * w,
    "w / 0": lambda x, w: w / 0,
    "w.exp()": lambda x, w: w.exp(),
    "2 * l, where l is a leaf, after l.requires_grad_(False)": lambda x, w: of_a_frozen_leaf(
        nn.Parameter(x)
    ),
    "torch.complex(w, w)": lambda x, w: torch.complex(w, w),
    "0 * w": lambda x, w: 0 * w,
    "w[:0]": lambda x, w: w[:0],
    "w.clone()": lambda x, w: w.clone(),
    "w.view(-1)": lambda x, w: w.view(-1),
    "w.view(2, 2).T": lambda x, w: w.view(2, 2).T,
    "w[0]": lambda x, w: w[0],
    "w.unbind()[1]": lambda x, w: w.unbind()[1],
    "w.half()": lambda x, w: w.half(),
    "nn.Buffer(x).add_(w)": lambda x, w: nn.Buffer(x).add_(w),
    "w.double()": lambda x, w: w.double(),
    "w.sum()": lambda x, w: w.sum(),
    "x.clone().add_(w)": lambda x, w: x.clone().add_(w),
    "nn.Parameter(x, requires_grad=False).add_(w)": frozen_and_moved,
    "r = w.exp(), after r.retain_grad() and a backward()": lambda x, w: kept(
        w.detach().requires_grad_().exp()
    ),
}

#: Changes of a tensor that kind has been asked about already: how it is made, what happens then.
CHANGED = {
    "x, asked about before and after x.requires_grad_()": ("x", Tensor.requires_grad_),
    "w, asked about before and after w.requires_grad_(False)": (
        "nn.Parameter(x)",
        lambda t: t.requires_grad_(False),
    ),
    "r = 2 * w, asked about before and after r.detach_()": ("2 * w", Tensor.detach_),
}


def run_kind(student: Callable, x: Tensor, made: list[str], recording: bool) -> dict:
    """The student's word for each of some tensors, made from x in named ways."""
    w, kinds, changed = x.clone().requires_grad_(), [], []
    for way in made:
        how, change = CHANGED.get(way, (way, None))
        tensor = MADE[how](x.clone(), w)
        if change:
            student(tensor)
            change(tensor)
        with watched(recording, t=tensor, w=w) as found:
            kind = student(tensor)
        if not isinstance(kind, str):
            raise NoAnswer(f"{describe(kind)} for {way}", "'constant', 'leaf' or 'result'")
        kinds.append(kind)
        if _is_spent(tensor, w):
            found.append("the graph of t, which is gone")
        changed += [f"{what} (t = {way})" for what in found]
    return {"kinds": kinds, "changed": changed}


def _is_spent(tensor: Tensor, leaf: Tensor) -> bool:
    """Whether a tensor's graph is gone, because somebody has differentiated through it."""
    if tensor.grad_fn is not None:
        try:
            torch.autograd.grad(tensor.sum(), leaf, retain_graph=True, allow_unused=True)
        except RuntimeError:
            return True
    return False


def run_sgd_step(
    student: Callable,
    weights: Tensors,
    gradients: Tensors,
    rate: Tensor,
    probes: Tensors,
    constants: list[str] = (),
    views: bool = False,
    shared: bool = False,
    results: list[str] = (),
    planted: bool = False,
    recording: bool = True,
    calls: int = 0,
    orders: int = 0,
) -> dict:
    """The new weights, and the derivatives of ``sum <probe, new weight>``.

    Args:
        constants: what is no leaf: names of weights, "gradients", "rate".
        views: whether the weights are transposed views.
        shared: whether the first tensor stands for the second name as well.
        results: what is a result of a leaf: "weights", "gradients", "rate".
        planted: whether there is something in every ``.grad``.
        recording: whether gradients are recorded.
        calls: that came before, with other tensors.
        orders: up to which ``sum <probe, new weight ** 2>`` is differentiated, see `higher`.
    """
    w = {n: turned(t) if views else t.clone() for n, t in weights.items()}
    g = {n: t.clone().requires_grad_("gradients" not in constants) for n, t in gradients.items()}
    r = rate.clone().requires_grad_("rate" not in constants)
    w = {n: t.requires_grad_(n not in constants) for n, t in w.items()}
    if shared:
        w |= dict.fromkeys(list(w)[:2], next(iter(w.values())))
    for tensors in (w, g, {"rate": r}) if planted else ():
        plant(tensors)
    first = _other_steps(student, w, r, calls)
    made = {"weights": w, "gradients": g, "rate": {"": r}}
    made |= {what: {n: t * 1 for n, t in made[what].items()} for what in results}
    given_w, given_g, given_r = dict(made["weights"]), dict(made["gradients"]), made["rate"][""]
    things = {"weights": given_w, "gradients": given_g, "rate": given_r}
    things |= {"the leaves behind the weights": behind(given_w, w)}
    things |= {"what an earlier call returned": first}
    with watched(recording, **things) as changed:
        new = student(given_w, given_g, given_r)
    new = dict_from(new, weights, "the new weights")
    values = {n: tensor_from(new[n], weights[n], f"new {n}", torch.float64) for n in weights}
    total = sum((probes[n] * new[n]).sum() for n in weights)
    curved = sum((probes[n] * new[n] ** 2).sum() for n in weights) if orders else None
    return {
        "values": values,
        "dtypes": {n: str(new[n].dtype) for n in weights},
        "by_weight": {n: slope(total, t) for n, t in w.items()},
        "by_gradient": {n: slope(total, t) for n, t in g.items()},
        "by_rate": slope(total, r),
        "higher": higher(curved, {"weights": w, "gradients": g, "rate": {"": r}}, orders),
        "changed": changed,
    }


def _other_steps(student: Callable, weights: Tensors, rate: Tensor, calls: int) -> Tensors:
    """Take steps with other tensors; what the first, with other names, has returned."""
    first = {}
    for k in range(calls):
        names = {n: n if k else f"another {n}" for n in weights}
        other = {names[n]: t.detach() + k for n, t in weights.items()}
        new = student(other, {n: t + 1 for n, t in other.items()}, 2 * rate.detach())
        first = first or dict_from(new, other, "the new weights")
    return first


def run_put(student: Callable, **asked) -> dict:
    """What `run_replaced` finds, or `run_refused` where a name is given that is no parameter's."""
    return (run_refused if "name" in asked else run_replaced)(student, **asked)


def run_replaced(
    student: Callable,
    network: str,
    weights: Tensors,
    sources: Tensors,
    x: Tensor,
    probe: Tensor,
    tensor_is: str = "result",
    views: bool = False,
    recording: bool = True,
) -> dict:
    """What the network computes with ``source ** 2`` in some weights' places, and its derivatives.

    Args:
        network: see `NETWORKS`.
        sources: by the names that are replaced, one after the other.
        tensor_is: "result", or what ``source ** 2`` is made instead: "leaf" or "constant".
        views: whether the tensors are views that do not lie in one piece.
        recording: whether gradients are recorded when the weights are replaced.
    """
    made = build(network, weights)
    parameters = dict(made.named_parameters())
    plant(parameters)
    replaced = {name: parameters[name] for name in sources}
    others, leaves = Others(made, replaced.values()), as_leaves(sources)
    lying = strided if views else Tensor.contiguous
    tensors = {name: lying(source.square()) for name, source in leaves.items()}
    if tensor_is != "result":
        leaves = {name: t.detach().requires_grad_() for name, t in tensors.items()}
        tensors = {name: t if tensor_is == "leaf" else t.detach() for name, t in leaves.items()}
    plant(leaves)
    things = {"the tensors": tensors, "the leaves behind them": behind(tensors, leaves)}
    things |= {"the old ones": replaced}
    with watched(recording, **things) as changed:
        for name, tensor in tensors.items():
            student(made, name, tensor)
    changed += others.changed()
    try:
        made(x)
        output = made(x)  # all of it lasts
    except Exception as error:
        raise NoAnswer(f"after put, the network itself fails: {describe_error(error)}") from None
    total = (probe * output).sum()
    now = {id(parameter) for parameter in made.parameters()}
    own = [tensor for name, tensor in parameters.items() if name not in sources]
    known = {id(t) for t in (*own, *others.tensors(), *tensors.values(), *leaves.values())}
    return {
        "output": tensor_from(output, probe, "what the network computes", torch.float64),
        "by_source": {name: slope(total, leaf) for name, leaf in leaves.items()},
        "still_there": [name for name, old in replaced.items() if id(old) in now],
        "overwritten": [
            name for name, old in replaced.items() if not torch.equal(old.detach(), weights[name])
        ],
        "strange": len([leaf for leaf in begun_at(output) if id(leaf) not in known]),
        "changed": changed,
    }


def run_refused(student: Callable, network: str, weights: Tensors, name: str, x: Tensor) -> dict:
    """What is raised for a name that no parameter has: its types, the most special one first."""
    made, raised = build(network, weights), []
    with watched(module=made) as changed:
        try:
            student(made, name, x)
        except Exception as error:
            raised = [kind.__name__ for kind in type(error).__mro__]
    return {"raised": raised, "changed": changed}


def run_loss_after(student: Callable, orders: int = 0, **asked) -> dict:
    """The loss, and what `_train` finds.

    Args:
        orders: up to which it is differentiated in the rates, see `higher`.
    """

    def read(loss: object, leaves: Tensors) -> dict:
        value = tensor_from(loss, torch.zeros(()), "the loss", torch.float64)
        return {
            "loss": value,
            "by_rate": [by["rate"] for by in higher(loss, {"rate": leaves}, orders)],
        }

    return _train(student, read, **asked)


def run_first_order(student: Callable, **asked) -> dict:
    """The derivatives that the student's function returns, and what `_train` finds."""

    def read(result: object, leaves: Tensors) -> dict:
        result = dict_from(result, leaves, "the derivatives")
        found = {
            n: tensor_from(result[n], leaf, f"the derivative for {n}", torch.float64)
            for n, leaf in leaves.items()
        }
        return {"by_rate": found}

    return _train(student, read, **asked)


def _train(
    student: Callable,
    read: Callable,
    network: str,
    weights: Tensors,
    other_weights: Tensors | None = None,
    planted: bool = False,
    **asked,
) -> dict:
    """Ask for a training, and whether all that was given is as it was.

    Args:
        read: makes data of what comes back, and of the rates that went there.
        other_weights: those that the module gets for a second call. What that gives is "again", and
            what a module gives that begins with them is "fresh".
        planted: whether there is something in every ``.grad``.
        asked: the arguments of `_called`.
    """
    module = build(network, weights)
    if planted:
        plant(dict(module.named_parameters()))
    first, leaves, changed = _called(student, module, planted, **asked)
    reply = read(first, leaves) | {"changed": changed}
    if other_weights:
        load(module, other_weights)
        asked |= {"earlier": first}
        for name, each in (("again", module), ("fresh", build(network, other_weights))):
            *found, changed = _called(student, each, planted, **asked)
            reply[name] = read(*found)
            reply["changed"] += changed
    return reply


def _called(
    student: Callable,
    module: nn.Module,
    planted: bool,
    x: Tensor,
    y: Tensor,
    rates: Tensors,
    steps: int,
    views: bool = False,
    rates_are: str = "leaves",
    dtype: str = "float32",
    earlier: object = None,
) -> tuple[object, Tensors, list[str]]:
    """What one call gives, the leaves behind the rates, and what is no longer as it was.

    Args:
        views: whether the batch is a transposed view.
        rates_are: "leaves" or "results".
        dtype: the default dtype.
        earlier: what an earlier call returned.
    """
    leaves, x, y = as_leaves(rates), turned(x) if views else x.clone(), y.clone()
    given = dict(leaves)
    if rates_are == "results":
        given = {name: leaf.clone() for name, leaf in leaves.items()}
    if planted:
        plant(given | {"x": x, "y": y})
    things = {"module": module, "x": x, "y": y, "rates": given}
    things |= {"the leaves behind the rates": behind(given, leaves)}
    if earlier is not None:
        things["what an earlier call returned"] = earlier
    with watched(dtype=getattr(torch, dtype), **things) as changed:
        result = student(module, x, y, given, steps)
    return result, leaves, changed


def run_learn_rates(
    student: Callable,
    probe_A: Tensor,
    probe_b: Tensor,
    rates: Tensors,
    meta_rate: float,
    steps: int,
    kinds: list[str],
    planted: bool = False,
    inside: bool = False,
    one: bool = False,
    own: bool = False,
    calls: int = 0,
) -> dict:
    """The rates learned on ``||A r - b||^2``, where r holds the rates in their order.

    Args:
        kinds: what the rates are: constants, leaves or results, in turn.
        planted: whether there is something in every ``.grad``.
        inside: whether the loss is ``||g||^2`` instead, for the gradient g of half of the above.
        one: whether one tensor stands for all names.
        own: whether the loss depends on a leaf of its own, with something in its ``.grad``.
        calls: that came before, with another loss.
    """
    given = {
        name: _made(rate, kind)
        for (name, rate), kind in zip(rates.items(), cycle(kinds), strict=False)
    }
    if one:
        given = dict.fromkeys(given, next(iter(given.values())))
    if planted:
        plant(given)
    met, A = [], probe_A.clone().requires_grad_(own)
    plant({"A": A} if own else {})

    def loss_of(now: Tensors) -> Tensor:
        now = dict_from(now, rates, "the rates that loss_of was called with")
        met.append({_kind(rate) for rate in now.values()})
        r = torch.stack([now[name] for name in rates])
        loss = (A @ r - probe_b).square().sum()
        if inside:
            (g,) = torch.autograd.grad(loss / 2, r, create_graph=True)
            loss = g.square().sum()
        return loss

    def other_loss_of(now: Tensors) -> Tensor:
        return sum((rate - 1).square() for rate in now.values())

    first = {}
    for _ in range(calls):
        first = student(other_loss_of, dict(given), meta_rate / 3, steps + 1)
        first = dict_from(first, rates, "the rates")
    things = {"rates": given, "what an earlier call returned": first}
    things |= {"other_leaf": A} if own else {}
    try:
        with watched(**things) as changed:
            learned = student(loss_of, given, meta_rate, steps)
        learned = dict_from(learned, rates, "the rates")
    except Exception:
        if met and "constant" in met[-1]:
            raise NoAnswer(*CONSTANTS_MET) from None
        raise
    return {
        "values": {
            name: tensor_from(learned[name], rates[name], f"the rate {name}", torch.float64)
            for name in rates
        },
        "returned": sorted({_kind(rate) for rate in learned.values()}),
        "met": sorted(set().union(*met)),
        "calls": len(met),
        "changed": changed,
    }


CONSTANTS_MET = (
    "loss_of was called with constants",
    "trainable leaves, in every step",
    "requires_grad_() makes a leaf of a constant; do it before the first step and in each step, "
    "since detach() gives constants",
)


def _made(rate: Tensor, kind: str) -> Tensor:
    """A copy of a rate that is a constant, a leaf or a result."""
    made = rate.clone().requires_grad_(kind != "constants")
    return made.clone() if kind == "results" else made


def _kind(value: object) -> str:
    if not isinstance(value, Tensor):
        raise NoAnswer(describe(value), "a tensor for each rate")
    return kind_of(value)
