"""The answering side of exercise 01: calls the student's functions, knows no expected value."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .answering import NoAnswer, derivative, describe, dict_from, tensor_from

Tensors = dict[str, Tensor]

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
    w = x.clone().requires_grad_()
    kinds = [student(MADE[way](x.clone(), w)) for way in made]
    return {"kinds": [kind if isinstance(kind, str) else describe(kind) for kind in kinds]}


def run_sgd_step(
    student: Callable, weights: Tensors, gradients: Tensors, rate: Tensor, probes: Tensors
) -> dict:
    """The new weights, and the derivatives of ``sum <probe, new weight>``."""
    inputs = [_leaves(weights), _leaves(gradients), _leaves({"rate": rate})]
    new = student(dict_w := dict(inputs[0]), dict_g := dict(inputs[1]), inputs[2]["rate"])
    new = dict_from(new, weights, "the new weights")
    values = {name: tensor_from(new[name], weights[name], f"new {name}") for name in weights}
    total = sum((probes[name] * new[name]).sum() for name in weights)
    by_weight, by_gradient, by_rate = (
        {name: derivative(total, leaf) for name, leaf in leaves.items()} for leaves in inputs
    )
    changed = _changed(weights | {"rate": rate}, inputs[0] | inputs[2])
    changed += [f"the gradient of {name}" for name in _changed(gradients, inputs[1])]
    for given, leaves, what in ((dict_w, inputs[0], "weights"), (dict_g, inputs[1], "gradients")):
        if given.keys() != leaves.keys() or any(given[n] is not leaves[n] for n in leaves):
            changed.append(f"the dict {what}")
    return {
        "values": values,
        "by_weight": by_weight,
        "by_gradient": by_gradient,
        "by_rate": by_rate["rate"],
        "changed": changed,
    }


def build(weights: Tensors) -> nn.Module:
    """The network with these weights: one linear layer, or a nested one with tanh between."""
    if "weight" in weights:
        outputs, inputs = weights["weight"].shape
        network = nn.Linear(inputs, outputs)
    else:
        hidden, inputs = weights["encoder.0.weight"].shape
        encoder = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh())
        network = nn.Sequential()
        network.add_module("encoder", encoder)
        network.add_module("head", nn.Linear(hidden, len(weights["head.bias"])))
    network.load_state_dict(weights)
    return network.to(next(iter(weights.values())).dtype)


def run_put(
    student: Callable, weights: Tensors, name: str, source: Tensor, x: Tensor, probe: Tensor
) -> dict:
    """What the network computes with ``source ** 2`` in a weight's place, and its derivative.

    For a name that the network does not have: the type of what was raised.
    """
    network, source = build(weights), source.clone().requires_grad_()
    old = dict(network.named_parameters())
    if name not in old:
        try:
            student(network, name, source.square())
        except Exception as error:
            return {"raised": [kind.__name__ for kind in type(error).__mro__]}
        return {"raised": []}
    student(network, name, source.square())
    output = network(x)
    now = {id(parameter) for parameter in network.parameters()}
    return {
        "output": tensor_from(output, probe, "what the network computes afterwards"),
        "by_source": derivative((probe * output).sum(), source),
        "still_there": id(old.pop(name)) in now,
        "gone": [other for other, parameter in old.items() if id(parameter) not in now],
    }


def run_loss_after(
    student: Callable, weights: Tensors, x: Tensor, y: Tensor, rates: Tensors, steps: int
) -> dict:
    """The loss, its derivatives in the rates, and the loss that a second call gives."""
    network, leaves = build(weights), _leaves(rates)
    loss = student(network, x.clone(), y.clone(), dict(leaves), steps)
    value = tensor_from(loss, torch.zeros(()), "the loss")
    by_rate = {name: derivative(loss, leaf) for name, leaf in leaves.items()}
    changed = _changed(weights, dict(network.state_dict()))
    again = student(network, x.clone(), y.clone(), dict(leaves), steps)
    return {
        "loss": value,
        "by_rate": by_rate,
        "changed": changed + _changed(rates, leaves),
        "again": tensor_from(again, torch.zeros(()), "the loss of a second call"),
    }


def run_first_order(
    student: Callable, weights: Tensors, x: Tensor, y: Tensor, rates: Tensors, steps: int
) -> dict:
    """The derivatives that the student's function returns."""
    found = student(build(weights), x.clone(), y.clone(), _leaves(rates), steps)
    found = dict_from(found, rates, "the derivatives")
    return {
        "by_rate": {
            name: tensor_from(found[name], rates[name], f"the derivative for {name}")
            for name in rates
        }
    }


def run_learn_rates(
    student: Callable, A: Tensor, b: Tensor, rates: Tensors, meta_rate: float, steps: int, kind: str
) -> dict:
    """The rates learned on ``||A r - b||^2``, where r holds the rates in their order.

    Those given to the student's function are constants, leaves or results, as ``kind`` says.
    """
    met, given = [], {name: rate.clone() for name, rate in rates.items()}
    if kind != "constants":
        given = _leaves(rates)
    if kind == "results":
        given = {name: rate.clone() for name, rate in given.items()}

    def loss_of(now: Tensors) -> Tensor:
        now = dict_from(now, rates, "the rates that loss_of was called with")
        met.append(all(_is_trainable_leaf(rate) for rate in now.values()))
        return (A @ torch.stack([now[name] for name in rates]) - b).square().sum()

    learned = dict_from(student(loss_of, dict(given), meta_rate, steps), rates, "the rates")
    return {
        "values": {
            name: tensor_from(learned[name], rates[name], f"the rate {name}") for name in rates
        },
        "leaves": all(_is_trainable_leaf(rate) for rate in learned.values()),
        "met_leaves": all(met),
        "changed": _changed(rates, given),
    }


def _leaves(tensors: Tensors) -> Tensors:
    return {name: tensor.clone().requires_grad_() for name, tensor in tensors.items()}


def _changed(before: Tensors, after: Tensors) -> list[str]:
    return [name for name, tensor in before.items() if not torch.equal(tensor, after[name])]


def _is_trainable_leaf(value: object) -> bool:
    if not isinstance(value, Tensor):
        raise NoAnswer(describe(value), "a tensor for each rate")
    return value.is_leaf and value.requires_grad
