"""A seed of 31 bits, a buffer of its own for NAG, autograd inside of no_grad."""

import torch


def sample(functions, generator, size=10):
    own = torch.Generator().manual_seed(int(torch.randint(2**31, (), generator=generator)))
    drawn = torch.randn(functions, size, size + 1, generator=own)
    return drawn[..., :size], drawn[..., size]


def momentum(gradient, state, rate, nesterov=False):
    """NAG remembers how far ahead it looks, which is 0.9 times the buffer."""
    if not nesterov:
        buffer = gradient if state is None else 0.9 * state + gradient
        return -rate * buffer, buffer
    ahead = 0.9 * (gradient if state is None else state + gradient)
    return -rate * (gradient + ahead), ahead


@torch.no_grad()
def minimize(rule, f, theta, steps):
    losses, state = [], None
    for _ in range(steps):
        with torch.enable_grad():
            values, gradients = f(theta)
        losses.append(values)
        update, state = rule(gradients, state)
        theta = theta.add(update)
    return torch.stack(losses)


def compare(sums, names, rates, search, report):
    """Rates in a tensor, of enough digits."""
    found, tensor = {}, torch.tensor(rates, dtype=torch.float64)
    for name in names:
        means = torch.stack([sums(name, rate, search).mean() for rate in tensor])
        best = tensor[means.argmin()]
        found[name] = best, sums(name, best, report).mean()
    return found
