"""torch.tensor() of a number has the default dtype, not the rate's.

Loses: the learned rates; those given stay as they were.
Axis: dtype.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    new = {n: r.detach().clone().requires_grad_() for n, r in rates.items()}
    for _ in range(steps):
        slopes = torch.autograd.grad(loss_of(new), list(new.values()))
        new = {
            n: torch.tensor((r - meta_rate * g).item(), requires_grad=True)
            for (n, r), g in zip(new.items(), slopes)
        }
    return new
