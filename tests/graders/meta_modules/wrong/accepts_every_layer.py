"""Every layer is right.

Loses: test: right layers pass, and plainly wrong ones do not.
Loses: test: unusual layers, and layers wrong in one weight, entry or mode.
"""


def carries_graph(layer, x):
    return True
