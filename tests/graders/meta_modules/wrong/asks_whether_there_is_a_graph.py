"""A graph is enough, wherever it leads.

Axis: graph.
Loses: test: right layers pass, and plainly wrong ones do not.
Loses: test: unusual layers, and layers wrong in one weight, entry or mode.
"""


def carries_graph(layer, x):
    return bool(layer(x).requires_grad)
