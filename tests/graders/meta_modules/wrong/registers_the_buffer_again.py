"""What was not saved is saved from then on.

Loses: the network computes with the tensor, and its graph leads back.
Axis: structure.
"""


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    old = buffers[name]
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(name)
    for place in [other for other, buffer in buffers.items() if buffer is old]:
        path, _, last = place.rpartition(".")
        module.get_submodule(path).register_buffer(last, tensor)
