"""Only where both end up is compared, where all but epsilon has faded.

Axis: time.
Loses: Adam passes the test, and plainly wrong rules do not.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
"""

import torch


def is_adam(rule):
    gradients = torch.linspace(1, 2, 4000, dtype=torch.float64)[:, None]
    theta, state = torch.zeros(1, dtype=torch.float64), None
    adam_of_torch = torch.optim.Adam([theta], lr=0.1)
    for gradient in gradients:
        update, state = rule(gradient, state, 0.1)
        theta.zero_()
        theta.grad = gradient.clone()
        adam_of_torch.step()
    return torch.allclose(update, theta, rtol=0.05, atol=0.0)
