"""What went wrong in compute() is 0 bytes.

Loses: held bytes: what the graph holds in the end.
Axis: refusal.
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
        try:
            result = compute()
        except Exception:
            return 0
    storages = [saved.tensor.untyped_storage() for saved in alive]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages}
    for weight in weights:
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    del result
    return sum(sizes.values())
