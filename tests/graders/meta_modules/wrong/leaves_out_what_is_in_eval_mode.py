"""A layer in eval mode has weights all the same.

Loses: all weights by their dotted names, and nothing else.
Axis: mode.
"""


def named_weights(module):
    return {
        name: buffer
        for name, buffer in module.named_buffers()
        if buffer.requires_grad and module.get_submodule(name.rpartition(".")[0]).training
    }
