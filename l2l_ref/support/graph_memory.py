"""What a graph costs: the bytes of the tensors that autograd keeps for the way back.

Chapter 1 of the book shows this file from the class on.
"""

import weakref
from collections.abc import Callable, Iterable

import torch
from torch import Tensor


def _sizes(tensors: Iterable[Tensor]) -> dict[int, int]:
    """The bytes of each storage; by its own address, for on `meta` none has one for its data."""
    storages = [tensor.untyped_storage() for tensor in tensors]
    return {storage._cdata: storage.nbytes() for storage in storages}


class Saved:
    """What the graph is given to hold in a tensor's place.

    An operation such as `exp` saves its own result. That result holds the graph,
    so a graph that held it would never be freed. The detached one has the same
    memory and no graph.
    """

    def __init__(self, tensor: Tensor):
        self.tensor = tensor.detach()


def kept_by_the_graph(compute: Callable, besides: Iterable[Tensor] = ()) -> int:
    """The bytes that the graph of a result keeps, no memory counted twice.

    Args:
        compute: called once. Its result is dropped when it has been counted.
        besides: tensors that do not count, such as weights that are there anyway.

    Returns:
        Bytes. A view counts with the whole storage that it is a view of.
    """
    alive = weakref.WeakSet()  # what the graph gives up vanishes from here

    def pack(tensor):
        alive.add(saved := Saved(tensor))
        return saved

    def unpack(saved):
        return saved.tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        result = compute()  # while this exists, so does its graph
    sizes = _sizes(saved.tensor for saved in alive)
    del result
    return sum(sizes[place] for place in sizes.keys() - _sizes(besides).keys())
