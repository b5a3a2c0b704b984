"""0.weight is the end of a name, and of more than one.

Loses: unknown names raise KeyError, and nothing changes.
Axis: structure.
"""

from answers import solved

PUT = solved("meta_modules")["put_weight"]


def put_weight(module, name, tensor):
    names = [n for n, b in module.named_buffers(remove_duplicate=False) if b.requires_grad]
    found = [n for n in names if n == name] or [n for n in names if n.endswith("." + name)]
    PUT(module, found[0] if found else name, tensor)
