"""Everything in float64 inside, and states that are lists."""

import torch
from answers import solved

network = solved("quadratics")["trained"]


def sample(functions, generator, size=10):
    y = torch.empty(functions, size, dtype=torch.float64).normal_(generator=generator)
    W = torch.empty(functions, size, size, dtype=torch.float64).normal_(generator=generator)
    return W.to(torch.get_default_dtype()), y.to(torch.get_default_dtype())


def losses_and_gradients(W, y, theta):
    W, y, theta = (each.detach().double() for each in (W, y, theta))
    residual = torch.einsum("fij,fj->fi", W, theta) - y
    return (residual**2).sum(1), 2 * torch.einsum("fij,fi->fj", W, residual)


def momentum(gradient, state, rate, nesterov=False):
    g = gradient.double()
    (buffer,) = state or [g / 0.9 * 0]
    buffer = 0.9 * buffer + g
    return -rate * (g + 0.9 * buffer) if nesterov else -rate * buffer, [buffer]


def rmsprop(gradient, state, rate):
    g = gradient.double()
    (square,) = [0.0] if state is None else state
    square = square + 0.01 * (g * g - square)
    return -rate * g / (square**0.5 + 1e-8), [square]


def adam(gradient, state, rate):
    g = gradient.double()
    m, v, fading, slow = state or [0.0, 0.0, 1.0, 1.0]
    m, v = m + 0.1 * (g - m), v + 0.001 * (g * g - v)
    fading, slow = fading * 0.9, slow * 0.999
    size = (v / (1 - slow)) ** 0.5 + 1e-8
    return -rate * (m / (1 - fading)) / size, [m, v, fading, slow]


def minimize(rule, f, theta, steps):
    theta, state, losses = theta.double(), None, []
    while len(losses) < steps:
        values, gradients = f(theta)
        update, state = rule(gradients.double(), state)
        theta = theta + update
        losses.append(values.double())
    return torch.stack(losses)


def capped_sums(losses):
    losses = losses.double()
    cap = 10 * losses[0].expand_as(losses)
    return torch.where(losses < cap, losses, cap).sum(0)


def compare(sums, names, rates, search, report):
    best = {
        name: min((float(sums(name, rate, search).double().mean()), rate) for rate in rates)[1]
        for name in names
    }
    return {
        name: (best[name], float(sums(name, best[name], report).double().mean())) for name in names
    }


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    start, (losses, gradients) = theta, f(theta)
    updates, met, total = [], [], 0.0
    for _ in range(length):
        update, state = optimizer(gradients.flatten(), state)
        updates.append(update)
        losses, gradients = f(start + sum(updates).detach().view(start.shape))
        met.append(gradients.flatten())
        total += float(losses.mean())
    meta_optimizer.zero_grad()
    # update s answers for all later gradients
    later = torch.stack(met).flip(0).cumsum(0).flip(0) / len(start)
    torch.autograd.backward(updates, list(later))
    trained = [w for w in optimizer.parameters() if w.grad is not None]
    norm = torch.stack([w.grad.norm() for w in trained]).norm()
    for weight in trained:
        weight.grad.mul_((clip / norm).clamp(max=1.0))
    meta_optimizer.step()
    theta = (start + sum(updates).view(start.shape)).detach()
    return total, theta, tuple((h.detach(), c.detach()) for h, c in state)


@torch.no_grad()
def learned(gradients, state):
    state = state or {"step": 0, "cell": None}
    update, cell = network(gradients.float(), state["cell"])
    return update.double(), {"step": state["step"] + 1, "cell": cell}


def read_off(rule):
    h = 1e-4
    sizes = torch.tensor([h, 0.1, 1.0, 10.0, 100.0, 1000.0])
    gradients = torch.stack([-sizes, sizes], dim=1).flatten()
    state, updates = None, []
    for _ in range(100):
        update, state = rule(gradients, state)
        updates.append(update.double())
    slope, after = ((updates[k][1] - updates[k][0]) / (2 * h) for k in (0, 19))
    return {"largest": torch.stack(updates).abs().max(), "slope": slope, "slope_after_20": after}
