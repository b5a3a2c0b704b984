"""Each run has a copy of the rule, so that no run leaves anything to the next.

Axis: again.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
"""

import copy

import torch


def is_adam(rule):
    sizes = torch.logspace(2, -9, 40, dtype=torch.float64)
    gradients = sizes[:, None] * torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    rates = [0.1 / (1 + step % 3) for step in range(40)]

    def agrees(gradients):
        theta, state = torch.zeros_like(gradients[0]), None
        adam_of_torch = torch.optim.Adam([theta])
        own = copy.deepcopy(rule)
        for gradient, rate in zip(gradients, rates):
            update, state = own(gradient, state, rate)
            theta.zero_()
            theta.grad = gradient.clone()
            adam_of_torch.param_groups[0]["lr"] = rate
            adam_of_torch.step()
            if not torch.allclose(update, theta, rtol=1e-5, atol=0.0):
                return False
        return True

    return agrees(gradients) and agrees(gradients.flip(0))
