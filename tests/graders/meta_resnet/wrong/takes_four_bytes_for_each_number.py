"""A number in float64 has eight bytes.

Loses: held bytes: each piece of memory once, the weights not at all.
Loses: held bytes: what the graph holds in the end.
Axis: dtype.
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

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved.tensor):
        result = compute()
    tensors = [(saved.tensor, saved.tensor.untyped_storage()) for saved in alive]
    sizes = {s.data_ptr(): 4 * s.nbytes() // t.element_size() for t, s in tensors}
    for weight in weights:
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    del result
    return sum(sizes.values())
