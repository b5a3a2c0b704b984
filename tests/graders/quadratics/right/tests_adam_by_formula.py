"""Adam is written out once more, and many short runs are compared."""

import torch


def is_adam(rule):
    """Runs at all sizes, each on its own, with a rate that jumps."""
    generator = torch.Generator().manual_seed(3)
    for size in (1e3, 1.0, 1e-4, 1e-8, 1e-9):
        falling = torch.logspace(0, -3, 30, dtype=torch.float64)
        gradients = size * falling * torch.randn(30, generator=generator, dtype=torch.float64)
        m, v, state = 0.0, 0.0, None
        for t, gradient in enumerate(gradients, start=1):
            rate = 0.3 if t % 2 else 0.01
            m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
            right = -rate * m / (1 - 0.9**t) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
            update, state = rule(gradient, state, rate)
            if not abs(update - right) <= 1e-4 * abs(right):
                return False
    return True
