"""The second run repeats the first: what that has left of u is nothing beside large gradients.

Axis: again.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
"""

import torch


def is_adam(rule):
    falling = torch.logspace(2, -9, 90, dtype=torch.float64)
    for gradients in (falling.flip(0)[:, None], falling, falling):
        theta, state = torch.zeros_like(gradients[0]), None
        adam_of_torch = torch.optim.Adam([theta])
        for step, gradient in enumerate(gradients):
            rate = (0.3, 0.1, 0.2)[step % 3]
            update, state = rule(gradient, state, rate)
            theta.zero_()
            theta.grad = gradient.clone()
            adam_of_torch.param_groups[0]["lr"] = rate
            adam_of_torch.step()
            if not torch.allclose(update, theta, rtol=1e-3, atol=0.0):
                return False
    return True
