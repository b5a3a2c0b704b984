"""The numbers of a rule that was found by hand stand in the weights, before any training.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: before.
"""

import torch
from torch import nn


class MyOptimizer(nn.Module):
    def __init__(self):
        super().__init__()
        self.numbers = nn.Parameter(torch.tensor([2.0, 0.03]))

    def forward(self, gradients, state):
        velocity, step = state or (torch.zeros_like(gradients), 1)
        behind, rate = self.numbers
        velocity = step / (step + behind) * velocity - rate * gradients
        return velocity, (velocity, step + 1)


trained = MyOptimizer()


def learned(gradients, state):
    with torch.no_grad():
        return trained(gradients, state)
