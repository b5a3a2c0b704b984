"""Of the names of a tied weight it gives the one with the fewest dots.

Loses: a tied weight comes once, under the first of its names.
Axis: ties.
"""


def named_weights(module):
    pairs = [(n, b) for n, b in module.named_buffers(remove_duplicate=False) if b.requires_grad]
    shortest = {}
    for name, buffer in sorted(pairs, key=lambda pair: pair[0].count(".")):
        shortest.setdefault(buffer, name)
    return {name: buffer for buffer, name in shortest.items()}
