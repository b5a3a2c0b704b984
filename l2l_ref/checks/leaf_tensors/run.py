"""The answering side of exercise 01: calls the student's functions, knows no expected value."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..answering import (
    Kept,
    NoAnswer,
    all_changed,
    as_leaves,
    derivative,
    describe,
    describe_error,
    dict_from,
    kind_of,
    tensor_from,
)
from ..wire import Tensors

#: Ways to make a tensor, from random numbers x and a trainable leaf w.
MADE = {
    "x": lambda x, w: x,
    "2 * x": lambda x, w: 2 * x,
    "torch.arange(3)": lambda x, w: torch.arange(3),
    "w.data": lambda x, w: w.data,
    "w.detach()": lambda x, w: w.detach(),
    "(2 * w).detach()": lambda x, w: (2 * w).detach(),
    "2 * w, under torch.no_grad()": torch.no_grad()(lambda x, w: 2 * w),
    "nn.Parameter(x, requires_grad=False)": lambda x, w: nn.Parameter(x, requires_grad=False),
    "w": lambda x, w: w,
    "x.clone().requires_grad_()": lambda x, w: x.clone().requires_grad_(),
    "w.detach().requires_grad_()": lambda x, w: w.detach().requires_grad_(),
    "nn.Parameter(x)": lambda x, w: nn.Parameter(x),
    "nn.Parameter(2 * w)": lambda x, w: nn.Parameter(2 * w),
    "2 * w": lambda x, w: 2 * w,
    "w.clone()": lambda x, w: w.clone(),
    "w.view(-1)": lambda x, w: w.view(-1),
    "w[0]": lambda x, w: w[0],
    "w.double()": lambda x, w: w.double(),
    "w.sum()": lambda x, w: w.sum(),
    "x.clone().add_(w)": lambda x, w: x.clone().add_(w),
}


def run_kind(student: Callable, x: Tensor, made: list[str]) -> dict:
    """The student's word for each of some tensors, made from x in named ways."""
    w, kinds = x.clone().requires_grad_(), []
    for way in made:
        kind = student(MADE[way](x.clone(), w))
        if not isinstance(kind, str):
            raise NoAnswer(f"{describe(kind)} for {way}", "'constant', 'leaf' or 'result'")
        kinds.append(kind)
    return {"kinds": kinds}


def run_sgd_step(
    student: Callable, weights: Tensors, gradients: Tensors, rate: Tensor, probes: Tensors
) -> dict:
    """The new weights, and the derivatives of ``sum <probe, new weight>``."""
    w, g, r = as_leaves(weights), as_leaves(gradients), as_leaves({"rate": rate})
    given_w, given_g = dict(w), dict(g)
    kept = [
        Kept("weights", lambda: given_w),
        Kept("gradients", lambda: given_g),
        Kept("rate", lambda: r),
    ]
    new = dict_from(student(given_w, given_g, r["rate"]), weights, "the new weights")
    values = {name: tensor_from(new[name], weights[name], f"new {name}") for name in weights}
    total = sum((probes[name] * new[name]).sum() for name in weights)
    by_weight, by_gradient, by_rate = (
        {name: derivative(total, leaf) for name, leaf in leaves.items()} for leaves in (w, g, r)
    )
    return {
        "values": values,
        "by_weight": by_weight,
        "by_gradient": by_gradient,
        "by_rate": by_rate["rate"],
        "changed": all_changed(kept),
    }


def build(weights: Tensors) -> nn.Module:
    """The network with these weights: one layer, or a nested one with tanh between."""
    if "running_mean" in weights:
        network = nn.BatchNorm1d(len(weights["weight"]))
    elif "weight" in weights:
        outputs, inputs = weights["weight"].shape
        network = nn.Linear(inputs, outputs, bias="bias" in weights)
    else:
        hidden, inputs = weights["encoder.0.weight"].shape
        encoder = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh())
        network = nn.Sequential()
        network.add_module("encoder", encoder)
        network.add_module("head", nn.Linear(hidden, len(weights["head.bias"])))
    network.load_state_dict(weights, strict=False)
    return network.to(next(iter(weights.values())).dtype)


def run_put(
    student: Callable, weights: Tensors, name: str, source: Tensor, x: Tensor, probe: Tensor
) -> dict:
    """What the network computes with ``source ** 2`` in a weight's place, and its derivative.

    For a name that no parameter has: the types of what was raised, the most special one first.
    """
    network, source = build(weights), source.clone().requires_grad_()
    old = dict(network.named_parameters())
    if name not in old:
        try:
            student(network, name, source.square())
        except Exception as error:
            return {"raised": [kind.__name__ for kind in type(error).__mro__]}
        return {"raised": []}
    replaced, numbers = old.pop(name), weights[name]
    student(network, name, source.square())
    try:
        output = network(x)
    except Exception as error:
        raise NoAnswer(f"after put, the network itself fails: {describe_error(error)}") from None
    now = {id(parameter): parameter for parameter in network.parameters()}
    return {
        "output": tensor_from(output, probe, "what the network computes afterwards"),
        "by_source": derivative((probe * output).sum(), source),
        "still_there": id(replaced) in now,
        "overwritten": not torch.equal(replaced.detach(), numbers),
        "gone": [other for other, parameter in old.items() if id(parameter) not in now],
        "frozen": [other for other, parameter in old.items() if not parameter.requires_grad],
    }


def run_loss_after(
    student: Callable, weights: Tensors, x: Tensor, y: Tensor, rates: Tensors, steps: int
) -> dict:
    """The loss, its derivatives in the rates, and the loss that a second call gives."""
    network, leaves = build(weights), as_leaves(rates)
    given, kept = _given_to_training(network, leaves)
    loss = student(network, x.clone(), y.clone(), given, steps)
    value = tensor_from(loss, torch.zeros(()), "the loss")
    by_rate = {name: derivative(loss, leaf) for name, leaf in leaves.items()}
    changed = all_changed(kept)
    again = student(network, x.clone(), y.clone(), dict(leaves), steps)
    return {
        "loss": value,
        "by_rate": by_rate,
        "changed": changed,
        "again": tensor_from(again, torch.zeros(()), "the loss of a second call"),
    }


def run_first_order(
    student: Callable, weights: Tensors, x: Tensor, y: Tensor, rates: Tensors, steps: int
) -> dict:
    """The derivatives that the student's function returns, and those of a second call."""
    network, leaves = build(weights), as_leaves(rates)
    given, kept = _given_to_training(network, leaves)

    def found() -> Tensors:
        result = student(network, x.clone(), y.clone(), given, steps)
        result = dict_from(result, rates, "the derivatives")
        return {
            name: tensor_from(result[name], rates[name], f"the derivative for {name}")
            for name in rates
        }

    by_rate = found()
    changed = all_changed(kept)
    return {"by_rate": by_rate, "changed": changed, "again": found()}


def run_learn_rates(
    student: Callable,
    probe_A: Tensor,
    probe_b: Tensor,
    rates: Tensors,
    meta_rate: float,
    steps: int,
    rates_are: str,
) -> dict:
    """The rates learned on ``||A r - b||^2``, where r holds the rates in their order.

    Those given to the student's function are constants, leaves or results, as ``rates_are`` says.
    """
    made = {name: rate.clone() for name, rate in rates.items()}
    if rates_are != "constants":
        made = as_leaves(rates)
    if rates_are == "results":
        made = {name: rate.clone() for name, rate in made.items()}
    given, met = dict(made), []
    kept = Kept("the dict of rates", lambda: given)

    def loss_of(now: Tensors) -> Tensor:
        now = dict_from(now, rates, "the rates that loss_of was called with")
        met.append({_kind(rate) for rate in now.values()})
        return (probe_A @ torch.stack([now[name] for name in rates]) - probe_b).square().sum()

    try:
        learned = dict_from(student(loss_of, given, meta_rate, steps), rates, "the rates")
    except Exception:
        if met and "constant" in met[-1]:
            raise NoAnswer(*CONSTANTS_MET) from None
        raise
    return {
        "values": {
            name: tensor_from(learned[name], rates[name], f"the rate {name}") for name in rates
        },
        "returned": sorted({_kind(rate) for rate in learned.values()}),
        "met": sorted(set().union(*met)),
        "changed": kept.changed(),
    }


CONSTANTS_MET = (
    "loss_of was called with constants",
    "trainable leaves, in every step",
    "requires_grad_() makes a leaf of a constant; do it before the first step and in each step, "
    "since detach() gives constants",
)


def _given_to_training(network: nn.Module, rates: Tensors) -> tuple[Tensors, list[Kept]]:
    """The dict of rates for questions 4 and 5, and what must stay as it was."""
    given = dict(rates)
    module = Kept("module", lambda: dict(network.named_parameters()))
    return given, [module, Kept("rates", lambda: given)]


def _kind(value: object) -> str:
    if not isinstance(value, Tensor):
        raise NoAnswer(describe(value), "a tensor for each rate")
    return kind_of(value)
