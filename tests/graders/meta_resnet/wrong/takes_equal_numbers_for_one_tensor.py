"""Two tensors with equal numbers are two.

Loses: held bytes: each piece of memory once, the weights not at all.
Loses: held bytes: what the graph holds in the end.
Axis: values.
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
        result = compute()  # while it exists, so does its graph
    own = {weight.untyped_storage().data_ptr() for weight in weights}
    sizes = {}
    for saved in alive:
        storage = saved.tensor.untyped_storage()
        if storage.data_ptr() not in own:
            sizes[tuple(storage.tolist())] = storage.nbytes()
    del result
    return sum(sizes.values())
