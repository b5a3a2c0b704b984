"""The answering side of exercise 06, questions 1 and 2: networks that are made."""

import contextlib
import copy
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from torch import Tensor, nn

from ..answering import (
    NoAnswer,
    all_changed,
    as_leaves,
    doubled,
    tensor_from,
)
from ..module_answers import held, held_as, module_from, put_tensor, registered
from ..settings import put
from ..wire import Tensors
from .networks import ALWAYS_TIED, TIED, ordinary, set_parts, statistic, turn
from .watched import (
    Watched,
    WatchedNetwork,
    bits,
    every,
    groups,
    modes_in,
    remembered,
    sharing,
)


def one_thread() -> None:
    """Several would mostly wait for each other on pictures as small as these."""
    put(torch.get_num_threads, 1)  # the check puts back what it found


def numbers_of(tensors: Mapping[str, Tensor]) -> Tensors:
    return {name: tensor.detach().clone().double() for name, tensor in tensors.items()}


def derivatives(output: Tensor, sources: Mapping[str, Tensor]) -> dict[str, Tensor | None]:
    """Those of a scalar output, all in one way back; None where no graph leads there."""
    if not (output.requires_grad and sources):
        return dict.fromkeys(sources)
    given = list(sources.values())
    found = torch.autograd.grad(output, given, retain_graph=True, allow_unused=True)
    return dict(zip(sources, found, strict=True))


def must_hold(made: nn.Module, names: Iterable[str], what: str, idea: str = "") -> Tensors:
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
    probe_settings: dict,
    probe_states: list[Tensors],
    probe_numbers: str,
    probe_x_is: str,
    x: list[Tensor],
    modes: list[str],
    probe: Tensor,
    precision: str,
) -> dict:
    """What a residual block computes on some batches, and what it holds before and afterwards.

    Args:
        block: the call that makes it, in words.
        probe_settings: see `set_parts`.
        probe_states: the numbers that go into it, and others that do so afterwards.
        probe_numbers: how: "loaded" as a state dict, or "assigned" to the weights' names, as
            squares with their graph.
        probe_x_is: what the batches are; "a constant under no_grad()" has no graph at all.
        x: the batches for each of the states. modes: of the block, batch by batch; see `turn`.
        probe: of the shape of all outputs; derivatives are those of ``sum <probe, output>``.
    """
    one_thread()
    dtype = getattr(torch, precision)
    put(torch.get_default_dtype, dtype)
    with torchvisions_blocks_refused():
        made, other = (
            module_from(student(*probe_arguments, **probe_options), block) for _ in range(2)
        )
        first = must_hold(made, probe_states[0], f"{block}'s state dict", KEYS)
        reply = {
            "kinds": {n: held_as(t) for n, t in first.items()},
            "parameters": registered(made),
            "torchs": [f"{n}.weight" for n, m in made.named_modules() if isinstance(m, nn.Conv2d)],
            "beginnings": [numbers_of(held(made)), numbers_of(held(other))],
            "shared": sharing(held(other), [held(made)]),
            "remembered": False,
        }
        made = copy.deepcopy(made)  # as make_meta does
        reply["set"] = set_parts(made, probe_settings)  # a batch norm of one's own may have none
        rounds = []
        for state, batches in zip(probe_states, x, strict=True):
            found, references = _block_round(
                *(made, state, probe_numbers, probe_x_is, batches.to(dtype), modes),
                probe.to(dtype),
            )
            rounds.append(found)
            reply["remembered"] |= probe_numbers == "assigned" and remembered(*references)
    return reply | {"rounds": rounds}


def _block_round(
    made: nn.Module, state: Tensors, numbers: str, x_is: str, x: Tensor, modes: list[str], probe
) -> tuple[dict, list[weakref.ref]]:
    """What a block computes with some numbers, and references to what it was given."""
    sources = as_leaves(
        {n: t.to(x.dtype) if t.is_floating_point() else t for n, t in state.items()}
    )
    weights = [name for name in state if not statistic(name)]
    _give(made, sources, weights if numbers == "assigned" else [])
    x, batches = _batches_of(x, x_is)
    kept = [
        Watched("x", lambda: {f"batch {k}": batch for k, batch in enumerate(batches)}),
        Watched("weights", lambda: {n: t for n, t in held(made).items() if n in weights}),
    ]
    outputs = []
    with torch.set_grad_enabled(not x_is.endswith("no_grad()")):
        for mode, batch, like in zip(modes, batches, probe, strict=True):
            outputs.append(turn(made, mode)(batch))
            tensor_from(outputs[-1], like, "the output")
            if modes_in(made) != modes_in(turn(made, mode)):
                raise NoAnswer("parts of it in another mode after a call", "the mode of each stays")
    output = torch.stack(outputs)
    found = {
        "output": output.detach().clone(),
        "state": numbers_of(held(made)),
        "changed": all_changed(kept),
    }
    if numbers == "assigned":
        found |= _slopes_of_block((probe * output).sum(), sources, x)
    return found, [weakref.ref(batch) for batch in batches]


def _batches_of(x: Tensor, x_is: str) -> tuple[Tensor, list[Tensor]]:
    """What a block gets, and what the derivative is taken in."""
    match x_is:
        case "a result":  # which can be overwritten in place
            return x.requires_grad_(), [batch * 1 for batch in x]
        case "a transposed view":
            x = x.mT.contiguous().requires_grad_()
            return x, [batch.mT for batch in x]
    batches = [batch.clone() for batch in x]  # constants
    for batch in batches:
        batch.grad = torch.full_like(batch, 0.5)
    return x, batches


def _slopes_of_block(total: Tensor, sources: Tensors, x: Tensor) -> dict:
    """The derivatives of the outputs, and in the weights those of the square of the one in x."""
    weights = {n: s for n, s in sources.items() if s.requires_grad}
    found = {"by_weight": derivatives(total, weights)}
    if not (x.requires_grad and total.requires_grad):
        return found | {"by_x": None, "twice": {}}
    (by_x,) = torch.autograd.grad(total, x, create_graph=True, allow_unused=True)
    bent = torch.zeros(()) if by_x is None else by_x.square().sum()
    twice = {
        n: torch.zeros_like(weights[n]) if t is None else t
        for n, t in derivatives(bent, weights).items()
    }
    return found | {"by_x": None if by_x is None else by_x.detach(), "twice": twice}


def _give(made: nn.Module, sources: Tensors, assigned: list[str]) -> None:
    """Load numbers into a block, or assign squares to some of its names."""
    state = {name: s.detach().square() if name in assigned else s for name, s in sources.items()}
    try:
        made.load_state_dict(state)
    except RuntimeError as error:
        raise NoAnswer(f"load_state_dict refuses: {error}", "the twin's shapes", KEYS) from None
    for name in assigned:
        put_tensor(made, name, sources[name].square())
    for name, tensor in held(made).items() if not assigned else ():
        if tensor.is_leaf and tensor.is_floating_point():  # the student's are to stay as they are
            tensor.requires_grad_(name.endswith("weight") and name != "conv2.weight")
            tensor.grad = torch.full_like(tensor, 0.5)


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
    probe_later: Tensors,
    probe_sources: Tensors,
    x: Tensor,
    probe: Tensor,
    tied: bool,
    frozen: list[str],
    training: bool,
) -> dict:
    """What a network computes that was made meta, at first and with squares for its weights.

    Args:
        probe_later: numbers that are loaded into the given network before it is converted again.
        probe_sources: whose squares go into the places of those weights.
    """
    one_thread()
    given = ordinary(state, tied, frozen, training)
    watched = WatchedNetwork(given)
    meta = module_from(student(given), "make_meta")
    if meta is given:
        raise NoAnswer(
            "the very network that was given", "a network of its own", "copy.deepcopy comes first"
        )
    must_hold(meta, held(given), "its state dict", "register_buffer under the parameter's name")
    reply = _conversion(meta, given) | {
        "at_first": tensor_from(meta(x.double()), probe, "its output", torch.float64),
        "statistics": numbers_of(held(meta)),
    }
    sources = as_leaves(doubled(probe_sources))
    ties = ALWAYS_TIED | (TIED if tied else {})
    for name, source in sources.items():
        square = source.square()
        for place in [name, *(p for p, of in ties.items() if of == name)]:
            put_tensor(meta, place, square)
    output = meta(x.double())
    total = (probe.double() * output).sum()
    reply |= {
        "output": tensor_from(output, probe, "its output", torch.float64),
        "by_source": derivatives(total, sources),
        "changed": watched.changed(),
    }
    given.load_state_dict(probe_later | {n: held(given)[n] for n in state.keys() - probe_later})
    again = module_from(student(given), "make_meta, called again,")
    reply["later"] = _conversion(again, given) | {
        "from_before": sharing(every(again), [every(meta)])
    }
    reference = weakref.ref(given)
    del given, watched
    return reply | {"remembered": remembered(reference)}


def _conversion(meta: nn.Module, given: nn.Module) -> dict:
    """How a copy compares with the given network, whatever it computes."""
    made, own = every(meta), every(given)
    same_names = [name for name in own if name in made]
    one, other = (groups({name: each[name] for name in same_names}) for each in (made, own))
    return {
        "parameters": registered(meta),
        "kinds": {name: held_as(tensor) for name, tensor in made.items()},
        "other_names": sorted(made.keys() ^ own.keys()),
        "other_numbers": [name for name in same_names if bits(made[name]) != bits(own[name])],
        "shared": sharing(made, [own]),
        "torn": [name for name in same_names if one[name] != other[name] != name],
        "glued": [name for name in same_names if other[name] != one[name] != name],
        "same_modes": modes_in(meta) == modes_in(given),
    }
