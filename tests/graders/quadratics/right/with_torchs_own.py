"""Lets torch do what it can: its optimizers on a throw-away tensor, its derivatives, its clip."""

import copy
import math

import torch
from answers import solved
from torch.func import grad_and_value, vmap

network = solved("quadratics")["trained"]


def sample(functions, generator, size=10):
    both = torch.randn((functions, size, size + 1), generator=generator)
    return both[:, :, :size], both[:, :, size]


def losses_and_gradients(W, y, theta):
    def value(theta, W, y):
        return torch.linalg.vector_norm(W @ theta - y) ** 2

    W, y, theta = W.detach(), y.detach(), theta.detach()
    gradients, losses = vmap(grad_and_value(value))(theta, W, y)
    return losses, gradients


def stepped(kind, gradient, state, **options):
    point = torch.zeros_like(gradient)
    optimizer = kind([point], **options)
    if state is not None:
        optimizer.load_state_dict(copy.deepcopy(state))
        optimizer.param_groups[0]["lr"] = options["lr"]
    point.grad = gradient.clone()
    optimizer.step()
    return point, optimizer.state_dict()


def momentum(gradient, state, rate, nesterov=False):
    options = {"lr": rate, "momentum": 0.9, "nesterov": nesterov}
    return stepped(torch.optim.SGD, gradient, state, **options)


def rmsprop(gradient, state, rate):
    return stepped(torch.optim.RMSprop, gradient, state, lr=rate)


def adam(gradient, state, rate):
    return stepped(torch.optim.Adam, gradient, state, lr=rate)


def minimize(rule, f, theta, steps):
    def run():
        at, state = theta, None
        for _ in range(steps):
            losses, gradients = f(at)
            yield losses
            update, state = rule(gradients, state)
            at = at + update

    return torch.stack(list(run()))


def capped_sums(losses):
    return losses.nan_to_num(nan=math.inf, posinf=math.inf).clamp(max=10 * losses[:1]).sum(dim=0)


def compare(sums, names, rates, search, report):
    table = torch.stack([torch.stack([sums(n, r, search).mean() for r in rates]) for n in names])
    best = [rates[k] for k in table.argmin(1).tolist()]
    return {n: [r, sums(n, r, report).mean()] for n, r in zip(names, best)}


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    total = []

    def closure():
        nonlocal theta, state
        meta_optimizer.zero_grad()
        at, (_, gradients) = theta, f(theta)
        surrogate = 0
        for _ in range(length):
            updates, state = optimizer(gradients.ravel(), state)
            at = at + updates.unflatten(0, theta.shape)
            losses, gradients = f(at)
            total.append(losses)
            surrogate = surrogate + torch.linalg.vecdot(gradients, at).mean()
        surrogate.backward()
        torch.nn.utils.clip_grad_norm_(optimizer.parameters(), clip)
        theta, state = at.detach(), [[part.detach() for part in pair] for pair in state]
        return surrogate

    meta_optimizer.step(closure)
    return torch.stack(total).mean(1).sum(), theta, state


def learned(gradients, state):
    h, c = network.cell(gradients.unsqueeze(1), state)
    return network.output(h).mul(0.1).squeeze(1).detach(), (h.detach(), c.detach())


def read_off(rule):
    sizes = torch.tensor([s * 10.0**k for k in range(-3, 4) for s in (-1, 1)])
    state, updates = None, []
    for _ in range(100):
        update, state = rule(sizes, state)
        updates.append(update.detach())
    updates = torch.stack(updates)
    slopes = torch.gradient(updates[:, :2], spacing=(sizes[:2],), dim=1)[0][:, 0]
    return {
        "slope": slopes[0],
        "slope_after_20": slopes[19],
        "largest": torch.linalg.vector_norm(updates, math.inf),
    }
