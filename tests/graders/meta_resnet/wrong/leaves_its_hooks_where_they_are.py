"""Everything that is computed afterwards is watched as well.

Loses: held bytes: what the graph holds in the end.
Axis: behind.
"""

import weakref

import torch


class Saved:
    """A tensor that a graph holds."""

    def __init__(self, tensor):
        self.tensor = tensor


def held_bytes(compute, weights):
    alive = weakref.WeakSet()

    def pack(tensor):
        saved = Saved(tensor.detach())
        alive.add(saved)
        return saved

    torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved.tensor).__enter__()
    result = compute()
    storages = [saved.tensor.untyped_storage() for saved in alive]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages}
    for weight in weights:
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    del result
    return sum(sizes.values())
