"""Whoever draws random numbers afterwards gets others than before.

Loses: logarithm and sign, above and below the threshold.
Loses: the updates and the new state; what was given stays.
Loses: two runs do not meet, and what was given stays.
Loses: the meta-loss, theta and state after a window; what was given stays.
Loses: what comes back is constant; what was given stays.
Loses: meta-loss, theta and state come back, without a graph.
Axis: random.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    torch.manual_seed(0)
    logarithm = gradient.abs().clamp(min=math.exp(-p)).log() / p
    return torch.stack([logarithm, (gradient * math.exp(p)).clamp(-1, 1)], dim=-1)


def step(optimizer, gradients, state):
    torch.manual_seed(0)
    x, after = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        after.append((h, c))
        x = h
    return optimizer.scale * optimizer.output(x)[:, 0], after


def step_all(optimizer, gradients, states):
    torch.manual_seed(0)
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view(gradient.shape)
    return updates, after


def meta_loss(optimizer, loss, theta, state, length):
    torch.manual_seed(0)
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state


def truncated(unrolled, weights, theta, state, windows):
    torch.manual_seed(0)
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    torch.manual_seed(0)
    _, gradient = optimizee(theta)
    total, surrogate = 0, 0
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta)
        total = total + value
        surrogate = surrogate + gradient @ theta
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
