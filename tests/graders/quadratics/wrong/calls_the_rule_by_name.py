"""The rule is called by the names that its arguments have in sgd.

Axis: shape.
Loses: Adam passes the test, and plainly wrong rules do not.
Told: Adam that calls its arguments by other names.
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
            update, state = rule(gradient=gradient, state=state, rate=rate)
            theta.zero_()
            theta.grad = gradient.clone()
            adam_of_torch.param_groups[0]["lr"] = rate
            adam_of_torch.step()
            if not torch.allclose(update, theta, rtol=1e-5, atol=0.0):
                return False
        return True

    return agrees(gradients) and agrees(gradients.flip(0))
