"""Vector-Jacobian products, hooks, masks, loops over coordinates."""

import math

import torch


def log_and_sign(gradient, p=10.0):
    """Two branches with safe numbers in the place of those that are not wanted."""
    limit = math.exp(-p)
    small = gradient.abs() < limit
    safe = torch.where(small, torch.ones_like(gradient), gradient)
    logarithm = torch.where(
        small, torch.full_like(gradient, -1.0), safe.abs().log2() / (p / math.log(2))
    )
    second = torch.where(small, gradient / limit, torch.sgn(safe))
    return torch.stack((logarithm, second)).movedim(0, -1)


def step(optimizer, gradients, state):
    """Coordinate after coordinate."""
    rows = [
        one(optimizer, gradients[k : k + 1], [(h[k], c[k]) for h, c in state])
        for k in range(len(gradients))
    ]
    updates = torch.cat([update for update, _ in rows])
    cells = range(len(optimizer.cells))
    after = [
        tuple(torch.stack([row[k][place] for _, row in rows]) for place in (0, 1)) for k in cells
    ]
    return updates, after


def one(optimizer, x, state):
    after = []
    for cell, (h, c) in zip(optimizer.cells, state):
        after.append(cell(x, (h, c)))  # a cell takes a vector too
        x = after[-1][0]
    return optimizer.output(x) * optimizer.scale, after


def step_all(optimizer, gradients, states):
    """The tensors of one size in one call."""
    states, updates, after = dict(states or {}), {}, {}
    for size in {gradient.numel() for gradient in gradients.values()}:
        names = sorted(name for name in gradients if gradients[name].numel() == size)
        state = states.get(size) or optimizer.initial_state(size * len(names))
        vector = torch.stack([gradients[name].reshape(size) for name in names]).reshape(-1)
        update, after[size] = optimizer(vector, state)
        for name, piece in zip(names, update.reshape(len(names), size)):
            updates[name] = piece.reshape(gradients[name].shape)
    return updates, after


def meta_loss(optimizer, loss, theta, state, length):
    """Gradients from a product with 1, and from functions with an own graph."""
    losses = []
    for _ in range(length):
        _, gradient = torch.autograd.functional.vjp(loss, theta.detach())
        update, state = optimizer(gradient, state)
        theta = torch.sub(theta, -update)
        losses += [loss(theta)]
    return torch.hstack([value.view(1) for value in losses]).sum(), theta, state


def truncated(unrolled, weights, theta, state, windows):
    """The derivative in each weight by itself."""
    rows = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, [tuple(pair) for pair in state])
        row = []
        for weight in weights:
            (found,) = torch.autograd.grad(total, [weight], retain_graph=True, allow_unused=True)
            row.append(torch.zeros_like(weight) if found is None else found)
        rows.append(tuple(row))
        theta, state = (
            theta.detach().clone(),
            [(h.detach().clone(), c.detach().clone()) for h, c in state],
        )
        del total
    return tuple(rows), theta, state


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    """The surrogate as one product of two matrices; .grad is filled by hand."""
    thetas, met, values = [theta], [optimizee(theta)[1]], []
    for _ in range(length):
        update, state = optimizer(met[-1], state)
        thetas.append(thetas[-1] + update)
        value, gradient = optimizee(thetas[-1])
        values.append(value)
        met.append(gradient)
    surrogate = torch.einsum("tn,tn->", torch.stack(met[1:]), torch.stack(thetas[1:]))
    weights = [weight for group in meta_optimizer.param_groups for weight in group["params"]]
    found = torch.autograd.grad(surrogate, weights, materialize_grads=True)
    for weight, gradient in zip(weights, found):
        weight.grad = gradient
    meta_optimizer.step()
    state = [tuple(part.detach() for part in pair) for pair in state]
    return torch.stack(values).sum().item(), thetas[-1].detach(), state
