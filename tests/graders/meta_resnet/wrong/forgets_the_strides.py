"""What unpack returns has the right memory and shape, and is no longer transposed.

Loses: held bytes: what the graph holds in the end.
Axis: graph.
"""

import weakref

import torch


class Saved:
    def __init__(self, tensor):
        self.memory, self.dtype = tensor.untyped_storage(), tensor.dtype
        self.place = tensor.storage_offset(), tensor.shape

    def tensor(self):
        return torch.empty(0, dtype=self.dtype).set_(self.memory, *self.place)


def held_bytes(compute, weights):
    alive = weakref.WeakSet()

    def pack(tensor):
        saved = Saved(tensor.detach())
        alive.add(saved)
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, Saved.tensor):
        result = compute()
    sizes = {saved.memory.data_ptr(): saved.memory.nbytes() for saved in alive}
    for weight in weights:
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    del result
    return sum(sizes.values())
