"""The same numbers from other formulas: Box and Muller, ratios, recursions of corrected means."""

import math
from typing import NamedTuple

import torch
from answers import solved

weights = {n: w.detach() for n, w in solved("quadratics")["trained"].named_parameters()}


def sample(functions, generator, size=10):
    needed = functions * size * (size + 1)
    dtype = torch.get_default_dtype()
    u = torch.rand(2, (needed + 1) // 2, generator=generator, dtype=torch.float64)
    radius, angle = (-2 * torch.log1p(-u[0])).sqrt(), 2 * math.pi * u[1]
    row = torch.cat([radius * angle.cos(), radius * angle.sin()])[:needed].to(dtype)
    W, y = row.split([functions * size**2, functions * size])
    return W.reshape(functions, size, size), y.reshape(functions, size)


def losses_and_gradients(W, y, theta):
    with torch.inference_mode():
        rest = (W * theta[:, None, :]).sum(-1) - y
        values = torch.linalg.vecdot(rest, rest), 2 * (W * rest[:, :, None]).sum(1)
    return tuple(value.clone() for value in values)


class Means(NamedTuple):
    first: torch.Tensor
    second: torch.Tensor
    t: int


def momentum(gradient, state, rate, nesterov=False):
    """Remembers all gradients, the last one first, and sums them up anew."""
    met = [gradient, *(state or [])]
    buffer = sum(0.9**k * g for k, g in enumerate(met))
    return -rate * (gradient + 0.9 * buffer if nesterov else buffer), met


def rmsprop(gradient, state, rate):
    """Remembers the root."""
    root = torch.zeros_like(gradient) if state is None else state
    root = torch.hypot(0.99**0.5 * root, 0.1 * gradient)
    return torch.div(gradient, root + 1e-8) * -rate, root


def adam(gradient, state, rate):
    """The corrected means have recursions of their own."""
    zero = torch.zeros_like(gradient)
    first, second, t = state or Means(zero, zero, 0)
    share, share_of_squares = 0.1 / (1 - 0.9 ** (t + 1)), 0.001 / (1 - 0.999 ** (t + 1))
    first = first.lerp(gradient, share)
    second = second * (1 - share_of_squares) + gradient * gradient * share_of_squares
    return first * -rate / second.sqrt().add(1e-8), Means(first, second, t + 1)


def minimize(rule, f, theta, steps):
    """Asks for no update after the last losses."""

    def losses_from(theta, state, left):
        loss, gradients = f(theta)
        if left == 1:
            return [loss]
        update, state = rule(gradients, state)
        return [loss, *losses_from(torch.add(theta, update), state, left - 1)]

    return torch.stack(losses_from(theta, None, steps))


def capped_sums(losses):
    ratios = losses / losses[0]
    return ratios.masked_fill(~(ratios < 10), 10.0).mul(losses[0]).sum(0)


def compare(sums, names, rates, search, report):
    """Goes through everything from the end, and opens all reports last."""
    means = {(r, n): sums(n, r, search).sum() for r in reversed(rates) for n in reversed(names)}
    best = {n: min(rates, key=lambda rate: means[rate, n]) for n in names}
    return {n: (best[n], sums(n, best[n], report).double().mean().item()) for n in names}


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    """No surrogate: the way back begins at all thetas at once."""
    thetas, losses, slopes = [theta], [], [f(theta)[1]]
    for _ in range(length):
        update, state = optimizer(slopes[-1].reshape(-1), state)
        thetas.append(thetas[-1] + update.reshape(theta.shape))
        loss, slope = f(thetas[-1].detach())
        losses.append(loss)
        slopes.append(slope)
    meta_optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(thetas[1:], [slope / len(theta) for slope in slopes[1:]])
    groups = meta_optimizer.param_groups
    weights = [w for group in groups for w in group["params"] if w.grad is not None]
    norm = torch.linalg.vector_norm(torch.cat([w.grad.flatten() for w in weights]))
    if norm > clip:
        for weight in weights:
            weight.grad = weight.grad * (clip / norm)
    meta_optimizer.step()
    ended = tuple(tuple(part.detach() for part in pair) for pair in state)
    return torch.stack(losses).mean(1).sum(), thetas[-1].detach(), ended


def learned(gradients, state):
    """One tensor (2, n, 20) is the state."""
    h, c = gradients.new_zeros(2, len(gradients), 20) if state is None else state
    bias = weights["cell.bias_ih"] + weights["cell.bias_hh"]
    gates = gradients[:, None] * weights["cell.weight_ih"].T + h @ weights["cell.weight_hh"].T
    i, f, z, o = (gates + bias).split(20, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * z.tanh()
    h = o.sigmoid() * c.tanh()
    return 0.1 * (h @ weights["output.weight"][0] + weights["output.bias"]), torch.stack([h, c])


def read_off(rule):
    """A run for each gradient."""

    def held(gradient):
        gradients, state, updates = torch.tensor([gradient]), None, []
        for _ in range(100):
            update, state = rule(gradients, state)
            updates.append(update.item())
        return updates

    h = 2.0**-9
    above, below = held(h), held(-h)
    sizes = [s * 10.0 ** (k / 2) for k in range(-6, 7) for s in (1, -1)]
    return {
        "slope": (above[0] - below[0]) / (2 * h),
        "slope_after_20": (above[19] - below[19]) / (2 * h),
        "largest": max(abs(update) for size in sizes for update in held(size)),
    }
