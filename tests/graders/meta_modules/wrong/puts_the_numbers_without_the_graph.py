"""A new leaf with the right numbers.

Loses: the network computes with the tensor, and its graph leads back.
Loses: tied weights stay tied, whichever name is given.
Axis: graph.
"""


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    old = buffers[name]
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(name)
    leaf = tensor.detach().requires_grad_()
    for place in [n for n, buffer in buffers.items() if buffer is old]:
        path, _, last = place.rpartition(".")
        setattr(module.get_submodule(path), last, leaf)
