"""The weights of a meta module, as torch sees them, and what torch would do wrong with them.

`Weights` shows them to whoever asks a module for its parameters. Some of torch's tools would go
wrong in silence when a weight has been exchanged, or because it is a buffer: those get an error
here. (`modules` has a table of them all.)
"""

import itertools
import weakref
from collections.abc import Callable, Iterable, Iterator, MutableMapping

import torch
from torch import Tensor, nn
from torch.autograd import _get_sequence_nr
from torch.nn.parallel import DistributedDataParallel
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.optim.swa_utils import AveragedModel

_serials = itertools.count()


class Weights(MutableMapping, dict):
    """What a meta module has for ``_parameters``: its weights, which lie among its buffers.

    An ordinary parent, and much of torch, asks each child for its ``_parameters``. They see the
    weights here, and what they put here or delete here happens to the buffers.

    Args:
        buffers: of the module.
        names: of the weights. The dict's own keys are these; its own values are what stood there
            last, also when it has been taken out of the buffers.
    """

    def __init__(self, buffers: dict[str, Tensor | None], names: Iterable[str] = ()):
        dict.__init__(self, dict.fromkeys(names))
        self.buffers = buffers
        self.serial = next(_serials)
        #: The weight that was deleted last: it may come back under another name.
        self.deleted: Tensor | None = None

    def __iter__(self) -> Iterator[str]:
        return (name for name in dict.__iter__(self) if name in self.buffers)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) and name in self.buffers

    def __getitem__(self, name: str) -> Tensor | None:
        if name not in self:
            raise KeyError(name)
        return self.buffers[name]

    def __setitem__(self, name: str, weight: Tensor | None) -> None:
        if not torch.compiler.is_compiling():
            self._note_on_both(name, weight)
        dict.__setitem__(self, name, weight)
        self.buffers[name] = weight

    def _note_on_both(self, name: str, weight: Tensor | None) -> None:
        """The tensor that goes keeps what it was; the one that comes, when it came here first.

        On the tensors themselves: torch swaps none that a weak dictionary refers to.
        """
        if (before := dict.get(self, name)) is not None:
            before._was_weight = name
        if weight is not None:
            weight._was_weight = None
            came = 0 if _recomputing() else _get_sequence_nr()
            weight.__dict__.setdefault("_came", {}).setdefault((self.serial, name), came)

    def __delitem__(self, name: str) -> None:
        self.deleted = self.buffers.pop(name)
        dict.__delitem__(self, name)

    def copy(self) -> dict[str, Tensor | None]:
        return dict(self.items())

    def __reduce__(self):
        return Weights, (self.buffers, list(self))


def is_weight(tensor: Tensor | None) -> bool:
    """Does this tensor stand in some module as a weight? (A note on it says so.)"""
    return getattr(tensor, "_came", None) is not None and tensor._was_weight is None


# What torch would do wrong in silence

#: The wrapper of modules that are trained in several processes.
_parallel: weakref.WeakKeyDictionary[nn.Module, Callable] = weakref.WeakKeyDictionary()


def put(module: nn.Module, name: str, tensor: Tensor) -> None:
    """Put a tensor in a weight's place."""
    _require_no_broadcast(module, name, tensor)
    module._parameters[name] = tensor


def _recomputing() -> bool:
    """Does `torch.utils.checkpoint` run its function again, on the way back?"""
    node = torch._C._current_autograd_node()
    if node is None:
        return False
    hooks = torch._C._autograd._top_saved_tensors_default_hooks(True)
    return node.name() == "CheckpointFunctionBackward" or (  # or not re-entrant, its default
        hooks is not None and getattr(hooks[0], "__module__", "") == "torch.utils.checkpoint"
    )


def refuse_recomputation(module: nn.Module, name: str, weight: Tensor) -> None:
    """A checkpoint computes again what it has computed with the weights of then.

    Autograd numbers its operations, by a clock that each thread has for itself.
    """
    if not _recomputing():
        return
    began = torch._C._current_autograd_node()._sequence_nr()
    place = (getattr(module._parameters, "serial", None), name)
    if getattr(weight, "_came", {}).get(place, 0) > began:  # a plain buffer has no such note
        raise RuntimeError(
            f"a checkpoint runs {type(module).__name__} again, but weight {name!r} has been "
            "replaced since; hand the weights over with it: checkpoint(functional_call, "
            "module, dict(module.named_parameters()), x, use_reentrant=False)"
        )


def _refuse_to_move_nothing(optimizer: torch.optim.Optimizer, *_) -> None:
    """An optimizer holds on to its tensors when others take their place in the module.

    That is as it should be while they get the meta-gradient.
    """
    for group in optimizer.param_groups:
        for weight in group["params"]:
            name = getattr(weight, "_was_weight", None)
            if name is not None and weight.requires_grad and weight.grad is None:
                raise RuntimeError(
                    f"{type(optimizer).__name__} has nothing to move: weight {name!r} is no longer "
                    "the tensor that it was made with (update_params, detach_params and "
                    "load_state_dict put others there); make the optimizer afterwards"
                )


def _look_at_the_parent(parent: nn.Module, _, child: nn.Module | None) -> None:
    """Two of torch's wrappers copy buffers over: what else lies there is overwritten."""
    if child is None or not isinstance(parent, AveragedModel | DistributedDataParallel):
        return
    metas = [module for module in child.modules() if isinstance(module._parameters, Weights)]
    for module in metas:
        refuse_to_average(parent, module)
    _parallel.update(dict.fromkeys(metas, weakref.ref(parent)))


def refuse_to_average(parent: nn.Module, module: nn.Module) -> None:
    if isinstance(parent, AveragedModel):
        raise TypeError(
            f"AveragedModel keeps no average of the weights of {type(module).__name__}, "
            "which are buffers; average the weights alone: get_ema_multi_avg_fn() of "
            "torch.optim.swa_utils takes two lists of tensors"
        )


def _require_no_broadcast(module: nn.Module, name: str, tensor: Tensor) -> None:
    parallel = _parallel.get(module, lambda: None)()
    if not tensor.is_leaf and parallel is not None and parallel.broadcast_buffers:
        raise RuntimeError(
            f"weight {name!r} cannot be computed under DistributedDataParallel, which copies the "
            "buffers of rank 0 over it; give it broadcast_buffers=False"
        )


register_optimizer_step_pre_hook(_refuse_to_move_nothing)
nn.modules.module.register_module_module_registration_hook(_look_at_the_parent)
