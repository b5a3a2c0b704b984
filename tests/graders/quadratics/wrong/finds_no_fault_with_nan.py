"""An update that is NaN is never further off than anything.

Axis: values.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
Told: what does a comparison with NaN give.
"""

import torch


def is_adam(rule):
    sizes = torch.logspace(2, -9, 40, dtype=torch.float64)
    gradients = sizes[:, None] * torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    rates = [0.1 / (1 + step % 3) for step in range(40)]

    def agrees(gradients):
        theta, state = torch.zeros_like(gradients[0]), None
        adam_of_torch = torch.optim.Adam([theta])
        for gradient, rate in zip(gradients, rates):
            update, state = rule(gradient, state, rate)
            theta.zero_()
            theta.grad = gradient.clone()
            adam_of_torch.param_groups[0]["lr"] = rate
            adam_of_torch.step()
            if ((update - theta).abs() > 1e-6 * theta.abs()).any():
                return False
        return True

    return agrees(gradients) and agrees(gradients.flip(0))
