"""An Adam that remembers in itself can take one run at a time only.

Axis: behind.
Loses: Adam passes the test, and plainly wrong rules do not.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
"""

import torch


def is_adam(rule):
    rising = torch.logspace(-9, 2, 40, dtype=torch.float64)
    runs = torch.stack([rising, rising.flip(0)], dim=1)
    thetas = [torch.zeros((), dtype=torch.float64) for _ in range(2)]
    adams, states = [torch.optim.Adam([theta]) for theta in thetas], [None, None]
    for step, gradients in enumerate(runs):
        for k, theta in enumerate(thetas):
            update, states[k] = rule(gradients[k], states[k], 1 + step % 3)
            theta.zero_()
            theta.grad = gradients[k].clone()
            adams[k].param_groups[0]["lr"] = 1 + step % 3
            adams[k].step()
            if not torch.allclose(update, theta, rtol=1e-5, atol=0.0):
                return False
    return True
