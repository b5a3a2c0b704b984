"""The answering side of exercise 06: calls the student's functions on small networks.

The networks are built here. Those that are called meta hold their weights as buffers, and a weight
is a buffer that requires a gradient. Everything runs in float64.
"""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .answering import (
    Kept,
    NoAnswer,
    all_changed,
    as_leaves,
    derivative,
    describe,
    describe_error,
    dict_from,
    doubled,
    kind_of,
    number_from,
    tensor_from,
)

Tensors = dict[str, Tensor]


def one_thread() -> None:
    """Several would mostly wait for each other on pictures as small as these."""
    torch.set_num_threads(1)  # the check puts back what it found


class KeptNetwork(Kept):
    """A network that must be as it was: its tensors, and the mode of each of its modules."""

    def __init__(self, network: nn.Module):
        super().__init__("the network", lambda: held(network))
        self.network, self.modes = network, _modes(network)

    def changed(self) -> list[str]:
        modes = [] if _modes(self.network) == self.modes else ["the network's mode"]
        return super().changed() + modes


def _modes(network: nn.Module) -> list[bool]:
    return [module.training for module in network.modules()]


def held(network: nn.Module) -> Tensors:
    """The tensors of a network's state dict, with their graphs."""
    return dict(network.state_dict(keep_vars=True))


def _module(made: object, what: str) -> nn.Module:
    if not isinstance(made, nn.Module):
        raise NoAnswer(f"{what} gives {describe(made)}", f"{what}: an nn.Module")
    return made


def _set(network: nn.Module, name: str, tensor: Tensor) -> None:
    """Put a tensor in a place of a network.

    Raises:
        NoAnswer: the place is a parameter's, which takes no other tensor.
    """
    path, _, last = name.rpartition(".")
    try:
        setattr(network.get_submodule(path), last, tensor)
    except TypeError as error:
        raise NoAnswer(
            f"{name} = tensor is refused: {describe_error(error)}",
            "a weight that takes any tensor",
            "the name of a parameter takes no other tensor; the name of a buffer takes one with "
            "its graph",
        ) from None


def _registered(network: nn.Module) -> list[str]:
    """The names under which a network still holds parameters."""
    return [
        f"{path}.{name}".removeprefix(".")
        for path, owner in network.named_modules()
        for name, parameter in owner._parameters.items()
        if parameter is not None
    ]


def _kind(tensor: Tensor) -> str:
    return "parameter" if isinstance(tensor, nn.Parameter) else kind_of(tensor)


def _numbers(tensors: Mapping[str, Tensor]) -> Tensors:
    return {name: tensor.detach().clone().double() for name, tensor in tensors.items()}


def _must_hold(made: nn.Module, names: Iterable[str], what: str, idea: str = "") -> Tensors:
    """The tensors of a state dict, which must have these names.

    Raises:
        NoAnswer: it has others.
    """
    found = held(made)
    if found.keys() != set(names):
        raise NoAnswer(
            f"the keys of {what}: {', '.join(found) or '(none)'}", f"{', '.join(names)}", idea
        )
    return found


KEYS = (
    "the keys are the names of attributes: conv1, bn1, conv2, bn2 and, where there is a "
    "projection, downsample with the children 0 and 1; modules in a plain list have none"
)


# 1. MetaBasicBlock


def run_block(
    student: Callable,
    block: str,
    probe_arguments: list,
    probe_options: dict,
    state: Tensors,
    probe_numbers: str,
    x: Tensor,
    modes: list[bool],
    probe: Tensor,
) -> dict:
    """What a residual block computes on some batches, and what it holds before and afterwards.

    Args:
        block: the call that makes it, in words.
        state: the numbers that go into it.
        probe_numbers: how: "loaded" as a state dict, or "assigned" to the weights' names, as
            squares with their graph.
        x: the batches, one after the other. modes: for each, whether in training mode.
        probe: of the shape of all outputs; derivatives are those of ``sum <probe, output>``.
    """
    one_thread()
    torch.set_default_dtype(torch.float64)
    with torchvisions_blocks_refused():
        made = _module(student(*probe_arguments, **probe_options), block)
        first = _must_hold(made, state, f"{block}'s state dict", KEYS)
        kinds, registered = {n: _kind(t) for n, t in first.items()}, _registered(made)
        weights = [name for name, kind in kinds.items() if kind != "constant"]
        sources = as_leaves(doubled(state))
        _give(made, sources, weights if probe_numbers == "assigned" else [])
        given, outputs = x.double().requires_grad_(), []
        batches = [batch * 1 for batch in given]  # results, which can be overwritten in place
        kept = Kept("x", lambda: {f"batch {k}": batch for k, batch in enumerate(batches)})
        for mode, batch, like in zip(modes, batches, probe, strict=True):
            made.train(mode)
            outputs.append(made(batch))
            tensor_from(outputs[-1], like, "the output")
    output = torch.stack(outputs)
    total = (probe.double() * output).sum()
    return {
        "output": output.detach().clone(),
        "by_weight": {n: derivative(total, s) for n, s in sources.items() if s.requires_grad},
        "by_x": derivative(total, given),
        "state": _numbers(held(made)),
        "kinds": kinds,
        "parameters": registered,
        "changed": kept.changed(),
    }


def _give(made: nn.Module, sources: Tensors, assigned: list[str]) -> None:
    """Load numbers into a block, or assign squares to some of its names."""
    state = {name: s.detach().square() if name in assigned else s for name, s in sources.items()}
    try:
        made.load_state_dict(state)
    except RuntimeError as error:
        raise NoAnswer(f"load_state_dict refuses: {error}", "the twin's shapes", KEYS) from None
    for name in assigned:
        _set(made, name, sources[name].square())


#: Stands in for torchvision's code. Plain source: code of this module may be decorated by tests.
REFUSAL = """
def forward(self, x):
    raise RuntimeError("this is torchvision's own block, and yours must compute by itself")
"""


@contextlib.contextmanager
def torchvisions_blocks_refused() -> Iterator[None]:
    """A block that only hands the work on to torchvision's is no answer.

    The code of their ``forward`` is exchanged, so that whoever has taken it over has this one.
    """
    made: dict = {}
    exec(REFUSAL, made)
    resnet = sys.modules.get("torchvision.models.resnet")
    functions = [resnet.BasicBlock.forward, resnet.Bottleneck.forward] if resnet else []
    found = [function.__code__ for function in functions]
    try:
        for function in functions:
            function.__code__ = made["forward"].__code__
        yield
    finally:
        for function, code in zip(functions, found, strict=True):
            function.__code__ = code


# 2. make_meta


class Affine(nn.Module):
    """Weights of its own, which are called neither weight nor bias, and a constant."""

    def __init__(self, channels: int):
        super().__init__()
        self.slope = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.lift = nn.Parameter(torch.zeros(()))
        self.register_buffer("mask", torch.ones(channels))
        self.register_buffer("twice", torch.tensor(2.0), persistent=False)  # no key

    def forward(self, x):
        return (x * self.slope + self.shift) * self.mask + self.twice * self.lift


class Ordinary(nn.Module):
    """A network of ordinary modules: weights of its own, a convolution, batch norm and more."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 3, 3, stride=2, bias=False), nn.BatchNorm2d(3))
        self.bend, self.affine = nn.PReLU(), Affine(3)
        self.hidden = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.fc = nn.Linear(3, 4)
        self.gain = nn.Parameter(torch.ones(4))

    def forward(self, x):
        x = self.bend(self.stem(x))
        x = self.affine(x.mean((2, 3)))
        for layer in self.hidden:
            x = layer(x).tanh()
        return self.gain * self.fc(x)


#: The places that may share the tensor of another one, in one module and in two.
TIED = {"hidden.1.weight": "hidden.0.weight", "affine.shift": "affine.slope"}


def ordinary(state: Tensors, tied: bool, frozen: list[str], training: bool) -> Ordinary:
    """The ordinary network in float64, with these numbers."""
    network = Ordinary().double()
    for place, of in TIED.items() if tied else ():
        _set(network, place, network.get_parameter(of))
    network.load_state_dict(state)
    for name in frozen:
        network.get_parameter(name).requires_grad_(False)
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, 0.5) if parameter.requires_grad else None
    network.train(training).hidden[0].train(not training)  # a part may be in another mode
    return network


def run_make_meta(
    student: Callable,
    state: Tensors,
    probe_sources: Tensors,
    x: Tensor,
    probe: Tensor,
    tied: bool,
    frozen: list[str],
    training: bool,
) -> dict:
    """What a network computes that was made meta, at first and with squares for its weights.

    Args:
        probe_sources: whose squares go into the places of those weights.
    """
    one_thread()
    given = ordinary(state, tied, frozen, training)
    kept, own = KeptNetwork(given), held(given)
    meta = _module(student(given), "make_meta")
    if meta is given:
        raise NoAnswer(
            "the very network that was given", "a network of its own", "copy.deepcopy comes first"
        )
    first = _must_hold(meta, state, "its state dict", "register_buffer under the parameter's name")
    reply = {
        "parameters": _registered(meta),
        "kinds": {name: _kind(tensor) for name, tensor in first.items()},
        "tied": [n for n, of in TIED.items() if first[n] is first[of]],
        "shared": [n for n, t in first.items() if t.data_ptr() == own[n].data_ptr()],
        "same_modes": _modes(meta) == _modes(given),
        "at_first": tensor_from(meta(x.double()), probe, "its output", torch.float64),
        "statistics": _numbers(held(meta)),
    }
    sources = as_leaves(doubled(probe_sources))
    for name, source in sources.items():
        square = source.square()
        for place in [name, *(p for p, of in TIED.items() if tied and of == name)]:
            _set(meta, place, square)
    output = meta(x.double())
    total = (probe.double() * output).sum()
    return reply | {
        "output": tensor_from(output, probe, "its output", torch.float64),
        "by_source": {name: derivative(total, s) for name, s in sources.items()},
        "changed": kept.changed(),
    }


# The meta networks of questions 3 to 6


class Meta:
    """Mixed into a layer of ``torch.nn``, as the notebook does: its weights are buffers."""

    def register_parameter(self, name, parameter):
        """Keep a parameter as a buffer."""
        leaf = None if parameter is None else parameter.detach().requires_grad_()
        self.register_buffer(name, leaf)


class TwinConv(Meta, nn.Conv2d):
    """A convolution that is derived from torch's."""


class TwinNorm(Meta, nn.BatchNorm2d):
    """Batch norm that is derived from torch's."""


class Linear(Meta, nn.Linear):
    """A linear layer."""


class Filters(nn.Module):
    """A convolution as exercise 2 has it, derived from ``nn.Module``; its name does not say so."""

    def __init__(self, in_channels, channels, size, stride=1, bias=False):
        super().__init__()
        twin = nn.Conv2d(in_channels, channels, size, bias=bias)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        self.register_buffer("bias", twin.bias.detach().requires_grad_() if bias else None)
        self.stride = stride

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, self.stride, self.weight.shape[-1] // 2)


class Levels(nn.Module):
    """Batch norm as exercise 2 has it, by another name."""

    def __init__(self, channels, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        for name, tensor in TwinNorm(channels).named_buffers():
            self.register_buffer(name, tensor)

    def forward(self, x):
        factor = self.momentum
        if self.training:
            self.num_batches_tracked += 1
            factor = 1 / self.num_batches_tracked.item() if factor is None else factor
        statistics = self.running_mean, self.running_var
        return F.batch_norm(x, *statistics, self.weight, self.bias, self.training, factor or 0.0)


class Residual(nn.Module):
    """A smooth relative of a residual block, so that derivatives have no kinks."""

    def __init__(self, in_channels, channels, momentum):
        super().__init__()
        self.conv = Filters(in_channels, channels, 3, stride=2)
        self.bn = Levels(channels, momentum)
        self.shortcut = Filters(in_channels, channels, 1, stride=2)

    def forward(self, x):
        return F.softplus(self.bn(self.conv(x)) + self.shortcut(x))


class Network(nn.Module):
    """A small residual network with batch norm. ``centre`` is a constant.

    Args:
        momenta: of its two batch norms; None stands for plain averages.
    """

    def __init__(self, momenta: list):
        super().__init__()
        self.register_buffer("centre", torch.zeros(2, 1, 1))
        self.conv1, self.bn1 = Filters(2, 3, 3), TwinNorm(3, momentum=momenta[0])
        self.block = Residual(3, 4, momenta[1])
        self.fc = Linear(4, 5)

    def forward(self, x):
        x = F.softplus(self.bn1(self.conv1(x - self.centre)))
        return self.fc(self.block(x).mean((2, 3)))


def network_of(tensors: Tensors, momenta: list, training: bool) -> Network:
    """The network with these tensors in their places."""
    network = Network(momenta)
    for name, tensor in tensors.items():
        _set(network, name, tensor)
    return network.train(training)


# 3. initialise


class Wide(nn.Module):
    """Layers of many kinds, never called. ``filters`` and a linear weight have traps of shape."""

    def __init__(self, channels: int):
        super().__init__()
        c = channels
        self.register_buffer("filters", torch.randn(c, 1, 3, 3))
        self.conv1 = Filters(c, 2 * c, 3)
        self.bn1 = Levels(2 * c)
        self.blocks = nn.ModuleList([Filters(2 * c, 2 * c, 3, stride=2) for _ in range(2)])
        self.conv2 = TwinConv(2 * c, c, (3, 5), groups=2)
        self.bn2 = TwinNorm(c)
        self.shortcut = nn.Sequential(Filters(c, 3 * c, 1, bias=True), TwinNorm(3 * c))
        self.bend = Slope()
        self.fc = Linear(3 * c, c)


class Slope(Meta, nn.PReLU):
    """A weight with one dimension that is not batch norm's."""


def run_initialise(student: Callable, channels: int, seed: int) -> dict:
    """The numbers before and after, with two generators in one state, and with one used again."""
    torch.set_default_dtype(torch.float64)
    networks = [_wide(channels), _wide(channels)]
    before, objects = _numbers(held(networks[0])), held(networks[0])
    state = torch.get_rng_state()
    first, second = (torch.Generator().manual_seed(seed) for _ in range(2))
    student(networks[0], first)
    student(networks[1], second)
    after = held(networks[0])
    reply = {
        "before": before,
        "after": _numbers(after),
        "again": _numbers(held(networks[1])),
        "global_moved": not torch.equal(state, torch.get_rng_state()),
        "exchanged": [name for name in objects if after.get(name) is not objects[name]],
        "kinds": {name: _kind(tensor) for name, tensor in after.items()},
    }
    student(networks[1], first)
    return reply | {"next": _numbers(held(networks[1]))}


def _wide(channels: int) -> Wide:
    """A network whose numbers are all away from 0 and 1."""
    network, numbers = Wide(channels), torch.Generator().manual_seed(channels)
    with torch.no_grad():
        for tensor in network.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(2.0, 3.0, generator=numbers)
    return network


# 4. load_pretrained


class Headed(nn.Module):
    """A network whose head, the last layer of it, has one of several names."""

    def __init__(self, classes: int):
        super().__init__()
        self.register_buffer("centre", torch.zeros(2, 1, 1))
        self.conv1, self.bn1 = Filters(2, 3, 3), TwinNorm(3)
        self.features = nn.Sequential(Filters(3, 4, 1, bias=True), Levels(4))
        self.fc2, self.trunk = Linear(4, 4), nn.ModuleDict({"fc": Linear(4, 2)})
        self.classifier = nn.Sequential(Linear(4, 3), nn.Tanh(), Linear(3, classes))
        self.fc = Linear(3, classes)
        self.fc_norm = TwinNorm(classes)


def run_load(
    student: Callable, own: Tensors, state: Tensors, head: str, frozen: list[str], classes: int
) -> dict:
    """What a network holds after the student's function loaded ``state`` into it."""
    torch.set_default_dtype(torch.float64)
    network = Headed(classes)
    network.load_state_dict(own)
    for name in frozen:
        held(network)[name].requires_grad_(False)
    objects, given = held(network), {name: tensor.clone() for name, tensor in state.items()}
    modes, kinds = _modes(network), {name: _kind(tensor) for name, tensor in objects.items()}
    kept = Kept("the state dict", lambda: given)
    raised, said, names = [], "nothing was raised", None
    try:
        names = student(network, given, head)
    except Exception as error:
        if isinstance(error, NotImplementedError):
            raise
        raised, said = [kind.__name__ for kind in type(error).__mro__], describe_error(error)
    now = _must_hold(network, objects, "the network's state dict afterwards")
    reply = {
        "raised": raised,
        "said": said,
        "names": None if raised else _names(names),
        "after": {name: tensor_from(now[name], own[name], name, torch.float64) for name in own},
        "kinds": {name: _kind(tensor) for name, tensor in now.items()},
        "kinds_before": kinds,
        "exchanged": [name for name in objects if now[name] is not objects[name]],
        "mode_changed": modes != _modes(network),
    }
    with torch.no_grad():  # as training would
        for tensor in network.state_dict().values():
            tensor += 1
    return reply | {"changed": kept.changed()}


def _names(names: object) -> list[str]:
    """The names that came back, in any kind of collection."""
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise NoAnswer(f"what was returned: {describe(names)}", "a list of names")
    found = list(names)
    if not all(isinstance(name, str) for name in found):
        raise NoAnswer(f"what was returned: {describe(found)}", "a list of names")
    return found


# 5 and 6. One step, and several


def run_loss_after_step(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    x: list[Tensor],
    y: list[Tensor],
    rate: Tensor,
    rate_is: str,
    first_order: bool | None,
    training: bool,
    weights_are: str,
    momenta: list,
) -> dict:
    """The loss on the second batch after a step on the first, and its derivatives.

    Args:
        rate_is: "a tensor" or "a number". weights_are: "leaves", or "results" of a computation.
        first_order: None where the argument is left out.
    """
    asked = _Asked(weights, constants, rate, rate_is, weights_are, momenta, training)
    batches = asked.batches(x, y)
    options = {} if first_order is None else {"first_order": first_order}
    loss = student(asked.network, *batches, asked.given_rate, **options)
    number_from(loss, "the loss")
    if not isinstance(loss, Tensor):
        raise NoAnswer(f"the loss: {describe(loss)}", "a tensor, with its graph")
    return {
        "loss": tensor_from(loss.reshape(()), torch.zeros(()), "the loss", torch.float64),
        **asked.slopes(loss.sum()),
        "changed": all_changed(asked.kept),
    }


def run_inner_loop(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    x: list[Tensor],
    y: list[Tensor],
    rate: Tensor,
    rate_is: str,
    training: bool,
    weights_are: str,
    momenta: list,
    probes: Tensors,
    runs: int,
    first_order: bool | None,
) -> dict:
    """Weights and other buffers after some steps; derivatives of ``sum <probe, weight>``.

    Args:
        runs: how often the loop is run on the same network; what the first one gave comes back.
        first_order: None where the argument is left out.
    """
    asked = _Asked(weights, constants, rate, rate_is, weights_are, momenta, training)
    batches = asked.batches(x, y)
    kept_list, results = list(batches), []
    options = {} if first_order is None else {"first_order": first_order}
    for _ in range(runs):
        result = student(asked.network, batches, asked.given_rate, **options)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise NoAnswer(f"{describe(result)} came back", "two dicts: theta and rest")
        results.append(result)
    theta, rest = results[0]  # which a later run must not have touched
    theta = dict_from(theta, weights, "theta")
    rest = dict_from(rest, constants, "rest")
    values = {n: tensor_from(theta[n], w, n, torch.float64) for n, w in weights.items()}
    others = {n: tensor_from(rest[n], c, n, torch.float64) for n, c in constants.items()}
    total = sum((probes[name].double() * theta[name]).sum() for name in weights)
    changed = all_changed(asked.kept)
    if len(batches) != len(kept_list) or any(
        a is not b for a, b in zip(batches, kept_list, strict=False)
    ):
        changed.append("the list of batches")
    return {
        "theta": values,
        "rest": others,
        **asked.slopes(total),
        "with_graph": [name for name, tensor in rest.items() if tensor.requires_grad],
        "the_networks": [n for n in constants if rest[n] is held(asked.network)[n]],
        "changed": changed,
    }


class _Asked:
    """A network, a rate and batches as a student's function gets them, all of them watched."""

    def __init__(self, weights, constants, rate, rate_is, weights_are, momenta, training):
        one_thread()
        self.sources = as_leaves(doubled(weights))
        self.rate = rate.double().requires_grad_()
        self.given_rate = self.rate.item() if rate_is == "a number" else self.rate
        made = {n: s * 1 if weights_are == "results" else s for n, s in self.sources.items()}
        tensors = made | {n: c.clone() for n, c in doubled(constants).items()}
        self.network = network_of(tensors, momenta, training)
        self.kept = [
            KeptNetwork(self.network),
            Kept("weights", lambda: self.sources),
            Kept("the rate", lambda: {"the rate": self.rate}),
        ]

    def batches(self, x: list[Tensor], y: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
        pairs = [(images.double(), labels.clone()) for images, labels in zip(x, y, strict=True)]
        named = {
            f"{what} of batch {k}": tensor
            for k, pair in enumerate(pairs)
            for what, tensor in zip(("x", "y"), pair, strict=True)
        }
        self.kept.append(Kept("the batches", lambda: named))
        return pairs

    def slopes(self, output: Tensor) -> dict:
        return {
            "by_weight": {name: derivative(output, s) for name, s in self.sources.items()},
            "by_rate": derivative(output, self.rate),
        }


# 7. held_bytes


def computation(kind: str, sizes: list[int], dtype: torch.dtype) -> tuple[Callable, list[Tensor]]:
    """A computation that keeps a graph, and the weights it starts from.

    Args:
        kind: one of the names below.
        sizes: two of them, of the tensors that are made.
    """
    n, m = sizes
    x = torch.linspace(0.1, 0.9, n, dtype=dtype, requires_grad=True)
    w = torch.linspace(-1, 1, n * m, dtype=dtype).view(m, n).requires_grad_()
    wide = torch.linspace(0, 1, 3 * n, dtype=dtype)

    def outputs():  # each exp keeps its result
        return x.exp().exp().exp()

    def views():  # two views of one tensor, which is no weight
        return wide[:n] * x + (wide[n : 2 * n] * x).sin()

    def twice():  # one tensor is kept by three operations
        y = x.sin()
        return y * y + y.exp()

    def equal():  # two tensors with the same numbers
        return (x.detach().clone() * x) + (x.detach().clone() * x)

    def weights():  # the weight, its transpose and a part of it are kept, and an integer index
        batch = wide[: 2 * n].view(2, n)
        return F.cross_entropy((batch @ w.T).tanh() * w[:, 1], torch.tensor([1, 0]))

    def several():  # a dict of results
        return {"a": x.exp(), "b": [x.sigmoid().exp(), (w @ x).tanh()]}

    def dropped():  # what is made on the way and given up
        for _ in range(m):
            x.exp().sin().exp()
        return x.cos().exp()

    def first_order():
        (slope,) = torch.autograd.grad(x.exp().sin().exp().sum(), x)
        return (x - 0.1 * slope).exp()

    def second_order():
        (slope,) = torch.autograd.grad(x.exp().sin().exp().sum(), x, create_graph=True)
        return (x - 0.1 * slope).exp()

    def nothing():
        with torch.no_grad():
            return x.exp().exp()

    plain = (outputs, views, twice, equal, weights, several)
    partly = (dropped, first_order, second_order, nothing)
    return {each.__name__: each for each in plain + partly}[kind], [x, w]


def run_held(student: Callable, kind: str, sizes: list[int], precision: str) -> dict:
    """The number of bytes that the student's function finds.

    Args:
        kind: of the computation. precision: "float32" or "float64".
    """
    compute, weights = computation(kind, sizes, getattr(torch, precision))
    named = dict(zip("xw", weights, strict=True))
    kept = Kept("the weights", lambda: named)
    calls = []

    def counted():
        calls.append(kind)
        return compute()

    found = number_from(student(counted, weights), "the number of bytes")
    return {"bytes": found, "calls": len(calls), "changed": kept.changed()}
