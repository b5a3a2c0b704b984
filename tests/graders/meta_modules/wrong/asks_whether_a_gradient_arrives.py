"""A gradient that is not None is enough.

Axis: graph.
Loses: test: right layers pass, and plainly wrong ones do not.
Loses: test: unusual layers, and layers wrong in one weight, entry or mode.
"""


def carries_graph(layer, x):
    layer.weight = layer.weight.detach().requires_grad_()
    layer.bias = layer.bias.detach().requires_grad_()
    output = layer(x).sum()
    if output.requires_grad:
        output.backward()
    return layer.weight.grad is not None and layer.bias.grad is not None
