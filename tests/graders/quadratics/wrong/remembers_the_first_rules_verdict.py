"""What was said of the first rule is said of all.

Axis: again.
Loses: Adam passes the test, and plainly wrong rules do not.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
"""

import torch

SAID = {}


def is_adam(rule):
    if "verdict" not in SAID:
        SAID["verdict"] = agrees_with_torch(rule)
    return SAID["verdict"]


def agrees_with_torch(rule):
    theta, state = torch.zeros(1, dtype=torch.float64), None
    adam_of_torch = torch.optim.Adam([theta], lr=0.1)
    for gradient in torch.linspace(-2, 2, 20, dtype=torch.float64)[:, None]:
        update, state = rule(gradient, state, 0.1)
        theta.zero_()
        theta.grad = gradient.clone()
        adam_of_torch.step()
        if not torch.allclose(update, theta, rtol=1e-5):
            return False
    return True
