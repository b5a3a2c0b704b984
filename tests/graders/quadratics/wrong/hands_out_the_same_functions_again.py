"""What was drawn from a state is kept, and whoever wrote into it finds that again.

Loses: the functions depend on the generator's state, and on nothing else.
Axis: again.
"""

import torch

DRAWN = {}


def sample(functions, generator, size=10):
    state = bytes(generator.get_state().numpy()), functions, size
    if state not in DRAWN:
        W = torch.randn(functions, size, size, generator=generator)
        y = torch.randn(functions, size, generator=generator)
        DRAWN[state] = W, y, generator.get_state()
    W, y, after = DRAWN[state]
    generator.set_state(after)
    return W, y
