"""The answering side of exercise 06: calls the student's functions on small networks.

The networks are built here. Those that are called meta hold their weights as buffers, and a weight
is a buffer that requires a gradient. Question 7 is in `graphs`, 1 and 2 are
in `building`.
"""

import weakref
from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn

from ..answering import (
    NoAnswer,
    all_changed,
    as_leaves,
    describe,
    describe_error,
    dict_from,
    number_from,
    parts,
    tensor_from,
)
from ..module_answers import held, held_as
from ..settings import put
from ..wire import Tensors
from .building import derivatives, must_hold, one_thread
from .networks import Headed, default_dtype, network_of, put_all, wide
from .watched import (
    Watched,
    WatchedList,
    WatchedNetwork,
    every,
    groups,
    modes_in,
    place,
    remembered,
    sharing,
)

# 3. initialise


def run_initialise(
    student: Callable,
    channels: int,
    seed: int,
    precision: str,
    default: str,
    bare: bool,
    often: bool,
) -> dict:
    """The numbers before and after, in a network that is in more than one mode.

    Args:
        bare: whether there is a batch norm without weights.
        often: whether to draw again: with generators in one state, and with one used again.
    """
    with default_dtype(getattr(torch, precision)):
        network = wide(channels, 0, bare)
        other = wide(channels, 1, bare) if often else None
    before, objects = tensors_of(network), dict(network.named_buffers(remove_duplicate=False))
    memory, modes = [place(tensor) for tensor in objects.values()], modes_in(network)
    watched = Watched("the network", lambda: every(network), written=True)
    state = torch.get_rng_state()
    put(torch.get_default_dtype, getattr(torch, default))
    student(network, torch.Generator().manual_seed(seed))
    after = dict(network.named_buffers(remove_duplicate=False))
    reply = {
        "before": before,
        "after": tensors_of(network),
        "global_moved": not torch.equal(state, torch.get_rng_state()),
        "exchanged": [name for name in objects if after.get(name) is not objects[name]],
        "moved": memory != [place(tensor) for tensor in objects.values()],
        "kinds": {name: held_as(tensor) for name, tensor in after.items()},
        "changed": [name for name in watched.changed() if name.endswith((".grad", "_grad"))],
        "modes": modes == modes_in(network),
    }
    reference = weakref.ref(network)
    del objects, after, watched
    network = None
    return reply | {"remembered": remembered(reference)} | _drawn_again(student, other, seed)


def _drawn_again(student: Callable, network: nn.Module | None, seed: int) -> dict:
    """The numbers of one network with a generator, the same once more, and another one."""
    if network is None:
        return {}
    first, second = (torch.Generator().manual_seed(seed) for _ in range(2))
    found = {}
    for name, generator in {"again": first, "next": first, "once_more": second}.items():
        student(network, generator=generator)
        found[name] = tensors_of(network)
    return found


def tensors_of(network: nn.Module) -> Tensors:
    """Copies of all buffers by all their names."""
    return {n: t.detach().clone() for n, t in network.named_buffers(remove_duplicate=False)}


# 4. load_pretrained


def run_load(
    student: Callable,
    own: Tensors,
    state: Tensors,
    later: Tensors,
    head: str,
    frozen: list[str],
    classes: int,
    precision: str,
    state_is: str,
    rare: bool,
    probe_forgets: bool,
) -> dict:
    """What a network holds after the student's function loaded ``state`` into it.

    Args:
        later: of the same names, and loaded afterwards; or empty.
        state_is: what the tensors are: "constants", "leaves" or "transposed views".
        rare: see `Headed`.
        probe_forgets: whether to look for what is still held in the end.
    """
    with default_dtype(getattr(torch, precision)):
        network = Headed(classes, rare)
    network.load_state_dict(own)
    for name, tensor in every(network).items():
        tensor.requires_grad_(tensor.requires_grad and name not in frozen)
        tensor.grad = torch.full_like(tensor, 0.5) if tensor.is_floating_point() else None
    watched = WatchedNetwork(network, written=True)
    given = {name: _as(state_is, tensor) for name, tensor in state.items()}
    kept = [Watched("the state dict", lambda: given)]
    reply = _loaded(student, network, given, head)
    found = watched.changed()  # numbers may change where the names say so, and nothing else
    reply["changed"] = [what for what in found if reply["raised"] or what not in own]
    if not reply["raised"]:
        with torch.no_grad():  # as training would
            for tensor in network.buffers():
                tensor += 1
    if later and not reply["raised"]:
        second = {name: _as(state_is, tensor) for name, tensor in later.items()}
        reply["later"] = _loaded(student, network, second, head)["after"]
    reply["file_changed"] = all_changed(kept)
    references = weakref.ref(network), *map(weakref.ref, given.values())
    del watched, kept
    given = network = None
    return reply | {"remembered": probe_forgets and remembered(*references)}


def _loaded(student: Callable, network: nn.Module, given: Tensors, head: str) -> dict:
    """What comes back or is raised, and what the network holds then."""
    objects, said, names = held(network), "nothing was raised", None
    raised: list[str] = []
    try:
        names = student(network, given, head)
    except NotImplementedError:
        raise
    except Exception as error:
        raised, said = [kind.__name__ for kind in type(error).__mro__], describe_error(error)
    now = must_hold(network, objects, "the network's state dict afterwards")
    return {
        "raised": raised,
        "said": said,
        "names": None if raised else _names(names),
        "after": {name: tensor.detach().clone() for name, tensor in now.items()},
        "exchanged": [name for name in objects if now[name] is not objects[name]],
    }


def _as(kind: str, tensor: Tensor) -> Tensor:
    """A tensor of a state dict: a constant, a trainable leaf with a gradient, or a view."""
    tensor = tensor.clone()
    if kind == "leaves" and tensor.is_floating_point():
        tensor.requires_grad_().grad = torch.full_like(tensor, 0.5)
    if kind == "transposed views" and tensor.ndim > 1:
        return tensor.transpose(0, 1).contiguous().transpose(0, 1)
    return tensor


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
    kind: str,
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
    precision: str,
    probe_later: dict[str, Tensors],
    probe_broken: bool,
    probe_forgets: bool,
) -> dict:
    """The loss on the second batch after a step on the first, and its derivatives.

    Args:
        rate_is: "a number", "a constant", "a leaf" or "a result".
        weights_are: "leaves", or "results" of a computation.
        first_order: None where the argument is left out.
        probe_later: weights and constants that are put in the places of the first for a second
            question; or empty.
        probe_broken: whether the second batch cannot be computed.
        probe_forgets: whether to look for what is still held in the end.
    """
    asked = _Asked(
        kind, weights, constants, rate, rate_is, weights_are, momenta, training, precision
    )
    batches = asked.batches(x, y)
    if probe_broken:
        return asked.broken(lambda: student(asked.network, *batches, asked.given_rate))
    options = {} if first_order is None else {"first_order": first_order}
    loss = _loss(student(asked.network, *batches, asked.given_rate, **options))
    reply = {"changed": all_changed(asked.kept)}
    if probe_later:  # before the first loss is differentiated
        sources = asked.exchange(**probe_later)
        train, test = batches
        named = {"network": asked.network, "train": train, "test": test, "rate": asked.given_rate}
        later = _loss(student(**named, **options))
        found = derivatives(later, sources | {"the rate": asked.rate})
        reply["later"] = {"loss": later.detach().clone(), "slopes": found}
        del train, test, later, named
    reply |= {"loss": loss.detach().clone(), "slopes": asked.slopes(loss)}
    batches.clear()
    del loss
    return reply | {"remembered": probe_forgets and asked.let_go()}


def _loss(loss: object) -> Tensor:
    """What came back, as a tensor without dimensions."""
    number_from(loss, "the loss")
    if not isinstance(loss, Tensor):
        raise NoAnswer(f"the loss: {describe(loss)}", "a tensor, with its graph")
    return loss.sum()


def run_inner_loop(
    student: Callable,
    kind: str,
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
    probe_later: dict[str, Tensors],
    runs: int,
    first_order: bool | None,
    precision: str,
    probe_broken: bool,
    probe_forgets: bool,
) -> dict:
    """Weights and other buffers after some steps; derivatives of ``sum <probe, weight>``.

    Args:
        probe_later: as above; what comes of it is "later".
        runs: how often the loop is run on the same network; what the first one gave comes back.
        first_order: None where the argument is left out.
        probe_broken: whether the last batch cannot be computed.
        probe_forgets: whether to look for what is still held in the end.
    """
    asked = _Asked(
        kind, weights, constants, rate, rate_is, weights_are, momenta, training, precision
    )
    batches = asked.batches(x, y)
    asked.kept.append(WatchedList("the list of batches", batches))
    if probe_broken:
        return asked.broken(lambda: student(asked.network, batches, asked.given_rate))
    results = []
    options = {} if first_order is None else {"first_order": first_order}
    for _ in range(runs):
        results.append(parts(student(asked.network, batches, asked.given_rate, **options), *TWO))
    theta, rest = results[0]  # which a later run must not have touched
    reply = _ends(asked, theta, rest, weights, constants)
    total = sum((probes[name].to(theta[name].dtype) * theta[name]).sum() for name in weights)
    reply |= {"slopes": asked.slopes(total), "changed": all_changed(asked.kept)}
    if probe_later:
        asked.exchange(**probe_later)
        theta, _ = parts(student(asked.network, batches, asked.given_rate, **options), *TWO)
        theta, other = dict_from(theta, probe_later["weights"], "theta"), probe_later["weights"]
        reply["later"] = {n: tensor_from(theta[n], w, n).detach() for n, w in other.items()}
    batches.clear()
    del theta, rest, total, results
    return reply | {"remembered": probe_forgets and asked.let_go()}


TWO = ("theta", "rest")


def _ends(
    asked: "_Asked", theta: object, rest: object, weights: Tensors, constants: Tensors
) -> dict:
    """What a run ended with, in numbers and in kind."""
    own = every(asked.network)
    theta, rest = (_without_second_names(d, asked.network) for d in (theta, rest))
    theta, rest = dict_from(theta, weights, "theta"), dict_from(rest, constants, "rest")
    for name, like in (weights | constants).items():
        tensor_from((theta | rest)[name], like, name)
    return {
        "theta": {name: tensor.detach().clone() for name, tensor in theta.items()},
        "rest": {name: tensor.detach().clone() for name, tensor in rest.items()},
        "with_graph": [name for name, tensor in rest.items() if tensor.requires_grad],
        "the_networks": sharing(rest, [own]),
        "other_dtype": [n for n, tensor in (theta | rest).items() if tensor.dtype != own[n].dtype],
    }


def _without_second_names(found: object, network: nn.Module) -> object:
    """A dict by name may have a tied tensor by all its names; the first one is looked at."""
    if not isinstance(found, Mapping):
        return found
    first = groups(dict(network.named_buffers(remove_duplicate=False)))
    return {name: tensor for name, tensor in found.items() if first.get(name, name) == name}


class _Asked:
    """A network, a rate and batches as a student's function gets them, all of them watched."""

    def __init__(
        self, kind, weights, constants, rate, rate_is, weights_are, momenta, training, precision
    ):
        one_thread()
        self.dtype = getattr(torch, precision)
        other = torch.float64 if precision == "float32" else torch.float32
        put(torch.get_default_dtype, other)  # which is no matter of a network that exists
        self.weights_are = weights_are
        self.sources = as_leaves(self._cast(weights))
        self.rate = rate.to(self.dtype).requires_grad_(rate_is != "a constant")
        self.given_rate = {
            "a number": self.rate.item(),
            "a result": self.rate * 1,
        }.get(rate_is, self.rate)
        tensors = self._tensors(self.sources, constants)
        self.network = network_of(kind, tensors, momenta, training)
        for tensor in (*self.sources.values(), self.rate):
            tensor.grad = torch.full_like(tensor, 0.5)
        self.kept = [
            WatchedNetwork(self.network),
            Watched("weights", lambda: self.sources),
            Watched("the rate", lambda: {"the rate": self.rate}),
        ]
        self.references: list = []

    def _cast(self, tensors: Tensors) -> Tensors:
        return {n: t.to(self.dtype) if t.is_floating_point() else t for n, t in tensors.items()}

    def _tensors(self, sources: Tensors, constants: Tensors) -> Tensors:
        """What goes into the network: leaves or results of them, and constants."""
        weights = {n: s * 1 if self.weights_are == "results" else s for n, s in sources.items()}
        return weights | {n: c.clone() for n, c in self._cast(constants).items()}

    def exchange(self, weights: Tensors, constants: Tensors) -> Tensors:
        """Put other tensors in the places of the first; the sources of the weights."""
        sources = as_leaves(self._cast(weights))
        put_all(self.network, self._tensors(sources, constants))
        return sources

    def batches(self, x: list[Tensor], y: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
        """Pairs of images, each a transposed view of its own, and labels."""
        images = [each.to(self.dtype).mT.contiguous().mT for each in x]
        pairs = list(zip(images, [labels.clone() for labels in y], strict=True))
        named = {
            f"{what} of batch {k}": tensor
            for k, pair in enumerate(pairs)
            for what, tensor in zip(("x", "y"), pair, strict=True)
        }
        self.kept.append(Watched("the batches", lambda: named))
        self.references = [weakref.ref(each) for each in images]
        return pairs

    def broken(self, call: Callable) -> dict:
        """What has changed when a call has failed that cannot succeed."""
        try:
            call()
        except NotImplementedError:
            raise
        except Exception:
            pass
        return {"changed": all_changed(self.kept)}

    def let_go(self) -> bool:
        """Whether something is still held when all that was given is dropped."""
        self.references.append(weakref.ref(self.network))
        self.kept, self.network, self.sources, self.given_rate = [], None, {}, None
        return remembered(*self.references)

    def slopes(self, output: Tensor) -> dict:
        """The derivatives in the first weights and in the rate."""
        rate = {"the rate": self.rate} if self.rate.requires_grad else {}
        return {"the rate": None} | derivatives(output, self.sources | rate)
