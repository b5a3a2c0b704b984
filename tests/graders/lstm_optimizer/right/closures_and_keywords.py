"""A closure for the meta-optimizer, arguments by name, retain_grad, a tuple with names."""

from typing import NamedTuple

import torch
import torch.nn.functional as F


def log_and_sign(gradient, p=10.0):
    """The sign from the logarithm's own threshold, in numbers of twice the size."""
    size = (
        gradient.double().abs() * torch.tensor(p, dtype=torch.float64).exp()
    )  # 1 at the threshold
    first = torch.where(size < 1, -1.0, size.clamp(min=1).log() / p - 1)
    second = torch.copysign(size.clamp(max=1), gradient)
    return torch.stack((first, second), dim=-1).to(gradient.dtype)


def step(optimizer, gradients, state):
    """Both products of a cell as linear layers."""
    x, after = gradients.unsqueeze(-1), []
    for cell, (h, c) in zip(optimizer.cells, state, strict=True):
        gates = F.linear(x, cell.weight_ih, cell.bias_ih) + F.linear(
            h, cell.weight_hh, cell.bias_hh
        )
        i, f, g, o = gates.unflatten(1, (4, -1)).unbind(1)
        c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
        x = o.sigmoid() * c.tanh()
        after += [(x, c)]
    return optimizer.output(x).mul(optimizer.scale).squeeze(-1), after


class All(NamedTuple):
    names: tuple
    state: list


def step_all(optimizer, gradients, states):
    names = states.names if states else tuple(gradients)
    vector = torch.cat([gradients[name].reshape(-1) for name in names])
    state = states.state if states else optimizer.initial_state(n=len(vector))
    updates, state = optimizer(gradients=vector, state=state)
    pieces = updates.split([gradients[name].numel() for name in names])
    updates = {n: piece.view(gradients[n].shape) for n, piece in zip(names, pieces)}
    return updates, All(names, state)


def meta_loss(optimizer, loss, theta, state, length):
    """backward() that stops at theta."""
    theta = theta.clone().requires_grad_()
    values = [loss(theta=theta)]
    for _ in range(length):
        theta.retain_grad()
        values[-1].backward(inputs=[theta], retain_graph=True)
        update, state = optimizer(gradients=theta.grad, state=state)
        theta = theta + update
        values.append(loss(theta=theta))
    return torch.stack(values[1:]).sum(), theta, state


def truncated(unrolled, weights, theta, state, windows):
    """A generator; zeros for unused weights by hand."""
    end = [theta, state]

    def run():
        for _ in range(windows):
            total, theta, state = unrolled(theta=end[0], state=end[1])
            found = torch.autograd.grad(total, weights, allow_unused=True)
            yield tuple(w * 0 if g is None else g for w, g in zip(weights, found))
            with torch.no_grad():
                end[:] = theta.clone(), tuple((h.clone(), c.clone()) for h, c in state)

    found = tuple(tuple(g.detach() for g in gradients) for gradients in run())
    return found, *end


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    total, now = None, [theta, state]

    def closure():
        nonlocal total
        meta_optimizer.zero_grad()
        theta, state = now
        _, gradient = optimizee(theta=theta)
        values, surrogate = [], theta.new_zeros(())
        for _ in range(length):
            update, state = optimizer(gradients=gradient, state=state)
            theta = theta + update
            value, gradient = optimizee(theta=theta)
            values.append(value)
            surrogate = surrogate + torch.dot(gradient, theta)
        surrogate.backward()
        total = torch.stack(values).sum()
        now[:] = [theta.detach(), [(h.detach(), c.detach()) for h, c in state]]
        return total

    meta_optimizer.step(closure)
    return total, *now
