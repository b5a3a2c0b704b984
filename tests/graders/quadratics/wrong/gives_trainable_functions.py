"""requires_grad=True: every loss has a graph.

Loses: the functions depend on the generator's state, and on nothing else.
Axis: graph.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator, requires_grad=True)
    return W, torch.randn(functions, size, generator=generator)
