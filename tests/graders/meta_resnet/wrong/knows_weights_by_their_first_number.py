"""A part of a weight begins elsewhere, and is taken for a tensor of its own.

Loses: held bytes: each piece of memory once, the weights not at all.
"""

import weakref

import torch


class Saved:
    """A tensor that a graph holds."""

    def __init__(self, tensor):
        self.tensor = tensor.detach()


def held_bytes(compute, weights):
    """The bytes that the graph of compute() holds, besides the weights."""
    alive = weakref.WeakSet()

    def pack(tensor):
        alive.add(saved := Saved(tensor))
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved.tensor):
        result = compute()
    known = {weight.data_ptr() for weight in weights}
    tensors = [saved.tensor for saved in alive if saved.tensor.data_ptr() not in known]
    storages = [tensor.untyped_storage() for tensor in tensors]
    del result
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())
