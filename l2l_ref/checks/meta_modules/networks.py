"""What answers of exercise 02 are tried on, and how they are looked at; on the answering side."""

import gc
import weakref
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..answering import Kept, NoAnswer, as_leaves, derivative, describe_error
from ..module_answers import module_from, put_tensor
from ..wire import Tensors

# Questions 1 to 4: a layer


def batch_of(x: Tensor, x_is: str) -> Tensor:
    """A batch of these numbers: "a leaf", "a constant", or "a view" with its strides turned."""
    if x_is == "a view":
        turned = tuple(reversed(range(x.ndim)))
        return x.permute(turned).contiguous().permute(turned)
    return x.clone().requires_grad_(x_is == "a leaf")


def surroundings() -> dict[str, object]:
    """What a student's function finds in torch, and must leave there."""
    return {
        "torch's random numbers": torch.get_rng_state().numpy().tobytes(),
        "whether gradients are enabled": torch.is_grad_enabled(),
        "the default dtype": torch.get_default_dtype(),
    }


def how_many(references: list[weakref.ref]) -> int:
    """How many of these things somebody still holds."""
    if any(reference() is not None for reference in references):
        gc.collect()
    return sum(reference() is not None for reference in references)


class Slopes:
    """The derivatives of a sum whose terms come one after the other.

    ``first`` are the derivatives in the sources, None where no graph leads from any term, and
    ``second`` those of the sum of the squares of all derivatives.

    Args:
        sources: in which to differentiate, by name.
    """

    def __init__(self, sources: Tensors):
        self.sources = sources
        self.first: dict[str, Tensor | None] = dict.fromkeys(sources)
        self.second = {name: torch.zeros_like(source) for name, source in sources.items()}

    def add(self, term: Tensor, x: Tensor) -> Tensor | None:
        """Add a term; its derivative in x."""
        leaves = [*self.sources.values(), *([x] if x.requires_grad else [])]
        if not term.requires_grad or not leaves:
            return None
        slopes = torch.autograd.grad(term, leaves, create_graph=True, allow_unused=True)
        squares = sum(slope.square().sum() for slope in slopes if slope is not None)
        for (name, source), slope in zip(self.sources.items(), slopes, strict=False):
            if slope is not None:
                before = 0 if self.first[name] is None else self.first[name]
                self.first[name] = before + slope.detach()
            bend = derivative(squares, source) if isinstance(squares, Tensor) else None
            self.second[name] += 0 if bend is None else bend
        return slopes[-1].detach() if x.requires_grad and slopes[-1] is not None else None


def slopes_of(total: Tensor, sources: Tensors) -> dict[str, Tensor | None]:
    """The derivatives in those sources that require a gradient; None where no graph leads there."""
    slopes: dict[str, Tensor | None] = dict.fromkeys(sources)
    trained = {name: source for name, source in sources.items() if source.requires_grad}
    if total.requires_grad and trained:
        options = {"retain_graph": True, "allow_unused": True}
        found = torch.autograd.grad(total, list(trained.values()), **options)
        slopes.update(zip(trained, found, strict=True))
    return slopes


def bases(made: nn.Module) -> list[str]:
    """The layers of torch that a layer is derived from."""
    return [
        f"nn.{kind.__name__}"
        for kind in type(made).__mro__
        if kind.__module__.startswith("torch.nn.modules.")
        and kind is not nn.Module
        and not kind.__name__.startswith("_")
    ]


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether two layers share a tensor, or have the same random numbers."""
    constant = one.numel() < 2 or float(one.detach().std()) == 0
    return one is other or (not constant and torch.equal(one, other))


def numbers_of(tensor: Tensor) -> Tensor:
    return tensor.detach().clone().to(torch.float32)


def dtype_of(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def spread(tensor: Tensor) -> Tensor:
    """Mean, standard deviation, the largest size, and the share of different numbers."""
    numbers = numbers_of(tensor)
    different = torch.tensor(numbers.unique().numel() / max(1, numbers.numel()))
    return torch.stack([numbers.mean(), numbers.std(correction=0), numbers.abs().max(), different])


def load(module: nn.Module, state: Tensors, idea: str = "") -> None:
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise NoAnswer(
            f"load_state_dict refuses the twin's state: {error}",
            f"the keys {', '.join(state)}, with the twin's shapes",
            idea
            or "register_buffer(name, tensor) makes a key of a state dict, unless it is told "
            "persistent=False; None instead of a tensor makes none, a plain attribute neither; the "
            "tensors of a child module do",
        ) from None


def assign(module: nn.Module, name: str, tensor: Tensor) -> None:
    try:
        setattr(module, name, tensor)
    except TypeError as error:
        raise NoAnswer(
            f"layer.{name} = tensor is refused: {describe_error(error)}",
            "a layer that takes any tensor",
            "as long as the name is registered as a parameter it takes no other tensor; the name "
            "of a buffer takes one with its graph",
        ) from None


# Questions 5 to 7: a tree of modules


class Layer(nn.Module):
    """A linear layer whose weights are buffers; None stands for one that it does not have."""

    def __init__(self, weight: Tensor | None = None, bias: Tensor | None = None):
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


class Norm(nn.Module):
    """Shift and scale: a weight of another name, between buffers that are none.

    The plain attribute ``noted`` requires a gradient and is no buffer, so it is no weight.
    """

    def __init__(self):
        super().__init__()
        for name in ("running_mean", "scale", "num_batches_tracked"):
            self.register_buffer(name, None)
        self.noted = torch.ones(4, requires_grad=True)

    def forward(self, x):
        return (x - self.running_mean) * self.scale


class Mask(nn.Module):
    """A fixed factor for each channel, which is called weight and is none."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", None)

    def forward(self, x):
        return x * self.weight


def nested(module: nn.Module, depth: int) -> nn.Module:
    """A module in a container in a container, and so on."""
    return nested(nn.Sequential(module), depth - 1) if depth else module


#: As many that their names, sorted as text, come in another order than the blocks.
BLOCKS = 12


class Network(nn.Module):
    """The tree: a weight of its own, layers, and a layer that it does not use."""

    def __init__(self):
        super().__init__()
        self.register_buffer("gain", None)
        self.register_buffer("lift", None)
        self.embed, self.norm, self.mask = Layer(), Norm(), Mask()
        self.blocks = nn.Sequential(*(Layer() for _ in range(BLOCKS)))
        self.head, self.spare = Layer(), nested(Layer(), 4)

    def forward(self, x):
        x = self.mask(self.norm(self.embed(x).tanh()))
        for block in self.blocks:
            x = x + block(x).tanh() / 4
        return self.gain * self.head(x) + self.lift


#: The places that may share the tensor of another one: three layers, and two buffers of one module.
SHARED = {
    "blocks.1.weight": "blocks.0.weight",
    "blocks.10.weight": "blocks.0.weight",
    "lift": "gain",
}

#: Places that may hold two leaves in the same memory, the second one transposed: no tie.
VIEWS = ("blocks.2.weight", "blocks.3.weight")


def build(weights: Tensors, constants: Tensors, how: str) -> Network:
    """The network with these tensors in it, by dotted names; what is missing is `SHARED`.

    Args:
        how: "viewed" puts views of the first one's tensor in the two places of `VIEWS`, "unsaved"
            makes norm.scale a buffer that is not persistent, and "used" gives each leaf a
            ``.grad`` and puts some parts in eval mode, where they compute the same.
    """
    network = Network()
    tensors = weights | constants
    tensors |= {place: tensors[of] for place, of in SHARED.items() if place not in tensors}
    if how == "viewed":
        whole = tensors[VIEWS[0]].detach()
        views = {VIEWS[0]: whole.view_as(whole), VIEWS[1]: whole.T}
        tensors |= {place: view.requires_grad_() for place, view in views.items()}
    if how == "unsaved":
        network.norm.register_buffer("scale", None, persistent=False)
    for name, tensor in tensors.items():
        put_tensor(network, name, tensor)
        if how == "used" and tensor.requires_grad and tensor.is_leaf:
            tensor.grad = torch.full_like(tensor, 0.5)
    if how == "used":
        for part in (network.norm, network.blocks[1]):
            part.eval()
    return network


def loss_of(network: Callable, x: Tensor, y: Tensor, steep: bool) -> Tensor:
    """The mean squared error of a network's outputs.

    Args:
        steep: whether it pays for its slope in the input, too, as a gradient penalty does.
    """
    x = x.clone().requires_grad_(steep)
    output = network(x)
    loss = F.mse_loss(output, y)
    if steep:
        (slope,) = torch.autograd.grad(output.sum(), x, create_graph=True)
        loss = loss + slope.square().mean()
    return loss


def buffers(module: nn.Module) -> Tensors:
    """All buffers, those that are tied under each of their names."""
    return dict(module.named_buffers(remove_duplicate=False))


class Watched:
    """A module before a student's function has it, to see afterwards what has changed.

    Args:
        module: the whole tree.
        attributes: whether no module in it may get another attribute.
    """

    def __init__(self, module: nn.Module, attributes: bool = True):
        self.module, self.attributes, self.before = module, attributes, buffers(module)
        self.tensors = Kept("tensors", lambda: self.before)
        torch.rand(())  # away from where a seed would set the random numbers back to
        self.facts = self._facts()

    def _facts(self) -> dict[str, object]:
        """What there is besides the tensors of a module, part by part."""
        facts = surroundings()
        for path, part in self.module.named_modules():
            root = path or "the network"
            facts[f"{root}.training"] = part.training
            facts[f"the names of the buffers of {root}"] = list(part._buffers)
            facts[f"what {root} leaves out of state dicts"] = set(part._non_persistent_buffers_set)
            facts[f"the parameters of {root}"] = {n: id(p) for n, p in part._parameters.items()}
            facts[f"the children of {root}"] = list(part._modules.items())
            if self.attributes:
                facts[f"the attributes of {root}"] = set(vars(part))
        retains = {f"{n}.retains_grad": t.retains_grad for n, t in self.before.items()}
        return facts | retains

    def exchanged(self) -> list[str]:
        """The names that stand for other tensors than before, or for none."""
        now = buffers(self.module)
        return [n for n in self.before | now if now.get(n) is not self.before.get(n)]

    def changed(self) -> list[str]:
        """What is no longer as it was of the tensors that were there, and of the modules."""
        now = self._facts()
        others = [name for name in self.facts | now if self.facts.get(name) != now.get(name)]
        return self.tensors.changed() + others


def untied(now: Tensors, start: Tensors) -> list[str]:
    """Pairs of places that held one tensor, and hold two now."""
    first: dict[int, str] = {}
    pairs = [(first.setdefault(id(tensor), name), name) for name, tensor in start.items()]
    return [f"{one} and {other}" for one, other in pairs if now.get(one) is not now.get(other)]


def rate_as(rate: Tensor, rate_is: str) -> Tensor:
    """A rate as a number's tensor, a leaf with a ``.grad``, a result or a constant."""
    if rate_is not in ("a leaf", "a result"):
        return rate.clone()
    leaf = rate.clone().requires_grad_()
    if rate_is == "a result":
        return leaf * 1
    leaf.grad = torch.full_like(rate, 0.5)
    return leaf


def has_grad(new: Tensor, old: Tensor) -> bool:
    """Whether an update has left a gradient with a new weight."""
    return new is not old and (new.retains_grad or (new.is_leaf and new.grad is not None))


# Question 8: a container


class Gain(nn.Module):
    """A factor, which is a weight of another name."""

    def __init__(self, gain: Tensor):
        super().__init__()
        self.register_buffer("gain", gain)

    def forward(self, x):
        return x * self.gain


def prelu(weight: Tensor, trainable: bool = True) -> nn.PReLU:
    """An ordinary module with one parameter."""
    made = nn.PReLU()
    made.weight = nn.Parameter(weight.clone(), requires_grad=trainable)
    return made


def contained(student: Callable, weights: Tensors) -> tuple[nn.Module, list[nn.Module]]:
    """A container in a container, and the modules that the outer one was made of.

    Two of them come more than once, one is in eval mode, and weights have a ``.grad``. Where
    ``weights`` has none for the second layer, it shares that of the first.
    """
    w = as_leaves(weights)
    for leaf in w.values():
        leaf.grad = torch.full_like(leaf, 0.5)
    tied = w.get("2.0.weight", w["0.weight"])
    slope, gain = prelu(weights["2.1.weight"]), Gain(w["2.2.gain"])
    inner = module_from(student(Layer(tied, w["2.0.bias"]), slope, gain), "MetaSequential")
    first, tanh, fixed = Layer(w["0.weight"], w["0.bias"]), nn.Tanh(), Mask()
    fixed.weight = weights["4.weight"].clone()
    frozen = prelu(weights["5.weight"], trainable=False).eval()
    children = [first, tanh, inner, tanh, fixed, frozen, tanh, tanh, tanh, tanh, first]
    return module_from(student(*children), "MetaSequential"), children
