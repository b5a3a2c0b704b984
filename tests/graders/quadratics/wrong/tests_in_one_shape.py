"""The rule is shown gradients without dimensions, one run, one rate.

Axis: shape.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
"""

import torch


def is_adam(rule):
    theta, state = torch.zeros((), dtype=torch.float64), None
    adam_of_torch = torch.optim.Adam([theta], lr=0.1)
    for gradient in torch.linspace(-3, 3, 60, dtype=torch.float64):
        update, state = rule(gradient, state, 0.1)
        theta.zero_()
        theta.grad = gradient.clone()
        adam_of_torch.step()
        if not torch.allclose(update, theta, rtol=1e-5, atol=0.0):
            return False
    return True
