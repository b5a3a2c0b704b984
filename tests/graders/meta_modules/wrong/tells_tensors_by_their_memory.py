"""A leaf that shares its memory with another one is dropped.

Loses: a tied weight comes once, under the first of its names.
Axis: ties.
"""


def named_weights(module):
    found, met = {}, set()
    for name, buffer in module.named_buffers():
        place = buffer.data_ptr() if buffer.numel() else name
        if buffer.requires_grad and place not in met:
            met.add(place)
            found[name] = buffer
    return found
