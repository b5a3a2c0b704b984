"""As short as it gets."""

import functools

import torch


def log_and_sign(g, p=10.0):
    small = g.abs() < torch.tensor(-p, dtype=g.dtype).exp()
    return torch.stack(
        (
            g.abs().log().div(p).masked_fill(small, -1),
            torch.where(small, g * 2.718281828459045**p, g.sign()),
        ),
        -1,
    )


def step(optimizer, gradients, state):
    pairs = list(state)
    x = gradients.view(-1, 1)
    pairs = [
        (x := pair[0], pair[1])
        for cell, old in zip(optimizer.cells, state)
        for pair in [cell(x, tuple(old))]
    ]
    return optimizer.output(x).flatten() * optimizer.scale, pairs


def step_all(optimizer, gradients, states):
    new = {
        n: optimizer(g.flatten(), (states or {}).get(n) or optimizer.initial_state(g.numel()))
        for n, g in gradients.items()
    }
    return {n: u.view(gradients[n].shape) for n, (u, _) in new.items()}, {
        n: s for n, (_, s) in new.items()
    }


def meta_loss(optimizer, loss, theta, state, length):
    def one(run, _):
        theta, state, losses = run
        update, state = optimizer(torch.func.grad(loss)(theta.detach()), state)
        return theta + update, state, [*losses, loss(theta + update)]

    theta, state, losses = functools.reduce(one, range(length), (theta, state, []))
    return torch.stack(losses).sum(), theta, state


def truncated(unrolled, weights, theta, state, windows):
    def one(run, _):
        loss, theta, state = unrolled(*run[1:])
        found = torch.autograd.grad(loss, weights, materialize_grads=True)
        return [*run[0], found], theta.detach(), [tuple(t.detach() for t in s) for s in state]

    return functools.reduce(one, range(windows), ([], theta, state))


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    gradient, terms = optimizee(theta)[1], []
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta)
        terms.append((value, gradient @ theta))
    meta_optimizer.zero_grad()
    sum(s for _, s in terms).backward()
    meta_optimizer.step()
    return sum(v for v, _ in terms), theta.detach(), [tuple(t.detach() for t in s) for s in state]
