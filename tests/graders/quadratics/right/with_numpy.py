"""Numbers of numpy, a count that is a tensor in float64, slopes by regression."""

import numpy as np
import torch
from answers import solved

network = solved("quadratics")["trained"]


def sample(functions, generator, size=10):
    rng = np.random.default_rng(torch.randint(2**62, (), generator=generator).item())
    W = rng.standard_normal((functions, size, size))
    y = rng.standard_normal((functions, size))
    return tuple(torch.from_numpy(each).to(torch.get_default_dtype()) for each in (W, y))


def losses_and_gradients(W, y, theta):
    W, y, theta = (each.detach().numpy() for each in (W, y, theta))
    residual = np.einsum("kij,kj->ki", W, theta) - y
    gradients = 2 * np.einsum("kij,ki->kj", W, residual)
    return torch.from_numpy((residual**2).sum(1)), torch.from_numpy(gradients)


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient if state is None else np.float64(0.9) * state + gradient
    return (gradient + 0.9 * buffer if nesterov else buffer) * -rate, buffer


def rmsprop(gradient, state, rate):
    square = torch.lerp(torch.zeros_like(gradient) if state is None else state, gradient**2, 0.01)
    return gradient / (square.sqrt() + 1e-8) * -rate, square


def adam(gradient, state, rate):
    m, v, t = state or (0.0, 0.0, torch.tensor(0.0, dtype=torch.float64))
    m, v, t = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2, t + 1
    return -rate * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8), (m, v, t)


def minimize(rule, f, theta, steps):
    losses, state = np.empty((steps, len(theta))), None
    for row in losses:
        values, gradients = f(theta)
        row[:] = values.numpy()
        update, state = rule(gradients, state)
        theta = torch.from_numpy(theta.numpy() + update.numpy())
    return torch.from_numpy(losses)


def capped_sums(losses):
    losses = losses.numpy()
    return torch.from_numpy(np.fmin(losses, 10 * losses[:1]).sum(0))


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        means = np.array([sums(name, rate, search).numpy().mean() for rate in rates])
        best = int(means.argmin())
        mean = sums(name, rates[best], report).numpy().mean()
        found[name] = (np.float64(rates[best]), mean)
    return found


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    """Goes back at every step, and clips by a factor."""
    gradients, values = f(theta)[1], []
    meta_optimizer.zero_grad()
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta.detach())
        theta.backward(gradients / len(theta), retain_graph=True)
        values.append(losses.numpy().mean())
    weights = [weight for weight in optimizer.parameters() if weight.grad is not None]
    norm = np.sqrt(sum(float(weight.grad.square().sum()) for weight in weights))
    for weight in weights:
        weight.grad *= min(1.0, clip / norm)
    meta_optimizer.step()
    return np.sum(values), theta.detach(), [[h.detach(), c.detach()] for h, c in state]


def learned(gradients, state):
    """The odd part of the trained rule; each sign has its own state."""
    plus, minus = state or (None, None)
    with torch.inference_mode():
        up, plus = network(gradients, plus)
        down, minus = network(-gradients, minus)
        return (up - down) / 2, (plus, minus)


def read_off(rule):
    sizes = np.geomspace(1e-2, 1e3, 6, dtype=np.float32)
    near = np.linspace(-2e-3, 2e-3, 5, dtype=np.float32)
    held, state, updates = torch.tensor(np.concatenate([near, sizes, -sizes])), None, []
    for _ in range(100):
        update, state = rule(held, state)
        updates.append(update.detach().numpy())
    slopes = np.polyfit(near, np.array(updates)[:, :5].T, 1)[0]
    return dict(zip(("slope", "slope_after_20"), slopes[[0, 19]])) | {
        "largest": np.abs(updates).max()
    }
