"""What is not saved is not there.

Loses: all weights by their dotted names, and nothing else.
Axis: structure.
"""


def named_weights(module):
    found = {}
    for name, tensor in module.state_dict(keep_vars=True).items():
        if tensor.requires_grad and not any(tensor is other for other in found.values()):
            found[name] = tensor
    return found
