"""An update may be off by 1e-4, whatever its size, and rates are small where gradients are.

Axis: values.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
"""

import torch


def is_adam(rule):
    sizes = torch.logspace(2, -9, 40, dtype=torch.float64)
    gradients = sizes[:, None] * torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)

    def agrees(gradients):
        theta, state = torch.zeros_like(gradients[0]), None
        adam_of_torch = torch.optim.Adam([theta])
        for gradient, rate in zip(gradients, gradients.abs().mean(1).pow(0.4).tolist()):
            update, state = rule(gradient, state, rate)
            theta.zero_()
            theta.grad = gradient.clone()
            adam_of_torch.param_groups[0]["lr"] = rate
            adam_of_torch.step()
            if not torch.allclose(update, theta, rtol=0.0, atol=1e-4):
                return False
        return True

    return agrees(gradients) and agrees(gradients.flip(0))
