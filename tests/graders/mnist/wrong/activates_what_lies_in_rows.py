"""view refuses a transposed tensor.

Loses: the sizes and the activation of each kind.
Axis: shape.
"""

from answers import solved

right = solved("mnist")["family"]


def family(kind, inputs):
    sizes, activation = right(kind, inputs)
    return sizes, lambda x: activation(x.view(-1)).view(x.shape)
