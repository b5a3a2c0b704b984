"""What answers of exercise 02 are tried on, and how they are looked at; on the answering side."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..answering import Kept, NoAnswer, as_leaves
from ..module_answers import module_from, put_tensor
from ..settings import settings
from ..wire import Tensors

# What several questions need


def surroundings() -> dict[str, object]:
    """What a student's function finds in torch, and must leave there."""
    return settings() | {"torch's random numbers": torch.get_rng_state().numpy().tobytes()}


def slopes_of(total: Tensor, sources: Tensors) -> dict[str, Tensor | None]:
    """The derivatives in those sources that require a gradient; None where no graph leads there."""
    slopes: dict[str, Tensor | None] = dict.fromkeys(sources)
    trained = {name: source for name, source in sources.items() if source.requires_grad}
    if total.requires_grad and trained:
        options = {"retain_graph": True, "allow_unused": True}
        found = torch.autograd.grad(total, list(trained.values()), **options)
        slopes.update(zip(trained, found, strict=True))
    return slopes


def numbers_of(tensor: Tensor) -> Tensor:
    return tensor.detach().clone().to(torch.float32)


def dtype_of(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


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

    Args:
        called: the name of the weight.
    """

    def __init__(self, called: str = "scale"):
        super().__init__()
        self.called = called
        for name in ("running_mean", called, "num_batches_tracked"):
            self.register_buffer(name, None)
        self.noted = torch.ones(4, requires_grad=True)

    def forward(self, x):
        return (x - self.running_mean) * getattr(self, self.called)


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

#: And where the whole layer may stand a second time, and where a tie has its first name deeper in
#: the tree than its second.
ONE_LAYER = {"blocks.11.weight": "blocks.6.weight"}
DEEP_FIRST = {"head.weight": "blocks.5.weight"}

#: For each place that may share a tensor, the one that it shares it with.
AGAIN = SHARED | ONE_LAYER | DEEP_FIRST

#: A weight of a container itself, which may be tied to that of one of its blocks.
ABOVE, BELOW = "blocks.weight", "blocks.6.weight"

#: Another name that a weight may have, one that looks like a statistic's.
RENAMED = {"norm.scale": "norm.running_scale"}

#: Places that may hold three leaves in the same memory, the second one transposed: no tie.
VIEWS = ("blocks.2.weight", "blocks.3.weight", "blocks.4.weight")

#: A weight that nothing is computed with, so that it may be complex.
UNUSED_WEIGHT = "spare.0.0.0.0.weight"


def build(weights: Tensors, constants: Tensors, how: str) -> Network:
    """The network with these tensors in it, by dotted names; what is missing is `AGAIN`.

    Args:
        how: "viewed" puts views of the first one's tensor in the places of `VIEWS`, "unsaved"
            makes norm.scale a buffer that is not persistent, "used" gives each leaf a ``.grad``
            and puts some parts in eval mode, where they compute the same, "one layer" makes the
            two of `ONE_LAYER` the same module, "above" gives blocks a weight of its own, which is
            that of `BELOW`, "spare first" makes the layer that nothing is
            computed with the first child, and with "precisions" one weight is complex.
    """
    network = Network()
    tensors = weights | constants
    tensors |= {place: tensors[of] for place, of in AGAIN.items() if place not in tensors}
    if RENAMED["norm.scale"] in tensors:
        network.norm = Norm("running_scale")
    if how == "viewed":
        whole = tensors[VIEWS[0]].detach()
        views = zip(VIEWS, (whole.view_as(whole), whole.T, whole.view_as(whole)), strict=True)
        tensors |= {place: view.requires_grad_() for place, view in views}
    if how == "unsaved":
        network.norm.register_buffer("scale", None, persistent=False)
    if how == "one layer":
        network.blocks[11] = network.blocks[6]
    if how == "above":
        network.blocks.register_buffer("weight", tensors[BELOW])
    if how == "spare first":
        for name in [name for name in network._modules if name != "spare"]:
            network._modules[name] = network._modules.pop(name)
    if how == "precisions":
        tensors[UNUSED_WEIGHT] = (1j * tensors[UNUSED_WEIGHT].detach()).requires_grad_()
    for name, tensor in tensors.items():
        put_tensor(network, name, tensor)
    if how == "used":
        _use(network, tensors)
    return network


def _use(network: Network, tensors: Tensors) -> None:
    """Leave behind what training leaves: gradients, and modes."""
    for tensor in tensors.values():
        if tensor.requires_grad and tensor.is_leaf:
            tensor.grad = torch.full_like(tensor, 0.5)
    for part in (network.norm, network.blocks[1]):
        part.eval()


def change(network: Network) -> None:
    """What is a weight becomes a constant, a constant a weight, and there is one layer more."""
    network.embed.bias = network.embed.bias.detach()
    network.mask.weight = network.mask.weight.detach().clone().requires_grad_()
    network.blocks.append(Layer(torch.ones(4, 4, requires_grad=True)))


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
    """A factor, which is a weight of another name, one that looks like a statistic's."""

    def __init__(self, gain: Tensor):
        super().__init__()
        self.register_buffer("running_gain", gain)

    def forward(self, x):
        return x * self.running_gain


class Raising(nn.Module):
    """A module that raises an error, as one does that cannot take its input."""

    def __init__(self, kind: type[Exception]):
        super().__init__()
        self.kind = kind

    def forward(self, x):
        raise self.kind("a module's own error")


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
    slope, gain = prelu(weights["2.1.weight"]), nn.Sequential(Gain(w["2.2.0.running_gain"]))
    inner = module_from(student(Layer(tied, w["2.0.bias"]), slope, gain), "MetaSequential")
    first, tanh, fixed = Layer(w["0.weight"], w["0.bias"]), nn.Tanh(), Mask()
    fixed.weight = weights["4.weight"].clone()
    frozen = prelu(weights["5.weight"], trainable=False).eval()
    children = [first, tanh, inner, tanh, fixed, frozen, tanh, tanh, tanh, tanh, first]
    return module_from(student(*children), "MetaSequential"), children
