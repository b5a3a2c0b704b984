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

from ..answering import (
    Kept,
    NoAnswer,
    all_changed,
    as_leaves,
    derivative,
    describe,
    describe_error,
    dict_from,
    doubled,
    number_from,
    tensor_from,
)
from ..module_answers import held, held_as, module_from, put_tensor, registered
from ..wire import Tensors
from .networks import TIED, Headed, network_of, ordinary, wide


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
        made = module_from(student(*probe_arguments, **probe_options), block)
        first = _must_hold(made, state, f"{block}'s state dict", KEYS)
        kinds, left = {n: held_as(t) for n, t in first.items()}, registered(made)
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
        "parameters": left,
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
        put_tensor(made, name, sources[name].square())


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
    meta = module_from(student(given), "make_meta")
    if meta is given:
        raise NoAnswer(
            "the very network that was given", "a network of its own", "copy.deepcopy comes first"
        )
    first = _must_hold(meta, state, "its state dict", "register_buffer under the parameter's name")
    reply = {
        "parameters": registered(meta),
        "kinds": {name: held_as(tensor) for name, tensor in first.items()},
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
            put_tensor(meta, place, square)
    output = meta(x.double())
    total = (probe.double() * output).sum()
    return reply | {
        "output": tensor_from(output, probe, "its output", torch.float64),
        "by_source": {name: derivative(total, s) for name, s in sources.items()},
        "changed": kept.changed(),
    }


# 3. initialise


def run_initialise(student: Callable, channels: int, seed: int) -> dict:
    """The numbers before and after, with two generators in one state, and with one used again."""
    torch.set_default_dtype(torch.float64)
    networks = [wide(channels), wide(channels)]
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
        "kinds": {name: held_as(tensor) for name, tensor in after.items()},
    }
    student(networks[1], first)
    return reply | {"next": _numbers(held(networks[1]))}


# 4. load_pretrained


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
    modes, kinds = _modes(network), {name: held_as(tensor) for name, tensor in objects.items()}
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
        "kinds": {name: held_as(tensor) for name, tensor in now.items()},
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
