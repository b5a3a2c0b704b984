"""In a pattern a dot stands for any character.

Loses: unknown names raise KeyError, and nothing changes.
Axis: structure.
"""

import re

from answers import solved

PUT = solved("meta_modules")["put_weight"]


def put_weight(module, name, tensor):
    names = [n for n, b in module.named_buffers(remove_duplicate=False) if b.requires_grad]
    found = [n for n in names if re.fullmatch(name.replace("_", "."), n)]
    PUT(module, name if name in names or not found else found[0], tensor)
