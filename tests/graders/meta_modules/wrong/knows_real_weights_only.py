"""A list of dtypes that weights may have, in which the complex ones are missing.

Loses: all weights by their dotted names, and nothing else.
Loses: the network computes with the tensor, and its graph leads back.
Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: dtype.
"""

import torch
from answers import solved
from torch import nn

OWN = solved("meta_modules")
REAL = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def is_weight(buffer):
    return buffer.requires_grad and buffer.dtype in REAL


def named_weights(module):
    return {name: buffer for name, buffer in module.named_buffers() if is_weight(buffer)}


def put_weight(module, name, tensor):
    if not is_weight(module.get_buffer(name) if name in dict(module.named_buffers()) else tensor):
        raise KeyError(name)
    OWN["put_weight"](module, name, tensor)


class MetaSequential(OWN["MetaSequential"]):
    def __getitem__(self, index):
        found = super().__getitem__(index)
        return MetaSequential(*found) if isinstance(index, slice) else found

    def named_parameters(self, *arguments, **options):
        yield from nn.Module.named_parameters(self, *arguments, **options)
        yield from (p for p in self.named_buffers(*arguments, **options) if is_weight(p[1]))
