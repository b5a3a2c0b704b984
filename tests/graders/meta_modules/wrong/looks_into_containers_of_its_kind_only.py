"""Weights are looked for in children, and deeper only in containers of the same class.

Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: structure.
"""

from answers import solved
from torch import nn

OWN = solved("meta_modules")


class MetaSequential(OWN["MetaSequential"]):
    def __getitem__(self, index):
        found = super().__getitem__(index)
        return MetaSequential(*found) if isinstance(index, slice) else found

    def pairs(self, prefix):
        for number, child in self._modules.items():
            path = f"{prefix}.{number}".removeprefix(".")
            if isinstance(child, OWN["MetaSequential"]):
                yield from child.pairs(path)
                continue
            yield from child.named_buffers(path, recurse=False, remove_duplicate=False)

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from nn.Module.named_parameters(self, prefix, recurse, remove_duplicate)
        met = set()
        for name, buffer in self.pairs(prefix) if recurse else ():
            if buffer.requires_grad and not (remove_duplicate and buffer in met):
                met.add(buffer)
                yield name, buffer
