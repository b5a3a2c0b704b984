"""An optimizer and backward(), which fills every leaf behind the loss.

Axis: behind.
Loses: the learned rates; those given stay as they were.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    learned = {n: r.detach().clone().requires_grad_() for n, r in rates.items()}
    optimizer = torch.optim.SGD(learned.values(), lr=meta_rate)
    for _ in range(steps):
        loss_of(learned).backward()
        optimizer.step()
        optimizer.zero_grad()
    return learned
