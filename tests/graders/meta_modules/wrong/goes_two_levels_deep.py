"""Children and their children, and no further.

Loses: all weights by their dotted names, and nothing else.
Axis: structure.
"""


def named_weights(module):
    found = dict(module.named_buffers(recurse=False))
    for name, child in module.named_children():
        found |= dict(child.named_buffers(name, recurse=False))
        for inner, grandchild in child.named_children():
            found |= dict(grandchild.named_buffers(f"{name}.{inner}", recurse=False))
    weights = {}
    for name, buffer in found.items():
        if buffer.requires_grad and not any(buffer is weight for weight in weights.values()):
            weights[name] = buffer
    return weights
