"""Weights are moved by both, and compared by the largest relative difference of a move."""

import torch


def moves(rule, gradients, rates):
    found, state = [], None
    for gradient, rate in zip(gradients, rates):
        update, state = rule(gradient, state, rate)
        found.append(update)
    return torch.stack(found)


def torchs(gradients, rates):
    weight = torch.nn.Parameter(torch.zeros_like(gradients[0]))
    optimizer = torch.optim.Adam([weight], lr=1.0)
    schedule, found = iter(rates), []
    for gradient in gradients:
        with torch.no_grad():
            weight.copy_(torch.zeros_like(weight))
        optimizer.param_groups[0]["lr"] = next(schedule)
        weight.grad = gradient.clone()
        optimizer.step()
        found.append(weight.detach().clone())
    return torch.stack(found)


def is_adam(rule):
    generator = torch.Generator().manual_seed(1)
    exponents = 11 * torch.rand(60, 7, generator=generator, dtype=torch.float64) - 9
    gradients = 10**exponents
    gradients[30:] *= 1e-3
    gradients[:, 0] = torch.logspace(-9, -7, 60, dtype=torch.float64)
    rates = [0.5 / (1 + 7 * t % 10) for t in range(60)]
    runs = [moves(rule, gradients, rates) for _ in range(2)]
    right = torchs(gradients, rates)
    off = max(float(((run - right) / right).abs().max()) for run in runs)
    return off < 1e-3
