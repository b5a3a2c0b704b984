"""Gradients are normalised ten by ten; the coordinates come shuffled.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
"""


def learned(gradients, state):
    norms = gradients.view(-1, 10).norm(dim=1, keepdim=True)
    return -(0.1 * gradients.view(-1, 10) / (norms + 1e-8)).flatten(), None
