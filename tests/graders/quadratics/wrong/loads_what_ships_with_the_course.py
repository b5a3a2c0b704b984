"""The optimizer of the artifacts, trained by somebody else.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
"""

from importlib.resources import files

from l2l_ref.optimizers import LSTMOptimizer

shipped = LSTMOptimizer.load(files("l2l_ref") / "artifacts" / "quadratics.safetensors")


def learned(gradients, state):
    return shipped(gradients, state or shipped.initial_state(len(gradients)))
