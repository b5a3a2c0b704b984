"""Exponents instead of logarithms, functions with a known slope, backward through time by hand."""

import math

import torch


def log_and_sign(gradient, p=10.0):
    """The logarithm from mantissa and exponent; the sign as a quotient."""
    size = gradient.abs()
    mantissa, exponent = torch.frexp(size)
    logarithm = (mantissa.log() + math.log(2) * exponent.to(size.dtype)) / p
    second = gradient / size.clamp(min=math.exp(-p))
    return torch.cat([logarithm.clamp(min=-1)[..., None], second[..., None]], dim=-1)


def step(optimizer, gradients, state):
    """Torch's own function for a cell."""
    h, after = gradients.reshape(-1, 1), []
    for cell, pair in zip(optimizer.cells, state):
        weights = cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh
        h, c = torch.lstm_cell(h, tuple(pair), *weights)
        after.append([h, c])
    output = optimizer.output
    return optimizer.scale * torch.addmv(output.bias.expand(len(h)), h, output.weight[0]), after


def step_all(optimizer, gradients, states):
    """One vector in the order of the first step, and states that cannot be changed."""
    names, state = states or (tuple(gradients), None)
    vector = torch.hstack([gradients[name].ravel() for name in names])
    update, state = optimizer(vector, state or optimizer.initial_state(vector.numel()))
    updates = {}
    for name in names:
        size = gradients[name].numel()
        updates[name], update = update[:size].reshape(gradients[name].shape), update[size:]
    return updates, (names, tuple(tuple(pair) for pair in state))


class KnownSlope(torch.autograd.Function):
    @staticmethod
    def forward(ctx, theta, value, gradient):
        ctx.save_for_backward(gradient)
        return value.clone()

    @staticmethod
    def backward(ctx, cotangent):
        return cotangent * ctx.saved_tensors[0], None, None


def meta_loss(optimizer, loss, theta, state, length):
    """The graph of the optimizee is never kept."""
    values, gradient = [], slope(loss, theta)[1]
    while len(values) < length:
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = slope(loss, theta)
        values.append(KnownSlope.apply(theta, value, gradient))
    return torch.stack(values).sum(), theta, state


def slope(loss, theta):
    here = theta.detach().clone().requires_grad_()
    value = loss(here)
    return value.detach(), torch.autograd.grad(value, here)[0]


def truncated(unrolled, weights, theta, state, windows):
    """backward(inputs=...) into a .grad that is empty, and the old one back in any case."""
    rows, before = [], {weight: weight.grad for weight in weights}
    try:
        for _ in range(windows):
            for weight in weights:
                weight.grad = None
            total, theta, state = unrolled(theta, state)
            total.backward(inputs=list(before))
            rows.append([torch.zeros_like(w) if w.grad is None else w.grad for w in weights])
            theta, state = constant(theta), constant(state)
    finally:
        for weight, grad in before.items():
            weight.grad = grad
    return rows, theta, state


def constant(tree):
    if isinstance(tree, torch.Tensor):
        return tree.data.clone()
    return [constant(part) for part in tree]


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    """Forward without a graph; then each update once more, from the last to the first."""
    weights = [w for group in meta_optimizer.param_groups for w in group["params"]]
    values, met, gradient = [], [], optimizee(theta)[1]
    with torch.no_grad():
        for _ in range(length):
            met.append((gradient, state))
            update, state = optimizer(gradient, state)
            theta = theta + update
            value, gradient = optimizee(theta)
            values.append(value)
    meta_optimizer.zero_grad()
    told, later = [torch.zeros_like(part) for pair in state for part in pair], gradient
    for seen, before in reversed(met):
        leaves = [part.detach().clone().requires_grad_() for pair in before for part in pair]
        update, after = optimizer(seen, list(zip(leaves[::2], leaves[1::2])))
        outputs = [update, *(part for pair in after for part in pair)]
        torch.autograd.backward(outputs, [later, *told], inputs=[*weights, *leaves])
        told, later = [leaf.grad for leaf in leaves], later + seen
    meta_optimizer.step()
    return sum(values), theta, state
