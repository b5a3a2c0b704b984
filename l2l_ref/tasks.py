"""The optimizees: what the learned optimizer is trained and tested on.

A task is a batch of functions that are minimised side by side, each in coordinates of its own.
To write a new one, write a class with the two methods of `Task`, and a function that draws one
at random; `training.train` and `evaluation.evaluate` take such a function. Nothing else is asked
of a task: gradients come from autograd, and random numbers from the generator it is given.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.func import functional_call, vmap

from .data import Images, Split, digits, mnist
from .support.errors import InputError
from .support.randomness import generator as named_generator

Theta = Float[Tensor, "functions coordinates"]
Losses = Float[Tensor, " functions"]


@runtime_checkable
class Task(Protocol):
    """A batch of functions to minimise, one row of theta for each."""

    def start(self) -> Theta:
        """Begin a new run: return theta_0, and forget what an earlier run left behind."""

    def loss(self, theta: Theta, step: int) -> Losses:
        """The value of each function at its row of theta: above 0 at theta_0.

        (How much too large a loss may grow is told as a multiple of the first one.)

        Args:
            theta: one row for each function.
            step: which update comes next, from 0; it names the minibatch where there are any, so
                that every optimizer meets the same ones.
        """


@runtime_checkable
class Capturable(Protocol):
    """A task whose losses over some steps depend on nothing but theta and a few tensors.

    A GPU can then take a whole window at once, as a graph of its operations (`unroll.Window`),
    and the same graph serves all tasks of a sampler. A task without these two methods runs too.
    """

    def tensors(self, steps: range) -> list[Tensor]:
        """All that tells these steps of this task from those of another one of its sampler."""

    def on(self, tensors: list[Tensor]) -> Task:
        """A task that reads these tensors instead; its step 0 is the first of the steps."""


@runtime_checkable
class Sampler(Protocol):
    """A distribution over tasks, such as ``Quadratics.sample``."""

    def __call__(
        self, functions: int, generator: torch.Generator, split: Split, device: torch.device
    ) -> Task:
        """Draw a task.

        Args:
            functions: how many in the batch.
            generator: the only source of random numbers; it lives on the CPU, so that every
                device meets the same functions.
            split: which part of the data the functions come from.
            device: where their tensors go.
        """


def check_sampler(
    sampler: Sampler,
    generator: torch.Generator,
    split: Split,
    device: torch.device,
    dtype: torch.dtype,
) -> None:
    """See that tasks have a loss for each row of theta, before the long work begins.

    Args:
        sampler: is asked for two functions, with the other arguments.
        dtype: of the optimizer's weights.

    Raises:
        ValueError: the sampler is no function, or gives no task; theta or the losses have another
            shape or dtype, or no slope, or the losses are not finite, not above 0, or other ones
            when they are asked for again.
    """
    if not callable(sampler):
        raise ValueError(
            f"got {sampler!r} for a sampler; it must be a function, such as "
            "tasks.get_sampler('quadratics') gives"
        )
    functions = 2
    task = sampler(functions, generator, split, device)
    if not (hasattr(task, "start") and hasattr(task, "loss")):
        raise ValueError(f"the sampler gave {task!r}; a task has start() and loss(), see Task")
    name, theta = type(task).__name__, task.start()
    if theta.dim() != 2 or theta.shape[1] == 0 or not theta.is_floating_point():
        raise ValueError(
            f"{name}.start() gave {theta.dtype} of shape {tuple(theta.shape)}; theta has a row for "
            "each function, a column for each coordinate and a floating dtype"
        )
    if len(theta) != functions:
        raise ValueError(
            f"the theta of {name} has {len(theta)} rows where {functions} function(s) were asked "
            "for; a sampler draws as many as its first argument says"
        )
    if theta.dtype != dtype:
        raise ValueError(
            f"{name}.start() gave {theta.dtype}, and the optimizer's weights are {dtype}; both "
            "need one dtype"
        )
    losses = task.loss(theta.detach().requires_grad_(), 0)
    again = task.loss(task.start().detach().requires_grad_(), 0)
    if not isinstance(losses, Tensor):
        raise ValueError(f"{name}.loss() gave a {type(losses).__name__}; it must give a tensor")
    if losses.shape != theta.shape[:1]:
        raise ValueError(
            f"{name}.loss() gave shape {tuple(losses.shape)} for {functions} function(s); it must "
            f"give one number for each: {(functions,)}"
        )
    if not losses.requires_grad:
        raise ValueError(f"{name}.loss() does not depend on theta, as autograd sees it")
    if not (losses.isfinite() & (losses > 0)).all():
        raise ValueError(
            f"{name}.loss() at the start is {losses.tolist()}; it must be finite and above 0 (add "
            "a constant: slopes do not see it)"
        )
    if not torch.allclose(losses, again, rtol=1e-3):
        raise ValueError(
            f"{name}.loss() at the same theta and step gave {losses.tolist()} and then "
            f"{again.tolist()}; whatever is random has to come from the generator, so that all "
            "optimizers meet the same functions and minibatches"
        )


class Quadratics:
    """f(theta) = ||W theta - y||^2, with W and y i.i.d. Gaussian (section 3.1).

    Args:
        W: the matrices. y: the targets.
    """

    def __init__(self, W: Float[Tensor, "functions m n"], y: Float[Tensor, "functions m"]):
        self.W, self.y = W, y

    @classmethod
    def sample(cls, functions, generator, split="train", device="cpu", size=10) -> "Quadratics":
        """Draw functions of ``size`` coordinates: fresh ones, whatever the split. See `Sampler`."""
        W = torch.randn(functions, size, size, generator=generator)
        y = torch.randn(functions, size, generator=generator)
        return cls(W.to(device), y.to(device))

    def start(self) -> Theta:
        """theta_0 = 0."""
        return self.W.new_zeros(self.W.shape[0], self.W.shape[2])

    def loss(self, theta: Theta, step: int) -> Losses:
        """||W theta - y||^2, for each function."""
        residual = self.residual(theta)
        return torch.linalg.vecdot(residual, residual)

    def residual(self, theta: Theta) -> Float[Tensor, "functions m"]:
        """W theta - y."""
        return torch.baddbmm(self.y[..., None], self.W, theta[..., None], beta=-1).squeeze(-1)

    def tensors(self, steps: range) -> list[Tensor]:
        """W and y, whatever the steps. See `Capturable`."""
        return [self.W, self.y]

    def on(self, tensors: list[Tensor]) -> "Quadratics":
        """See `Capturable`."""
        return Quadratics(*tensors)


class Minibatches:
    """A minibatch for every function and every step, drawn with replacement.

    The one for a step depends on the generator's state now and on the step, not on how often or
    in which order it is asked for.
    """

    def __init__(self, images: Images, functions: int, generator: torch.Generator, size: int = 128):
        self.images, self.shape = images, (functions, size)
        self.seed = int(torch.randint(2**62, (), generator=generator))

    def __call__(
        self, step: int
    ) -> tuple[Float[Tensor, "functions batch pixels"], Int[Tensor, "functions batch"]]:
        """The images and labels of one step."""
        return self.images[self.indices(range(step, step + 1))[0]]

    def indices(self, steps: range) -> Int[Tensor, "steps functions batch"]:
        """Which images there are in the minibatches of some steps."""
        labels = self.images.labels
        drawn = [
            torch.randint(len(labels), self.shape, generator=named_generator(self.seed, step))
            for step in steps
        ]
        index = torch.stack(drawn)
        if labels.is_cuda:  # from pinned memory the copy does not hold the host up
            index = index.pin_memory()
        return index.to(labels.device, non_blocking=True)


class Perceptrons:
    """Multilayer perceptrons that learn to classify images (section 3.2).

    The weights of one network lie in its row of theta in the order of ``nn.Sequential``: for
    each layer the matrix (outputs x inputs), then the bias.

    Args:
        images: what to learn.
        functions: networks side by side.
        generator: for theta_0 and the minibatches.
        hidden: the sizes of the hidden layers.
        activation: between the layers.
    """

    def __init__(
        self,
        images: Images,
        functions: int,
        generator: torch.Generator,
        hidden: tuple[int, ...] = (20,),
        activation: Callable[[Tensor], Tensor] = torch.sigmoid,
    ):
        self.minibatches = Minibatches(images, functions, generator)
        self.activation = activation
        sizes = [images.levels.shape[1], *hidden, 10]
        self.shapes = list(zip(sizes[1:], sizes[:-1], strict=True))  # (outputs, inputs)
        theta = [
            torch.empty(functions, outputs * (inputs + 1)).uniform_(
                -(inputs**-0.5), inputs**-0.5, generator=generator
            )
            for outputs, inputs in self.shapes
        ]
        self.theta_0 = torch.cat(theta, dim=1).to(images.labels.device)

    def start(self) -> Theta:
        """Each weight uniform within 1 / sqrt(inputs of its layer), as ``nn.Linear`` has it."""
        return self.theta_0.clone()  # whoever steps in place leaves ours alone

    def loss(self, theta: Theta, step: int) -> Losses:
        """The mean cross entropy on the step's minibatch, for each network."""
        x, labels = self.minibatches(step)
        for k, (weight, bias) in enumerate(self.layers(theta)):
            x = torch.baddbmm(bias, x if k == 0 else self.activation(x), weight.mT)
        return F.cross_entropy(x.mT, labels, reduction="none").mean(1)

    def tensors(self, steps: range) -> list[Tensor]:
        """Which images the minibatches hold. See `Capturable`."""
        return [self.minibatches.indices(steps)]

    def on(self, tensors: list[Tensor]) -> "Perceptrons":
        """See `Capturable`."""
        (indices,) = tensors
        images, task = self.minibatches.images, copy.copy(self)
        task.minibatches = lambda step: images[indices[step]]
        return task

    def layers(self, theta: Theta) -> list[tuple[Tensor, Tensor]]:
        """Cut theta into ``(functions, outputs, inputs)`` and ``(functions, 1, outputs)``."""
        pieces = theta.split([size for o, i in self.shapes for size in (o * i, o)], dim=1)
        return [
            (weight.view(-1, *shape), bias[:, None])
            for weight, bias, shape in zip(pieces[::2], pieces[1::2], self.shapes, strict=True)
        ]


class Networks:
    """Any module as the optimizee: copies of it side by side, each with weights of its own.

    Slower than `Perceptrons`, but it takes every module, loss and data. Frozen weights stay as the
    constructor left them. Buffers, such as running statistics, belong to the run: `start` makes
    fresh ones and each call of `loss` carries them on. What a network draws at random, dropout for
    instance, depends on the task and the step alone.

    Args:
        make: builds a freshly initialised network.
        data: images to classify in minibatches of 128; or a function that draws a minibatch for one
            network from a generator on the CPU: the input, then what ``loss`` takes besides the
            output.
        functions: networks side by side.
        generator: for theta_0, the minibatches, and the networks' own randomness.
        loss: of the output and the rest of the minibatch, one number.
        side_by_side: whether ``torch.func.vmap`` runs all networks at once. It cannot run some
            modules, recurrent ones among them; those run one after another.
        device: where the networks are; with images, where those are.

    Raises:
        TypeError: ``make`` or the function that draws a minibatch gives something else.
        ValueError: fewer than one function, no weights to train, the same network twice, networks
            that differ in more than their weights, or images that are elsewhere.
    """

    def __init__(
        self,
        make: Callable[[], nn.Module],
        data: Images | Callable[[torch.Generator], tuple[Tensor, ...]],
        functions: int,
        generator: torch.Generator,
        loss: Callable[..., Tensor] = F.cross_entropy,
        side_by_side: bool = True,
        device: torch.device | str | None = None,
    ):
        if functions < 1:
            raise ValueError(f"got functions={functions}; it must be 1 or more")
        if isinstance(data, Images):
            if device is not None and torch.device(device) != data.labels.device:
                raise ValueError(
                    f"got device={str(device)!r} and images on {data.labels.device}; draw the "
                    "images there, or leave the device away"
                )
            device = data.labels.device
            self.minibatches = Minibatches(data, functions, generator)
        elif not callable(data):
            raise TypeError(
                f"data is a {type(data).__name__}; give Images, or a function that draws a batch"
            )
        else:
            device = torch.device(device or "cpu")
            self.minibatches = _Drawn(data, functions, generator, device)
        self.loss_of, self.side_by_side = loss, side_by_side
        with torch.random.fork_rng(devices=[]):  # modules initialise from the global generator
            self.seed = int(torch.randint(2**62, (), generator=generator))
            torch.manual_seed(self.seed)
            networks = [_module(make()).to(device) for _ in range(functions)]
        if len(set(map(id, networks))) < functions:
            raise ValueError(
                "make() gave the same network twice; it must build a new one each time"
            )
        if len({_sizes(network) for network in networks}) > 1:
            raise ValueError("make() gave networks with other weights; all need the same shapes")
        if len({_code(network) for network in networks}) > 1:
            raise ValueError(
                "make() gave networks that differ in more than their weights (layers, options, "
                "what is frozen); all are computed by the code of one: make a task for each kind"
            )
        self.network = networks[0]
        weights = dict(self.network.named_parameters())
        self.weights = {name: w.shape for name, w in weights.items() if w.requires_grad}
        if not self.weights:
            raise ValueError(f"{type(self.network).__name__} has no weights that can be trained")
        self.theta_0 = torch.stack(
            [
                nn.utils.parameters_to_vector(w for w in network.parameters() if w.requires_grad)
                for network in networks
            ]
        ).detach()
        fixed = [
            dict(network.named_parameters()) | dict(network.named_buffers()) for network in networks
        ]
        self.buffers_0 = {  # a meta module's weights are among the buffers too
            name: torch.stack([each[name].detach() for each in fixed])
            for name in fixed[0].keys() - self.weights.keys()
        }

    def start(self) -> Theta:
        """The weights as the networks' constructors left them."""
        self.buffers = {name: buffer.clone() for name, buffer in self.buffers_0.items()}
        return self.theta_0.clone()

    def loss(self, theta: Theta, step: int) -> Losses:
        """The loss on the step's minibatch, for each network."""
        tensors = (theta, self.buffers, *self.minibatches(step))
        with torch.random.fork_rng(devices=self._devices(theta)):
            torch.manual_seed(named_generator(self.seed, step).initial_seed())
            if self.side_by_side:
                return self._all_at_once(*tensors)
            return torch.stack([self._loss_of_one(*of_one) for of_one in _rows(tensors)])

    def _all_at_once(self, *tensors) -> Losses:
        try:
            return vmap(self._loss_of_one, randomness="different")(*tensors)
        except RuntimeError as error:
            if "Batching rule not implemented" not in str(error):
                raise
            raise RuntimeError(
                f"torch.func.vmap cannot run {type(self.network).__name__} ({error}); give "
                "side_by_side=False"
            ) from None

    def _devices(self, theta: Theta) -> list[torch.device]:
        return [theta.device] if theta.is_cuda else []

    def _loss_of_one(self, theta: Tensor, buffers: dict[str, Tensor], x: Tensor, *rest: Tensor):
        pieces = theta.split([shape.numel() for shape in self.weights.values()])
        weights = {n: p.view(s) for p, (n, s) in zip(pieces, self.weights.items(), strict=True)}
        return self.loss_of(functional_call(self.network, weights | buffers, (x,)), *rest)


def _sizes(network: nn.Module) -> tuple:
    return tuple((name, weight.shape) for name, weight in network.named_parameters())


def _code(network: nn.Module) -> str:
    """What a network computes, but for its weights: layers, options, what is frozen."""
    plain = bool | int | float | str | None
    options = [
        (name, key, value)
        for name, module in network.named_modules()
        for key, value in vars(module).items()
        if isinstance(value, plain)
    ]
    frozen = [name for name, weight in network.named_parameters() if not weight.requires_grad]
    return f"{network!r} {options} {frozen}"


def _module(made: object) -> nn.Module:
    if not isinstance(made, nn.Module):
        raise TypeError(f"make() gave a {type(made).__name__}; it must build an nn.Module")
    return made


class _Drawn:
    """Minibatches that a function of the user's draws, one for each function and every step."""

    def __init__(
        self,
        draw: Callable[[torch.Generator], tuple[Tensor, ...]],
        functions: int,
        generator: torch.Generator,
        device: torch.device,
    ):
        self.draw, self.functions, self.device = draw, functions, device
        self.seed = int(torch.randint(2**62, (), generator=generator))
        first = draw(named_generator(self.seed, 0, 0))
        if not (isinstance(first, tuple | list) and all(isinstance(t, Tensor) for t in first)):
            kinds = (
                f"{type(first).__name__} of {', '.join(type(each).__name__ for each in first)}"
                if isinstance(first, tuple | list)
                else type(first).__name__
            )
            raise TypeError(
                f"the function that draws a minibatch gave a {kinds}; it must give a tuple of "
                "tensors: the network's input, then what the loss takes with its output"
            )

    def __call__(self, step: int) -> list[Tensor]:
        """For each tensor of a minibatch those of all functions, stacked."""
        drawn = [self.draw(named_generator(self.seed, step, f)) for f in range(self.functions)]
        return [torch.stack(each).to(self.device) for each in zip(*drawn, strict=True)]


def _rows(tensors: tuple) -> Iterator[tuple]:
    """What belongs to one function after another, of tensors and of a dict of tensors."""
    for f in range(len(tensors[0])):
        yield tuple(
            {name: each[f] for name, each in t.items()} if isinstance(t, dict) else t[f]
            for t in tensors
        )


@dataclass(frozen=True)
class PerceptronSampler:
    """Draws `Perceptrons` of one kind on one set of images. See `Sampler`.

    Args:
        images: a data set of `data`, which gives one of its splits on a device.
        hidden: the sizes of the hidden layers.
        activation: between the layers.
    """

    images: Callable[[Split, torch.device], Images]
    hidden: tuple[int, ...] = (20,)
    activation: Callable[[Tensor], Tensor] = torch.sigmoid

    def __call__(self, functions, generator, split="train", device="cpu") -> Perceptrons:
        images = self.images(split, device)
        return Perceptrons(images, functions, generator, self.hidden, self.activation)


#: The paper's perceptron (20 sigmoid units), and those it tests the optimizer's transfer to.
NETWORKS = {
    "": {},
    "-40": {"hidden": (40,)},
    "-2layer": {"hidden": (20, 20)},
    "-relu": {"activation": torch.relu},
}

#: What the command line knows by name.
TASKS: dict[str, Sampler] = {"quadratics": Quadratics.sample} | {
    name + suffix: PerceptronSampler(images, **network)
    for name, images in {"digits": digits, "mnist": mnist}.items()
    for suffix, network in NETWORKS.items()
}


def get_sampler(name: str) -> Sampler:
    """Look a task up by its name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in TASKS:
        raise InputError(f"there is no task {name!r}; the tasks are {', '.join(TASKS)}")
    return TASKS[name]


def trained_on(name: str) -> str:
    """The task that a task's optimizer is trained on: without ``-40``, ``-2layer`` or ``-relu``."""
    return name.partition("-")[0]
