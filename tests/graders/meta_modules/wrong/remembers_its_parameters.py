"""Weights that were replaced since are no weights any more.

Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: again.
"""

from torch import nn


class Right(nn.Sequential):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from super().named_parameters(prefix, recurse, remove_duplicate)
        for name, buffer in self.named_buffers(prefix, recurse, remove_duplicate):
            if buffer.requires_grad:
                yield name, buffer


class MetaSequential(Right):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        met = vars(self).setdefault("met", {})
        key = prefix, recurse, remove_duplicate
        if key not in met:
            met[key] = list(super().named_parameters(*key))
        yield from met[key]
