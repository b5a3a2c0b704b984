"""What must be as it was when an answer of exercise 06 returns, and what must be gone then."""

import gc
import weakref
from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn

from ..wire import Tensors


def every(network: nn.Module) -> Tensors:
    """All tensors of a network by name, those without a key and plain attributes as well."""
    found = {}
    for path, module in network.named_modules(remove_duplicate=False):
        lists = {n: dict(enumerate(v)) for n, v in vars(module).items() if isinstance(v, list)}
        own = {**vars(module), **module._parameters, **module._buffers}
        own |= {f"{name}[{k}]": each for name in lists for k, each in lists[name].items()}
        found |= {
            f"{path}.{name}".removeprefix("."): tensor
            for name, tensor in own.items()
            if isinstance(tensor, Tensor)
        }
    return found


def modes_in(network: nn.Module) -> list[bool]:
    """Of each module in a network, whether it is in training mode."""
    return [module.training for module in network.modules()]


def bits(tensor: Tensor | None) -> tuple | None:
    """What a tensor is, bit by bit: a NaN is itself, and -0.0 is not 0.0."""
    if tensor is None:
        return None
    numbers = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return tensor.shape, tensor.dtype, numbers.numpy().tobytes()


def place(tensor: Tensor) -> int:
    """The address of a tensor's memory; 0 where there is none."""
    return tensor.untyped_storage().data_ptr()


def sharing(tensors: Mapping[str, Tensor], others: Iterable[Mapping[str, Tensor]]) -> list[str]:
    """The names of tensors that have their memory from others."""
    taken = {place(tensor) for other in others for tensor in other.values()} - {0}
    return [name for name, tensor in tensors.items() if place(tensor) in taken]


def groups(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """For each name the first one that stands for the same object."""
    first: dict[int, str] = {}
    return {name: first.setdefault(id(tensor), name) for name, tensor in tensors.items()}


class Watched:
    """Tensors that a student's function is given, and what may come with them.

    Args:
        what: their name in reports.
        read: returns a dict of tensors, now and afterwards.
        written: whether numbers may be written into them. Where not, the same numbers may not
            either: a graph that holds the tensor would be spoiled.
    """

    def __init__(self, what: str, read: Callable[[], Mapping[str, Tensor]], written: bool = False):
        self.what, self.read, self.written = what, read, written
        self.before = {name: (tensor, self._facts(tensor)) for name, tensor in read().items()}

    def _facts(self, tensor: Tensor) -> dict:
        """What may change, by what is appended to the tensor's name in a report."""
        return {
            "": bits(tensor),
            ".requires_grad": tensor.requires_grad,
            ".grad": bits(tensor.grad) if tensor.is_leaf else tensor.retains_grad,
            " (written into)": 0 if self.written else tensor._version,
        }

    def changed(self) -> list[str]:
        """What is no longer as it was, in words."""
        now = self.read()
        if list(now) != list(self.before) or any(now[n] is not self.before[n][0] for n in now):
            return [f"{self.what} (other tensors are in it, or in another order)"]
        found = {name: self._facts(tensor) for name, tensor in now.items()}
        return [
            name + part
            for name, (_, facts) in self.before.items()
            for part in facts
            if facts[part] != found[name][part]
        ]


class WatchedNetwork(Watched):
    """A network that must be as it was: its tensors, its modules, the mode and hooks of each."""

    def __init__(self, network: nn.Module, written: bool = False):
        super().__init__("the network", lambda: dict(sorted(every(network).items())), written)
        self.network = network
        self.modes, self.modules = modes_in(network), self._modules()

    def _modules(self) -> list:
        """Which modules there are, and what they have besides tensors and a mode."""
        return [
            (
                name,
                id(module),
                *map(sorted, (module._parameters, vars(module))),
                self._hooks(module),
            )
            for name, module in self.network.named_modules(remove_duplicate=False)
        ]

    @staticmethod
    def _hooks(module: nn.Module) -> list[int]:
        return [len(there) for name, there in vars(module).items() if name.endswith("_hooks")]

    def changed(self) -> list[str]:
        found = super().changed()
        if modes_in(self.network) != self.modes:
            found.append("the network's mode")
        if self._modules() != self.modules:
            found.append("the network's modules, hooks or attributes")
        return found


class WatchedList(Watched):
    """A list, whose entries must be the same in the same order."""

    def __init__(self, what: str, entries: list):
        self.what, self.entries, self.found = what, entries, list(entries)

    def changed(self) -> list[str]:
        same = list(map(id, self.entries)) == list(map(id, self.found))
        return [] if same else [self.what]


def remembered(*references: weakref.ref) -> bool:
    """Whether something is still there although nobody should hold it any more."""
    if any(reference() is not None for reference in references):
        gc.collect()  # what hangs together in a circle goes with this
    return any(reference() is not None for reference in references)
