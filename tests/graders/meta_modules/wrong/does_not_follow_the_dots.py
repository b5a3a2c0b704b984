"""An attribute of the network with dots in its name, which nobody reads.

Loses: the network computes with the tensor, and its graph leads back.
Loses: tied weights stay tied, whichever name is given.
Loses: unknown names raise KeyError, and nothing changes.
Loses: a wrong shape raises ValueError, and nothing changes.
"""


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    old = buffers[name]
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(name)
    for place in [n for n, buffer in buffers.items() if buffer is old]:
        setattr(module, place, tensor)
