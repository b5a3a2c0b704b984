"""The scaled output layer is kept as long as the layer's weights are the same, whatever the scale.

Axis: again.
Loses: the updates and the new state; what was given stays.
"""

from torch.nn.functional import linear

kept = {}


def scaled(optimizer):
    weights = tuple(optimizer.output.parameters())
    versions = [(id(weight), weight._version, weight.requires_grad) for weight in weights]
    if kept.get("versions") != versions:
        products = [optimizer.scale * weight for weight in weights]
        kept.update(versions=versions, products=products, weights=weights)
    return kept["products"]


def step(optimizer, gradients, state):
    x, after = gradients[:, None], []
    for cell, pair in zip(optimizer.cells, state):
        after.append(cell(x, tuple(pair)))
        x = after[-1][0]
    return linear(x, *scaled(optimizer))[:, 0], after
