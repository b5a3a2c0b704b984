"""Careful: computes in double where it can, keeps leaves apart from results, uses backward(inputs=)."""

import copy
import math

import torch


def log_and_sign(gradient, p=10.0):
    g = gradient.double()
    size = torch.clamp(torch.abs(g), math.exp(-p), None)
    logarithm = torch.log(size) / p
    sign = torch.where(torch.abs(g) >= math.exp(-p), torch.sign(g), g * math.exp(p))
    return torch.cat((logarithm.unsqueeze(-1), sign.unsqueeze(-1)), dim=-1)


def step(optimizer, gradients, state):
    h = gradients.reshape(len(gradients), 1)
    new = [None] * len(state)
    for k in range(len(optimizer.cells)):
        h, c = optimizer.cells[k](h, (state[k][0], state[k][1]))
        new[k] = (h, c)
    updates = torch.nn.functional.linear(h, optimizer.output.weight, optimizer.output.bias)
    return torch.mul(updates[:, 0], optimizer.scale), new


def step_all(optimizer, gradients, states):
    """One call of the optimizer for each single entry."""
    states = {} if states is None else copy.copy(states)
    updates = {}
    for name, gradient in gradients.items():
        entries = [gradient.new_zeros(0)]
        for k, entry in enumerate(gradient.flatten()):
            state = states.get((name, k), optimizer.initial_state(1))
            update, states[name, k] = optimizer(entry.view(1), state)
            entries.append(update)
        updates[name] = torch.cat(entries).reshape(gradient.shape)
    return updates, states


def meta_loss(optimizer, loss, theta, state, length):
    total = torch.zeros(())
    for _ in range(length):
        leaf = theta.detach().requires_grad_()
        loss(leaf).backward(inputs=[leaf])
        update, state = optimizer(leaf.grad, list(state))
        theta = theta.add(update)
        total = total.add(loss(theta))
    return total, theta, state


def truncated(unrolled, weights, theta, state, windows):
    """With leaves at the beginning of each window."""
    found = []
    while len(found) < windows:
        theta = theta.detach().requires_grad_()
        state = [(h.detach().requires_grad_(), c.detach().requires_grad_()) for h, c in state]
        total, theta, state = unrolled(theta, state)
        copies = [torch.empty(0)] * len(weights)
        for k, weight in enumerate(weights):
            (copies[k],) = torch.autograd.grad(
                total, weight, retain_graph=True, materialize_grads=True
            )
        found.append(copies)
    return found, theta.detach(), tuple((h.detach(), c.detach()) for h, c in state)


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    """Hands the gradient to autograd as a function of its own."""

    class Value(torch.autograd.Function):
        @staticmethod
        def forward(ctx, theta):
            value, gradient = optimizee(theta)
            ctx.save_for_backward(gradient)
            return value

        @staticmethod
        def backward(ctx, d_value):
            return d_value * ctx.saved_tensors[0]

    total, (_, gradient) = theta.new_zeros(()), optimizee(theta)
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = Value.apply(theta)
        total, gradient = total + value, value.grad_fn.saved_tensors[0]
    weights = [weight for weight in optimizer.parameters() if weight.requires_grad]
    for weight, gradient in zip(
        weights, torch.autograd.grad(total, weights, materialize_grads=True)
    ):
        weight.grad = gradient
    meta_optimizer.step()
    meta_optimizer.zero_grad()
    return total.detach(), theta.detach(), [(h.detach(), c.detach()) for h, c in state]
