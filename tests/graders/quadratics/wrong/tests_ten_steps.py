"""Ten steps are looked at, and what happens later is not.

Axis: time.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
Told: how long is your run?.
"""

import torch


def is_adam(rule):
    generator = torch.Generator().manual_seed(0)
    gradients = torch.randn(40, 3, generator=generator, dtype=torch.float64).sign()
    gradients = gradients * torch.logspace(2, -9, 40, dtype=torch.float64)[:, None]
    rates = [0.1 / (1 + step % 3) for step in range(40)]

    def agrees(gradients):
        theta, state = torch.zeros(3, dtype=torch.float64), None
        adam_of_torch = torch.optim.Adam([theta])
        for gradient, rate in zip(gradients, rates):
            update, state = rule(gradient, state, rate)
            theta.zero_()
            theta.grad = gradient.clone()
            adam_of_torch.param_groups[0]["lr"] = rate
            adam_of_torch.step()
            if not torch.allclose(update, theta, rtol=1e-5, atol=0.0):
                return False
        return True

    return agrees(gradients[:10]) and agrees(gradients.flip(0)[:10])
