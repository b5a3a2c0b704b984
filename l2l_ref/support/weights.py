"""The weights of a meta module, as torch sees them, and what torch would do wrong with them.

`Weights` shows them to whoever asks a module for its parameters. `put` exchanges one. Some of
torch's tools would go wrong in silence when a weight has been exchanged, or because it is a buffer:
those get an error here. (`modules` has a table of them all.)
"""

import weakref
from collections.abc import Callable, Iterable, Iterator, MutableMapping

import torch
from torch import Tensor, nn
from torch.autograd import _get_sequence_nr
from torch.nn.parallel import DistributedDataParallel
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.optim.swa_utils import AveragedModel


class Weights(MutableMapping, dict):
    """What a meta module has for ``_parameters``: its weights, which lie among its buffers.

    An ordinary parent, and much of torch, asks each child for its ``_parameters``. They see the
    weights here, and what they put here or delete here happens to the buffers.

    Args:
        buffers: of the module.
        names: of the weights. The dict's own keys are these; its own values mean nothing.
    """

    def __init__(self, buffers: dict[str, Tensor | None], names: Iterable[str] = ()):
        dict.__init__(self, dict.fromkeys(names))
        self.buffers = buffers

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
        dict.__setitem__(self, name, None)
        self.buffers[name] = weight

    def __delitem__(self, name: str) -> None:
        del self.buffers[name]
        dict.__delitem__(self, name)

    def copy(self) -> dict[str, Tensor | None]:
        return dict(self.items())

    def __reduce__(self):
        return Weights, (self.buffers, list(self))


# What torch would do wrong in silence

#: The wrapper of modules that are trained in several processes.
_parallel: weakref.WeakKeyDictionary[nn.Module, Callable] = weakref.WeakKeyDictionary()


def put(module: nn.Module, name: str, tensor: Tensor) -> None:
    """Put a tensor in a weight's place.

    The tensor keeps when, on the clock by which autograd numbers its operations; what stood there
    keeps what it was. (Torch swaps no tensor that a weak dictionary refers to.)
    """
    _require_no_broadcast(module, name, tensor)
    module._parameters[name]._was_weight = name
    recomputing = torch._C._current_graph_task_id() != -1  # a checkpoint puts its own weights
    tensor._was_weight, tensor._put_at = None, 0 if recomputing else _get_sequence_nr()
    module._parameters[name] = tensor
    if _refuse_recomputation not in module._forward_pre_hooks.values():
        module.register_forward_pre_hook(_refuse_recomputation)


def _refuse_recomputation(module: nn.Module, _) -> None:
    """`torch.utils.checkpoint` runs a module again on the way back, with the weights of then."""
    if torch.compiler.is_compiling() or torch._C._current_graph_task_id() == -1:
        return
    began = torch._C._current_autograd_node()._sequence_nr()
    for name, weight in module.named_parameters():
        if getattr(weight, "_put_at", 0) > began:
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
    if metas and isinstance(parent, AveragedModel):
        raise TypeError(
            f"AveragedModel keeps no average of the weights of {type(metas[0]).__name__}, "
            "which are buffers; average the weights alone: get_ema_multi_avg_fn() of "
            "torch.optim.swa_utils takes two lists of tensors"
        )
    _parallel.update(dict.fromkeys(metas, weakref.ref(parent)))


def _require_no_broadcast(module: nn.Module, name: str, tensor: Tensor) -> None:
    parallel = _parallel.get(module, lambda: None)()
    if not tensor.is_leaf and parallel is not None and parallel.broadcast_buffers:
        raise RuntimeError(
            f"weight {name!r} cannot be computed under DistributedDataParallel, which copies the "
            "buffers of rank 0 over it; give it broadcast_buffers=False"
        )


register_optimizer_step_pre_hook(_refuse_to_move_nothing)
nn.modules.module.register_module_module_registration_hook(_look_at_the_parent)
