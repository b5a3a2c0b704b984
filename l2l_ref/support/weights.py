"""The weights of a meta module, as torch sees them, and what torch would do wrong with them.

`Weights` shows them to whoever asks a module for its parameters. Some of torch's tools would go
wrong in silence when a weight has been exchanged, or because it is a buffer: those get an error
here. (`modules` has a table of them all.)
"""

import itertools
import secrets
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, MutableMapping

import torch
from torch import Tensor, nn
from torch.autograd import _get_sequence_nr, forward_ad
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils.parametrize import ParametrizationList
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.optim.swa_utils import AveragedModel

#: No two processes have the same: notes on tensors name them, and are pickled with the tensors.
_serials = itertools.count(secrets.randbits(48))

#: Each view by its serial.
_views: "weakref.WeakValueDictionary[int, Weights]" = weakref.WeakValueDictionary()


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
        _views[self.serial] = self
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
        weight = self.buffers[name]
        if weight is not None and not torch.compiler.is_compiling() and _recomputing():
            refuse_recomputation(self.serial, name, weight)
        return weight

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
            before._was_weight = (self.serial, name)
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


def stands_elsewhere(weight: Tensor) -> None:
    """Whoever hands a leaf over keeps it: when it leaves its place here, it is still a weight."""
    if isinstance(weight, Tensor) and weight.is_leaf:
        weight._stands_elsewhere = True


def followed(tensor: Tensor) -> bool:
    """Is a tensor without a graph followed in another way: torch.func, forward mode, a trace?"""
    in_forward_mode = forward_ad._current_level >= 0
    return (
        torch._C._functorch.is_functorch_wrapped_tensor(tensor)
        or (in_forward_mode and forward_ad.unpack_dual(tensor).tangent is not None)
        or torch._C._get_dispatch_mode(torch._C._TorchDispatchModeKey.PROXY) is not None
    )


def _recomputing() -> bool:
    """Does `torch.utils.checkpoint` run its function again, on the way back?"""
    node = torch._C._current_autograd_node()
    if node is None:
        return False
    hooks = torch._C._autograd._top_saved_tensors_default_hooks(True)
    return node.name() == "CheckpointFunctionBackward" or (  # or not re-entrant, its default
        hooks is not None and getattr(hooks[0], "__module__", "") == "torch.utils.checkpoint"
    )


def refuse_recomputation(serial: int, name: str, weight: Tensor) -> None:
    """A checkpoint computes again what it has computed with the weights of then.

    Autograd numbers its operations, by a clock that each thread has for itself.
    """
    began = torch._C._current_autograd_node()._sequence_nr()
    if weight._came.get((serial, name), 0) > began and not _in_exchange():
        raise RuntimeError(
            f"a checkpoint runs its function again, but weight {name!r} has been replaced since; "
            "hand the weights over with it: checkpoint(functional_call, module, "
            "dict(module.named_parameters()), x, use_reentrant=False)"
        )


def _in_exchange() -> bool:
    """Is the weight read only because another takes its place, by functional_call or set_param?"""
    passing_on = {__name__, "collections.abc", "torch.nn.modules.module"}
    passing_on.add("jaxtyping._decorator")  # in tests
    frame = sys._getframe()
    while (reader := frame.f_globals["__name__"]) in passing_on:
        frame = frame.f_back
    if reader == "l2l_ref.modules":
        return frame.f_code.co_name != "update_params"  # which computes with it
    return reader in ("torch.nn.utils.stateless", "torch.nn.utils._named_member_accessor")


def _refuse_to_move_nothing(optimizer: torch.optim.Optimizer, *_) -> None:
    """An optimizer holds on to its tensors when others take their place in the module.

    That is as it should be while they get the meta-gradient, or when it has the others as well.
    """
    moved = [weight for group in optimizer.param_groups for weight in group["params"]]
    known = set(map(id, moved))
    for weight in moved:
        if weight.requires_grad and weight.grad is None and (name := _left(weight, known)):
            raise RuntimeError(
                f"{type(optimizer).__name__} has nothing to move: weight {name!r} is no longer "
                "the tensor that it was made with (update_params, detach_params and "
                "load_state_dict put others there); make the optimizer afterwards"
            )


def _left(weight: Tensor, known: set[int]) -> str | None:
    """The name of a weight's former place, if there is a trainable tensor now that is not known."""
    serial, name = getattr(weight, "_was_weight", None) or (None, None)
    now = _views.get(serial, {}).get(name)
    if getattr(weight, "_stands_elsewhere", False) or _stands(weight):
        return None
    return name if now is not None and now.requires_grad and id(now) not in known else None


def _stands(weight: Tensor) -> bool:
    """Is there a place where it still is?"""
    places = getattr(weight, "_came", {})
    return any(_views.get(serial, {}).get(name) is weight for serial, name in places)


def _look_at_the_parent(parent: nn.Module, _, child: nn.Module | None) -> None:
    """Two of torch's wrappers copy buffers over: what else lies there is overwritten.

    And a parametrization takes a computed weight for a buffer of its own.
    """
    if isinstance(child, ParametrizationList) and isinstance(parent._parameters, Weights):
        for name, original in list(child._buffers.items()):
            if original.requires_grad:
                del child._buffers[name]
                child.register_parameter(name, nn.Parameter(original.detach()))
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
