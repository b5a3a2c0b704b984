"""The state that was given is overwritten.

Loses: RMSprop leaves old states and other runs alone.
Axis: behind.
"""

import torch


def rmsprop(gradient, state, rate):
    square = torch.zeros_like(gradient) if state is None else state
    square.mul_(0.99).addcmul_(gradient, gradient, value=0.01)
    return -rate * gradient / (square.sqrt() + 1e-8), square
