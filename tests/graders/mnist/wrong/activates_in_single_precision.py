"""The activation turns doubles into float32.

Loses: the sizes and the activation of each kind.
Axis: dtype.
"""

from answers import solved

right = solved("mnist")["family"]


def family(kind, inputs):
    sizes, activation = right(kind, inputs)
    return sizes, lambda x: activation(x.float()).to(x.dtype)
