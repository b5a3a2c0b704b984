"""With autograd, dicts for states, and everything spelled out."""

import math

import torch
from answers import solved

network = solved("quadratics")["trained"]


def sample(functions, generator, size=10):
    matrices, targets = [], []
    for _ in range(functions):
        matrices.append(torch.normal(0.0, 1.0, (size, size), generator=generator))
        targets.append(torch.normal(0.0, 1.0, (size,), generator=generator))
    return torch.stack(matrices), torch.stack(targets)


def losses_and_gradients(W, y, theta):
    losses, gradients = [], []
    for matrix, target, point in zip(W.detach(), y.detach(), theta.detach()):
        with torch.enable_grad():
            point = point.clone().requires_grad_(True)
            loss = ((matrix @ point - target) ** 2).sum()
            loss.backward()
        losses.append(loss.item())
        gradients.append(point.grad.clone())
    return torch.tensor(losses, dtype=theta.dtype), torch.stack(gradients)


def momentum(gradient, state, rate, nesterov=False):
    if state is None:
        buffer = gradient.clone()
    else:
        buffer = state["buffer"].mul(0.9).add(gradient)
    direction = buffer
    if nesterov:
        direction = gradient.add(buffer, alpha=0.9)
    return direction.mul(-rate), {"buffer": buffer}


def rmsprop(gradient, state, rate):
    if state is None:
        state = {"square": torch.zeros_like(gradient)}
    square = state["square"] * 0.99 + (1 - 0.99) * gradient * gradient
    return -rate * gradient / (torch.sqrt(square) + 1e-8), {"square": square}


def adam(gradient, state, rate):
    if state is None:
        state = {"t": 0, "m": torch.zeros_like(gradient), "v": torch.zeros_like(gradient)}
    t = state["t"] + 1
    m = state["m"] * 0.9 + gradient * (1 - 0.9)
    v = state["v"] * 0.999 + gradient.square() * (1 - 0.999)
    m_hat = m / (1 - math.pow(0.9, t))
    v_hat = v / (1 - math.pow(0.999, t))
    return -rate * m_hat / (v_hat.sqrt() + 1e-8), {"t": t, "m": m, "v": v}


def minimize(rule, f, theta, steps):
    losses = torch.zeros(steps, len(theta), dtype=theta.dtype)
    state = None
    for step in range(steps):
        losses[step], gradients = f(theta)
        update, state = rule(gradients, state)
        theta = theta + update
    return losses


def capped_sums(losses):
    total = torch.zeros_like(losses[0])
    for row in losses:
        for k in range(len(total)):
            cap = 10 * losses[0, k]
            total[k] += row[k] if row[k] < cap else cap
    return total


def compare(sums, names, rates, search, report):
    chosen = {}
    for rate in rates:
        for name in names:
            mean = sums(name, rate, search).mean().item()
            if name not in chosen or mean < chosen[name][1]:
                chosen[name] = rate, mean
    return {name: (rate, sums(name, rate, report).mean()) for name, (rate, _) in chosen.items()}


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    functions, size = theta.shape
    row = theta.reshape(functions * size)
    _, slopes = f(row.reshape(functions, size))
    meta_loss, terms = 0.0, []
    for _ in range(length):
        update, state = optimizer(slopes.reshape(functions * size), state)
        row = row + update
        losses, slopes = f(row.reshape(functions, size))
        meta_loss += losses.sum().item() / functions
        terms.append(torch.dot(slopes.reshape(functions * size), row) / functions)
    weights = [weight for weight in optimizer.parameters() if weight.requires_grad]
    gradients = torch.autograd.grad(torch.stack(terms).sum(), weights)
    norm = math.sqrt(sum(float(g.square().sum()) for g in gradients))
    meta_optimizer.zero_grad()  # those of frozen weights
    for weight, gradient in zip(weights, gradients):
        weight.grad = gradient * (clip / norm) if norm > clip else gradient
    meta_optimizer.step()
    after = [tuple(part.detach() for part in pair) for pair in state]
    return meta_loss, row.detach().reshape(functions, size), after


def learned(gradients, state):
    with torch.no_grad():
        return network(gradients, state)


def read_off(rule):
    def held(gradients, steps):
        state, updates = None, []
        for _ in range(steps):
            update, state = rule(gradients, state)
            updates.append(update)
        return updates

    h = 0.01
    updates = held(torch.tensor([-h, h]), 20)
    sizes = torch.tensor([0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])
    many = held(torch.cat([sizes, -sizes]), 100)
    return {
        "slope": ((updates[0][1] - updates[0][0]) / (2 * h)).item(),
        "slope_after_20": ((updates[19][1] - updates[19][0]) / (2 * h)).item(),
        "largest": max(update.abs().max().item() for update in many),
    }
