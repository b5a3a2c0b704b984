"""Momentum and Adam as inner optimizers: their steps stay in the graph.

`MetaModule.update_params` takes a step of gradient descent. These two remember what came before,
and what they remember carries a graph as well. The arithmetic is that of ``torch.optim``, which is
asked for it one weight at a time.

    >>> first = list(net.parameters())            # the meta-gradient arrives here
    >>> inner = Adam(net, lr=rate)                # rate may be a tensor that is learned
    >>> for _ in range(3):
    ...     inner.step(F.mse_loss(net(x), y))     # net's weights are computed now
    >>> F.mse_loss(net(x_query), y_query).backward()      # reaches rate and the first weights

From the first step on ``net.parameters()`` are the computed weights: an outer optimizer, and who
clears or clips its gradients, works on ``first``.

To whom other libraries are familiar: `higher` makes a functional copy of the module, and its
``diffopt.step(loss)`` gives that copy new weights; `learn2learn` has ``maml.clone()`` and
``clone.adapt(loss)``, which is gradient descent. Here the module itself takes the step, and
`MetaModule.clone` comes first where the original is to stay as it is. As in both, the first weights
collect the meta-gradient.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from .modules import MetaModule, Rate, rates_of, require_rate


class _Inner(ABC):
    """What both share: gradients, rates, and putting the new weights in their places.

    Args:
        module: whose weights move; those that are frozen do not.
        lr: the rate, or one for each weight; see `MetaModule.update_params`.
        weight_decay: the rate of decay towards zero, added to the gradient.

    Raises:
        KeyError, ValueError: the rates do not fit the weights.
        TypeError: the module is not a meta module.
    """

    def __init__(
        self,
        module: MetaModule,
        lr: Rate | Mapping[str, Rate] | Sequence[Rate],
        weight_decay: float,
    ):
        if not isinstance(module, MetaModule):
            compiled = hasattr(module, "_orig_mod")
            way_out = "give the module that was compiled" if compiled else "take to_meta(module)"
            raise TypeError(
                f"got a {type(module).__name__}, whose weights cannot be computed; {way_out}, or "
                "derive its class from MetaModule"
            )
        _require("weight_decay", weight_decay, lambda value: value >= 0)
        self.module, self.lr, self.weight_decay = module, lr, weight_decay
        weights = dict(module.named_parameters())  # what does not fit is said now
        for name, rate in rates_of(lr, weights).items():
            require_rate(name, rate, weights[name])
            if not isinstance(rate, Tensor):
                _require("lr", rate, lambda value: value >= 0)
        self.memory: dict[str, list[Tensor]] = {}

    def step(self, loss: Tensor, first_order: bool = False) -> None:
        """Take a step down the gradient of a loss, as part of the graph.

        Args:
            loss: one number, computed with the module's present weights.
            first_order: treat the gradients as constants (no second derivatives).

        Raises:
            ValueError: the loss is not one number.
            RuntimeError: the loss does not depend on any weight, or a weight is gone or of another
                kind than what is remembered of it.
        """
        _require_loss(loss)
        weights = dict(self.module.named_parameters())
        if gone := self.memory.keys() - weights.keys():
            raise RuntimeError(
                f"{type(self).__name__} remembers steps of {', '.join(sorted(gone))}, and the "
                "module has no such weight any more (pruning and parametrizations rename them); "
                "make the optimizer anew"
            )
        moving = {name: weight for name, weight in weights.items() if weight.requires_grad}
        gradients = torch.autograd.grad(
            loss, list(moving.values()), create_graph=not first_order, allow_unused=True
        )
        if all(gradient is None for gradient in gradients):
            raise RuntimeError(FREE)
        rates = rates_of(self.lr, weights)
        stepped = {}
        for (name, weight), gradient in zip(moving.items(), gradients, strict=True):
            if gradient is not None:
                gradient = gradient.to_dense() if gradient.is_sparse else gradient
                decay = self.weight_decay * weight if self.weight_decay else 0.0
                direction = self._direction(name, _real(gradient + decay))
                direction = torch.view_as_complex(direction) if weight.is_complex() else direction
                stepped[name] = weight + rates[name] * direction
        for name, weight in stepped.items():
            MetaModule.set_param(self.module, name, weight)

    def detach(self) -> None:
        """Cut the graph, of the weights and of what is remembered: a truncation."""
        MetaModule.detach_params(self.module)
        self.memory = {n: [each.detach() for each in kept] for n, kept in self.memory.items()}

    def __deepcopy__(self, memo: dict) -> "_Inner":
        """As of a meta module, the copy is cut: torch cannot copy a computed tensor."""
        twin = memo[id(self)] = copy.copy(self)
        vars(twin).update(copy.deepcopy({**vars(self), "memory": {}}, memo))
        twin.memory = {n: [x.detach().clone() for x in kept] for n, kept in self.memory.items()}
        return twin

    @abstractmethod
    def _direction(self, name: str, gradient: Tensor) -> Tensor:
        """Where a step of rate 1 leads from zero; what is to be remembered goes to ``memory``.

        Torch's functional forms write over what they are given, and know one rate for all
        coordinates. So they get copies, and the rate is not their business.
        """

    def _remembered(self, name: str, begin: list[Tensor]) -> list[Tensor]:
        kept = self.memory.get(name, begin)
        for had, has in zip(kept, begin, strict=True):
            if _kind(had) != _kind(has):
                raise RuntimeError(
                    f"weight {name!r} is now of {_kind(has)}, and what {type(self).__name__} "
                    f"remembers of it is of {_kind(had)}; make the optimizer anew"
                )
        return [each.clone() for each in kept]


def _real(tensor: Tensor) -> Tensor:
    """A complex number is two numbers, as in ``torch.optim``."""
    return torch.view_as_real(tensor) if tensor.is_complex() else tensor


def _kind(tensor: Tensor) -> str:
    return f"shape {tuple(tensor.shape)}, {tensor.dtype}, on {tensor.device}"


def _require_loss(loss: Tensor) -> None:
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        what = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else repr(loss)
        raise ValueError(f"the loss must be a tensor with one number; got {what}")
    if not loss.requires_grad:
        raise RuntimeError(FREE)


FREE = "the loss depends on no weight of the module; compute it with them"


def _require(name: str, value: object, holds: Callable[[object], bool]) -> None:
    try:
        fits = bool(holds(value))
    except (TypeError, ValueError, RuntimeError):  # no number, or not as many as there must be
        fits = False
    if not fits:
        raise ValueError(f"got {name}={value!r}; torch.optim takes none such either")


class Momentum(_Inner):
    """Gradient descent with momentum, as ``torch.optim.SGD`` has it.

    Args:
        module: a meta module, whose weights move, but for those that are frozen.
        lr: the rate, or one for each weight; see `MetaModule.update_params`.
        momentum: the share of the last step that is kept.
        nesterov: whether the gradient is followed from where momentum leads.
        weight_decay: the rate of decay towards zero, added to the gradient.
    """

    def __init__(
        self,
        module: MetaModule,
        lr: Rate | Mapping[str, Rate] | Sequence[Rate],
        momentum: float = 0.9,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        super().__init__(module, lr, weight_decay)
        _require("momentum", momentum, lambda value: value >= 0)
        _require("nesterov", nesterov, lambda value: not value or momentum > 0)
        self.momentum, self.nesterov = momentum, nesterov

    def _direction(self, name: str, gradient: Tensor) -> Tensor:
        # Torch's first buffer is a detached copy of the gradient; zeros give the same step.
        (buffer,) = self._remembered(name, [torch.zeros_like(gradient)])
        direction = torch.zeros_like(gradient)
        sgd(
            [direction],
            [gradient],
            [buffer],
            foreach=False,
            lr=1.0,
            dampening=0.0,
            maximize=False,
            weight_decay=0.0,
            momentum=self.momentum,
            nesterov=self.nesterov,
        )
        self.memory[name] = [buffer]
        return direction


class Adam(_Inner):
    """Adam, as ``torch.optim.Adam`` has it (Kingma and Ba, 2015).

    But for one thing: the mean of squares begins at `FIRST`, not at 0. With the usual ``eps`` no
    step shows it; where squared gradients are as small as that, and ``eps`` is too, steps are
    shorter than torch's.

    Args:
        module: a meta module, whose weights move, but for those that are frozen.
        lr: the rate, or one for each weight; see `MetaModule.update_params`.
        betas: the decays of the two means, numbers or tensors that are learned.
        eps: what is added to the square root.
        weight_decay: the rate of decay towards zero, added to the gradient.
    """

    #: The mean of squares begins here rather than at 0, where the square root has no slope: a
    #: coordinate whose gradient is always zero would make every meta-gradient NaN. Where the mean
    #: of squares is far above it, the steps are torch's.
    FIRST = 1e-30

    def __init__(
        self,
        module: MetaModule,
        lr: Rate | Mapping[str, Rate] | Sequence[Rate] = 1e-3,
        betas: tuple[Rate, Rate] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        super().__init__(module, lr, weight_decay)
        _require("betas", betas, lambda two: len(two) == 2 and all(0 <= beta < 1 for beta in two))
        _require("eps", eps, lambda value: value >= 0)
        self.betas, self.eps = betas, eps

    def _direction(self, name: str, gradient: Tensor) -> Tensor:
        # In float32 at least: in bfloat16 a decay of 0.999 is 1, in float16 the first square is 0.
        dtype, gradient = (
            gradient.dtype,
            gradient.to(torch.promote_types(gradient.dtype, torch.float32)),
        )
        begin = [
            torch.zeros_like(gradient),
            torch.full_like(gradient, self.FIRST),
            gradient.new_zeros(()),
        ]
        mean, square, step = self._remembered(name, begin)
        direction = torch.zeros_like(gradient)
        beta1, beta2 = self.betas
        adam(
            [direction],
            [gradient],
            [mean],
            [square],
            [],
            [step],
            foreach=False,
            differentiable=True,
            amsgrad=False,
            lr=1.0,
            maximize=False,
            weight_decay=0.0,
            beta1=beta1,
            beta2=beta2,
            eps=self.eps,
        )
        self.memory[name] = [mean, square, step]
        return direction.to(dtype)
