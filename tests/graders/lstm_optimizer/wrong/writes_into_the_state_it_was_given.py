"""The caller's list changes under the caller's hands.

Loses: the updates and the new state; what was given stays.
Axis: behind.
"""


def step(optimizer, gradients, state):
    x = gradients.unsqueeze(1)
    for k, cell in enumerate(optimizer.cells):
        state[k] = cell(x, state[k])
        x = state[k][0]
    return optimizer.scale * optimizer.output(x).squeeze(1), state
