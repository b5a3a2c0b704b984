"""A circle through torch's own objects, which nobody takes apart.

Loses: held bytes: what the graph holds in the end.
Axis: graph.
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
        saved = Saved(tensor)
        alive.add(saved)
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved.tensor):
        result = compute()  # while it exists, so does its graph
    storages = [saved.tensor.untyped_storage() for saved in alive]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages}
    for weight in weights:
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    del result
    return sum(sizes.values())
