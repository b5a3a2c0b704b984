"""A list registers nothing.

Loses: container: state dicts go both ways.
Loses: container: parameters() gives all weights, torch.optim trains them.
"""

from torch import nn


class MetaSequential(nn.Module):
    def __init__(self, *modules):
        super().__init__()
        self.children_in_order = list(modules)

    def forward(self, x):
        for module in self:
            x = module(x)
        return x

    def __len__(self):
        return len(self.children_in_order)

    def __getitem__(self, index):
        found = self.children_in_order[index]
        return MetaSequential(*found) if isinstance(index, slice) else found
