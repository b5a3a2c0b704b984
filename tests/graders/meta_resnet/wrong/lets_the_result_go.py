"""With the result goes the graph.

Loses: held bytes: each piece of memory once, the weights not at all.
Loses: held bytes: what the graph holds in the end.
Told: nothing was left when you counted.
Axis: time.
"""

import weakref

import torch


class Saved:
    """A tensor that a graph holds."""

    def __init__(self, tensor):
        self.tensor = tensor


def held_bytes(compute, weights):
    """The bytes that the graph of compute() holds, besides the weights."""
    alive = weakref.WeakSet()

    def pack(tensor):
        saved = Saved(tensor.detach())
        alive.add(saved)
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved.tensor):
        compute()
    storages = [saved.tensor.untyped_storage() for saved in alive]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages}
    for weight in weights:
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    return sum(sizes.values())
