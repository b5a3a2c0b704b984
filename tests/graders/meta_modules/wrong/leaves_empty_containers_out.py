"""A child of length 0 is no child.

Loses: container: call, length, index, slice and iteration.
Axis: structure.
"""

from answers import solved

OWN = solved("meta_modules")


class MetaSequential(OWN["MetaSequential"]):
    def __getitem__(self, index):
        found = super().__getitem__(index)
        return MetaSequential(*found) if isinstance(index, slice) else found

    def __init__(self, *modules):
        super().__init__(*(m for m in modules if not hasattr(m, "__len__") or len(m) > 0))
