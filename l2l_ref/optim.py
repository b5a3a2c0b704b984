"""A trained optimizer in the place of Adam: for any network, any loss, any training loop.

    >>> net = nn.Sequential(nn.Linear(784, 20), nn.Sigmoid(), nn.Linear(20, 10))
    >>> optimizer = LearnedOptimizer(net.parameters(), "mnist")
    >>> for x, y in batches:
    ...     optimizer.zero_grad()
    ...     F.cross_entropy(net(x), y).backward()
    ...     optimizer.step()

It knows what it was trained on: networks like that one, for about a hundred steps. How it does
elsewhere has to be tried.
"""

import contextlib
import copy
import numbers
import os
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .optimizers import LSTMOptimizer, State
from .support.denormals import flushing
from .support.errors import InputError
from .support.files import ARTIFACTS
from .tape import Tape

#: Parameters are taken together that lie on one device, and are computed with in one dtype.
Kind = tuple[torch.device, torch.dtype]


#: What groups for other optimizers may set.
OF_OTHERS = (
    *("weight_decay", "momentum", "dampening", "nesterov", "betas", "eps", "alpha", "centered"),
    *("amsgrad", "maximize"),
)


class LearnedOptimizer(torch.optim.Optimizer):
    """A trained optimizer as a ``torch.optim.Optimizer``.

    Parameters that are frozen or have no gradient are passed by: neither they nor the optimizer's
    memory of them changes. Computation is in float32, in float64 for parameters of that dtype, also
    under autocast. To have it forget what it remembers of each coordinate, make a new one.

    Args:
        params: parameters or groups of them, as every optimizer of torch takes.
        optimizer: a trained one: the name of one that is shipped (``"mnist"``, ``"digits"``,
            ``"quadratics"``), a file that ``l2l train`` has written, or an `LSTMOptimizer`.
        lr: what its updates are multiplied with; each group may have its own, and schedulers
            change it.

    Raises:
        InputError: there is no such optimizer, or its file cannot be read.
        TypeError: the optimizer is something else, or ``lr`` is no number.
        ValueError: ``lr`` is negative, or there are no parameters.
    """

    def __init__(
        self,
        params: Iterable,
        optimizer: str | os.PathLike | LSTMOptimizer = "mnist",
        lr: float | Tensor = 1.0,
    ):
        _require_rate(lr)
        self.learned = _load(optimizer)
        self.passages: dict[Kind, _Passage] = {}
        super().__init__(params, {"lr": lr, "learned": self.learned.digest()})

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Update every parameter that has a gradient.

        Args:
            closure: computes the loss anew, and its gradients; called first.

        Returns:
            The closure's loss.

        Raises:
            RuntimeError: a gradient is sparse or complex; no parameter has changed.
            ValueError: a group has been given what other optimizers have, and this one has not.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for kind, moving in self._by_kind().items():
            passage = self._passage(kind, moving)
            updates = passage.updates([p.grad for p, _ in moving])
            for (parameter, group), update in zip(moving, updates, strict=True):
                parameter.add_(update.to(parameter.dtype), alpha=float(group["lr"]))
        return loss

    def _by_kind(self) -> dict[Kind, list[tuple[Tensor, dict]]]:
        """The parameters that move, with their groups: apart for each device and dtype."""
        kinds = {}
        for group in self.param_groups:
            _require_lr_alone(group)
            for parameter in group["params"]:
                if parameter.grad is None or not parameter.requires_grad:
                    continue
                _require_plain(parameter.grad)
                double = parameter.dtype == torch.float64
                kind = parameter.device, torch.float64 if double else torch.float32
                kinds.setdefault(kind, []).append((parameter, group))
        return kinds

    # The memory of each coordinate lies where the passage needs it, and moves to ``state`` when
    # somebody looks there.

    @property
    def state(self) -> dict[Tensor, dict[str, Tensor]]:
        """What is remembered of each parameter, as with every optimizer."""
        self._put_away()
        return self._state

    @state.setter
    def state(self, state: dict[Tensor, dict[str, Tensor]]) -> None:
        self.passages.clear()  # what they remember belongs to the state of before
        self._state = defaultdict(dict, state)

    @torch._disable_dynamo  # it cannot follow who is who
    def _passage(self, kind: Kind, moving: list) -> "_Passage":
        """The passage for these parameters; a new one where others moved before."""
        parameters = [parameter for parameter, _ in moving]
        passage = self.passages.get(kind)
        if passage is None or list(map(id, parameters)) != list(map(id, passage.parameters)):
            self._put_away(kind)
            self.passages[kind] = passage = _Passage.of(self.learned, kind, parameters, self._state)
        return passage

    def _put_away(self, *kinds: Kind) -> None:
        """Write the memory to ``state``, of some kinds or of all."""
        present = set()
        for group in self.param_groups:
            present.update(map(id, group["params"]))
        for kind in kinds or list(self.passages):
            if kind in self.passages:
                self.passages.pop(kind).put_away(self._state, present)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises:
            InputError: it is of another learned optimizer, of another kind of optimizer, or
                damaged.
            ValueError: its parameters or groups do not fit, as torch finds.
        """
        hooks = self._optimizer_load_state_dict_pre_hooks
        for hook in hooks.values():  # before the checks, since they may give another one
            given = hook(self, state_dict)
            state_dict = state_dict if given is None else given
        _require_whole(state_dict)
        digests = {group.get("learned") for group in state_dict["param_groups"]}
        if digests != {self.learned.digest()}:
            of = ", ".join(sorted(map(str, digests - {None}))) or "another kind of optimizer"
            raise InputError(
                f"the state is of {of}, this is the learned optimizer {self.learned.digest()}; "
                "make it with the optimizer that it was saved with"
            )
        for group in state_dict["param_groups"]:
            _require_lr_alone(group)
        saved = [i for group in state_dict["param_groups"] for i in group["params"]]
        here = [p for group in self.param_groups for p in group["params"]]
        memories = {i: state["memory"] for i, state in state_dict["state"].items()}
        for i, parameter in zip(saved, here, strict=False):  # torch compares their numbers
            expected = (*_empty(self.learned).shape[:2], *parameter.shape)
            if i in memories and memories[i].shape != expected:
                raise ValueError(
                    f"the state of parameter {i} is for the shape {tuple(memories[i].shape[2:])}, "
                    f"not {tuple(parameter.shape)}: load it into an optimizer of the same network"
                )
        self._put_away()
        self._optimizer_load_state_dict_pre_hooks = OrderedDict()
        try:
            super().load_state_dict(state_dict)
        finally:
            self._optimizer_load_state_dict_pre_hooks = hooks
        for i, parameter in zip(saved, here, strict=True):  # torch has cast it to the dtype of p
            if i in memories:
                self.state[parameter]["memory"] = memories[i].to(parameter.device, copy=True)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As torch's; a group may have an ``lr`` of its own.

        Raises:
            ValueError: the group sets what other optimizers have and this one has not.
        """
        if isinstance(param_group, dict):  # otherwise torch says so
            _require_rate(param_group.get("lr", 0))
            _require_lr_alone(param_group)
            digest = self.learned.digest()
            if "optimizer" in param_group or param_group.get("learned", digest) != digest:
                raise ValueError(
                    "a group has no learned optimizer of its own; make a LearnedOptimizer for each"
                )
        super().add_param_group(param_group)

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"learned": self.learned, "passages": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._state = state["state"]
        super().__setstate__({name: each for name, each in state.items() if name != "state"})


@dataclass
class _Passage:
    """One pass over all coordinates of some parameters, and their memory from step to step."""

    parameters: list[Tensor]
    tape: Tape

    @classmethod
    def of(cls, learned: LSTMOptimizer, kind: Kind, parameters: list, state: dict) -> "_Passage":
        """Begin where the parameters' memory left off; one that has none begins with zeros."""
        device, dtype = kind
        optimizer = copy.deepcopy(learned).to(device, dtype)
        n = sum(parameter.numel() for parameter in parameters)
        tape = Tape(optimizer, n, 1, remember=False)
        empty = _empty(optimizer)
        pieces = [
            state[p]["memory"].to(device, dtype).reshape(*empty.shape[:2], p.numel())
            if p in state
            else empty.new_zeros(*empty.shape[:2], p.numel())
            for p in parameters
        ]
        tape.begin(_as_state(torch.cat(pieces, dim=-1)))
        return cls(parameters, tape)

    def updates(self, gradients: list[Tensor]) -> list[Tensor]:
        """The updates for these gradients, each in its parameter's shape."""
        like = self.tape.optimizer.output.weight
        flat = torch.cat([gradient.reshape(-1).to(like.dtype) for gradient in gradients])
        with _without_autocast(flat.device.type):
            updates = flushing(self.tape.step)(flat).split([g.numel() for g in gradients])
        return [u.view(g.shape) for u, g in zip(updates, gradients, strict=True)]

    def put_away(self, state: dict, present: set[int]) -> None:
        """Write each parameter's memory to its place, if it is still in a group."""
        memory = torch.stack([tensor for layer in self.tape.state() for tensor in layer])
        sizes = [parameter.numel() for parameter in self.parameters]
        for parameter, piece in zip(self.parameters, memory.split(sizes, dim=-1), strict=True):
            if id(parameter) in present:
                shape = (*piece.shape[:2], *parameter.shape)
                state[parameter]["memory"] = piece.reshape(shape).clone()


def _without_autocast(device_type: str) -> contextlib.AbstractContextManager:
    if torch.amp.is_autocast_available(device_type):
        return torch.autocast(device_type, enabled=False)
    return contextlib.nullcontext()


def _empty(optimizer: LSTMOptimizer) -> Tensor:
    """The memory of no coordinate: (2 for each layer, hidden, 0)."""
    state = optimizer.initial_state(0)
    return torch.stack([tensor for layer in state for tensor in layer])


def _as_state(memory: Tensor) -> State:
    return list(zip(memory[::2], memory[1::2], strict=True))


def _require_rate(lr: object) -> None:
    number = lr.numel() == 1 if isinstance(lr, Tensor) else isinstance(lr, numbers.Real)
    if not number:
        raise TypeError(f"got lr={lr!r}; it must be a number, or a tensor with one")
    if not lr >= 0:
        raise ValueError(f"got lr={lr}; it must be 0 or more (1 takes the updates as they are)")


def _require_lr_alone(group: dict[str, Any]) -> None:
    if idle := [name for name in OF_OTHERS if group.get(name)]:
        raise ValueError(
            f"a group sets {', '.join(idle)}, which would have no effect: a learned optimizer has "
            "lr alone; leave it away"
        )


def _require_whole(state_dict: dict[str, Any]) -> None:
    """See that a state dict is made like ours before anything of it is used."""
    try:
        memories = [state["memory"] for state in state_dict["state"].values()]
        numbers = {i for group in state_dict["param_groups"] for i in group["params"]}
        whole = numbers >= state_dict["state"].keys() and all(map(_is_memory, memories))
        for group in state_dict["param_groups"]:
            _require_rate(group["lr"])
    except (AttributeError, KeyError, TypeError):
        whole = False
    if not whole:
        raise InputError(
            "this is no state dict of a LearnedOptimizer, or a damaged one; give what its "
            "state_dict() returned, with 'state' (a memory for each parameter) and 'param_groups'"
        )


def _is_memory(memory: object) -> bool:
    numbers = isinstance(memory, Tensor) and memory.is_floating_point()
    return numbers and bool(memory.isfinite().all())


def _require_plain(gradient: Tensor) -> None:
    if gradient.layout != torch.strided or gradient.is_complex():
        is_complex = gradient.is_complex()
        kind = "complex" if is_complex else "sparse"
        way_out = "torch.view_as_real" if is_complex else "nn.Embedding with sparse=False"
        raise RuntimeError(
            f"LearnedOptimizer takes no {kind} gradients; it reads a real number for each "
            f"coordinate, as {way_out} gives"
        )


def _load(optimizer: str | os.PathLike | LSTMOptimizer) -> LSTMOptimizer:
    """The trained optimizer that is meant: by name, by file, or itself."""
    if isinstance(optimizer, LSTMOptimizer):
        return optimizer
    if not isinstance(optimizer, str | os.PathLike):
        raise TypeError(
            f"the second argument is the trained optimizer, by name or file; got {optimizer!r} (a "
            "rate is given as lr=0.1)"
        )
    shipped = {path.name.removesuffix(".safetensors"): path for path in _shipped()}
    name = os.fspath(optimizer)
    if name in shipped:
        return LSTMOptimizer.load(shipped[name])
    if not Path(name).exists():
        raise InputError(
            f"there is no trained optimizer {name!r}: no file of this name, and the shipped ones "
            f"are {', '.join(sorted(shipped))}"
        )
    return LSTMOptimizer.load(name)


def _shipped() -> list[Path]:
    return [path for path in ARTIFACTS.iterdir() if path.name.endswith(".safetensors")]
