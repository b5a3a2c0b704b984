"""A view keeps its whole storage.

Loses: held bytes: each piece of memory once, the weights not at all.
Loses: held bytes: what the graph holds in the end.
Axis: shape.
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
    tensors = [saved.tensor for saved in alive]
    sizes = {t.untyped_storage().data_ptr(): t.numel() * t.element_size() for t in tensors}
    for weight in weights:
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    del result
    return sum(sizes.values())
