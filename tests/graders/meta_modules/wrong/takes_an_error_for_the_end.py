"""A child that cannot find something ends the call, and nobody hears of it.

Loses: container: call, length, index, slice and iteration.
Axis: refusal.
"""

from answers import solved

OWN = solved("meta_modules")


class MetaSequential(OWN["MetaSequential"]):
    def __getitem__(self, index):
        found = super().__getitem__(index)
        return MetaSequential(*found) if isinstance(index, slice) else found

    def forward(self, x):
        for module in self:
            try:
                x = module(x)
            except LookupError:
                break
        return x
