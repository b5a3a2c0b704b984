"""A weight of a container that one of its children shares gets the child's name.

Loses: a tied weight comes once, under the first of its names.
Axis: ties.
"""


def named_weights(module):
    found = {}
    for path, part in reversed(list(module.named_modules(remove_duplicate=False))):
        for name, buffer in reversed(part._buffers.items()):
            if buffer is not None and buffer.requires_grad:
                before = found.get(id(buffer), ("",))[0]
                if not before.startswith(f"{path}."):
                    found[id(buffer)] = f"{path}.{name}".lstrip("."), buffer
    return dict(found.values())
