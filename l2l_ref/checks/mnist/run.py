"""The answering side of exercise 05: calls the student's functions, knows no expected value.

Whole numbers go to and fro as they are; what a number may depend on shows when the same is asked
again with torch's global generator in another state.
"""

import contextlib
import copy
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..answering import (
    Kept,
    NoAnswer,
    derivative,
    describe,
    kind_of,
    parts,
    tensor_from,
)
from ..processes import another_process
from ..settings import clean_state
from .elsewhere import with_other_sets

#: What stands between the layers, by name; None leaves the argument out.
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "wave": lambda x: x + x.sin(),
}


# 1. Perceptron


def run_perceptron(student: Callable, part: str, **asked) -> dict:
    """One of the things that are asked of a perceptron."""
    return PARTS[part](student, **asked)


def network_from(
    student: Callable, sizes: Sequence[int], seed: int, activation: str | None = None
) -> nn.Module:
    """A network of the student's.

    Raises:
        NoAnswer: it is no module, or its weights are not those of the layers, in their order.
    """
    generator = torch.Generator().manual_seed(seed)
    options = {} if activation is None else {"activation": ACTIVATIONS[activation]}
    network = student(sizes, generator, **options)
    if not isinstance(network, nn.Module):
        raise NoAnswer(describe(network), "a module")
    wanted = [shape for n, m in pairwise(sizes) for shape in ((m, n), (m,))]
    found = [tuple(weight.shape) for _, weight in network.named_parameters()]
    if found != wanted:
        raise NoAnswer(
            f"named_parameters() lists the shapes {found or 'of nothing'}",
            f"{wanted}",
            "for each layer the matrix (outputs, inputs), then the bias; assign each to the module "
            "as an nn.Parameter, by a name of its own, after super().__init__()",
        )
    return network


def put(network: nn.Module, tensors: Iterable[Tensor]) -> None:
    """Put tensors, with their graph, in the place of all weights.

    Raises:
        NoAnswer: the network has no ``set_param``.
    """
    if not callable(getattr(network, "set_param", None)):
        raise NoAnswer(
            "a module without set_param, whose weights cannot carry a graph",
            "a MetaModule",
            "derive the class from MetaModule",
        )
    names = [name for name, _ in network.named_parameters()]
    for name, tensor in zip(names, tensors, strict=True):
        network.set_param(name, tensor)


def run_outputs(
    student: Callable,
    sizes: Sequence[int],
    activation: str | None,
    training: bool,
    x: Tensor,
    probe_weights: Mapping[str, Tensor],
    probe_others: Mapping[str, Tensor],
) -> dict:
    """What the network makes of x with other weights, then with these, then without a graph.

    Another network with another activation is made afterwards, and lives as long.
    """
    own_sizes = list(sizes)
    network = network_from(student, own_sizes, 1, activation).train(training)
    changed = ["sizes"] * (own_sizes != list(sizes))
    own_sizes.clear()  # it is the caller's, who goes on with it
    another = network_from(student, (2, 3), 2, "wave")
    given = own(x, contiguous=False)
    found = {}
    for place, weights in (("others", probe_others), ("outputs", probe_weights)):
        put(network, (weight.clone() for weight in weights.values()))
        for tensor in (given, *network.parameters()):
            tensor.grad = torch.ones_like(tensor)
        kept = Kept("the weights", lambda: {"x": given, **dict(network.named_parameters())})
        found[place] = tensor_from(network(given), x.new_empty(len(x), sizes[-1]), "the outputs")
        changed += kept.changed()
    with torch.no_grad():
        found["no graph"] = tensor_from(network(given), found["outputs"], "the outputs")
    found["copy"] = _of_a_copy(network, probe_others, given, found["outputs"])
    if network.training != training or not another.training:
        changed.append("the mode, train or eval")
    return found | {"changed": list(dict.fromkeys(changed))}


def _of_a_copy(network: nn.Module, weights: Mapping, x: Tensor, like: Tensor) -> Tensor:
    """What a copy of the network makes of x when other weights are put into the copy."""
    copied = copy.deepcopy(network)
    put(copied, (weight.clone() for weight in weights.values()))
    return tensor_from(copied(x), like, "the outputs of a copy")


def run_slopes(
    student: Callable,
    sizes: Sequence[int],
    activation: str,
    probe_frozen: Sequence[str],
    probe_weights: Mapping[str, Tensor],
    probe_x: Tensor,
    probe_factors: Tensor,
) -> dict:
    """In eval mode and float64, the derivative of the outputs, times factors, in x and the weights.

    Args:
        probe_frozen: weights that are constants.
    """
    network = network_from(student, sizes, 1, activation).double().eval()
    first = [
        weight.double().requires_grad_(name not in probe_frozen)
        for name, weight in probe_weights.items()
    ]
    put(network, first)
    for name, weight in zip(probe_weights, network.parameters(), strict=True):
        weight.requires_grad_(name not in probe_frozen)  # a MetaModule had made it trainable
    x = probe_x.double().requires_grad_()
    kept = Kept("the weights", lambda: dict(network.named_parameters()))
    outputs = network(x)
    tensor_from(outputs, probe_factors, "the outputs")
    total = (outputs * probe_factors.double()).sum()
    sources = {"x": x} | dict(zip(probe_weights, first, strict=True))
    moving = {name: source for name, source in sources.items() if name not in probe_frozen}
    slopes = {name: derivative(total, source) for name, source in moving.items()}
    return {"slopes": slopes, "changed": kept.changed()}


def run_steps(
    student: Callable,
    sizes: Sequence[int],
    activation: str,
    probe_weights: Mapping[str, Tensor],
    probe_images: Tensor,
    probe_labels: Tensor,
    rate: float,
) -> dict:
    """Steps of gradient descent that stay in the graph, one on each minibatch, in float64.

    Returns:
        ``losses`` before each step, and the derivative of their sum in the rate and in each of the
        first weights.
    """
    network = network_from(student, sizes, 1, activation).double()
    first = [w.double().clone().requires_grad_() for w in probe_weights.values()]
    rate = torch.tensor(rate, dtype=torch.float64, requires_grad=True)
    put(network, first)
    losses = []
    for x, labels in zip(probe_images.double(), probe_labels, strict=True):
        outputs = network(x)
        tensor_from(outputs, x.new_empty(len(x), sizes[-1]), "the outputs", torch.float64)
        loss = F.cross_entropy(outputs, labels)
        losses.append(loss)
        weights = [weight for _, weight in network.named_parameters()]
        if not loss.requires_grad:
            raise NoAnswer(
                "outputs without a graph",
                "outputs that lead back to the weights",
                "forward must compute with the module's weights as they are",
            )
        gradients = torch.autograd.grad(loss, weights, create_graph=True, allow_unused=True)
        if any(gradient is None for gradient in gradients):
            raise NoAnswer(
                "outputs that were not computed from all weights that the module has now",
                idea="forward must look the weights up each time, not keep those of the start",
            )
        put(network, (w - rate * g for w, g in zip(weights, gradients, strict=True)))
    total = torch.stack(losses).sum()
    by_weight = {name: derivative(total, w) for name, w in zip(probe_weights, first, strict=True)}
    return {
        "losses": torch.stack(losses).detach(),
        "by_rate": derivative(total, rate),
        "by_weight": by_weight,
    }


def run_start(student: Callable, sizes: Sequence[int], probe_seed: int) -> dict:
    """The first weights of two networks in a row, and again, as in another process.

    Returns:
        Besides, how many of `MANY` small networks in a row are ``different``.
    """
    found: dict = {"kinds": [], "moved": False}
    for name, torch_seed in (("first", 1), ("again", 2)):
        torch.manual_seed(torch_seed)
        before = torch.get_rng_state()
        with another_process() if name == "again" else contextlib.nullcontext():
            networks = list(_in_a_row(student, sizes, probe_seed, 2))
        found["moved"] |= not torch.equal(before, torch.get_rng_state())
        for place, network in zip(("", " next"), networks, strict=True):
            weights = [weight for _, weight in network.named_parameters()]
            found[name + place] = [weight.detach().clone() for weight in weights]
            found["kinds"] += [kind_of(weight) for weight in weights]
    small = _in_a_row(student, (1, 1), probe_seed, MANY)
    starts = {tuple(weight.item() for weight in network.parameters()) for network in small}
    return found | {"different": len(starts)}


def _in_a_row(student: Callable, sizes: Sequence[int], seed: int, count: int) -> Iterator:
    """Some networks from one generator."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(count):
        yield network_from(lambda sizes, _: student(sizes, generator), sizes, seed)


#: Networks in a row, among which some are alike if all come from some ten thousand seeds.
MANY = 1000

PARTS = {"outputs": run_outputs, "slopes": run_slopes, "steps": run_steps, "start": run_start}


# 2. deal, standardise


def run_deal(
    student: Callable,
    images: Tensor,
    shares: Sequence[float],
    probe_seed: int,
    draws: int,
    contiguous: bool = True,
) -> dict:
    """The parts of some draws from one generator.

    Returns:
        The draws ``first``; whether they are the same ``again``, with another global state and
        default dtype, and two of them ``elsewhere``, as in another process; a draw from the images
        ``turned`` round.
    """
    given, own_shares = {"images": own(images, contiguous)}, type(shares)(shares)
    kept = Kept("images", lambda: given)

    def deals(count: int, torch_seed: int, deal: Callable = student) -> list:
        torch.manual_seed(torch_seed)
        generator = torch.Generator().manual_seed(probe_seed)
        dealt = [deal(given["images"], own_shares, generator) for _ in range(count)]
        return [_dealt(each, len(shares), len(images)) for each in dealt]

    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = deals(draws, 1)
    moved = not torch.equal(before, torch.get_rng_state())
    with clean_state():
        torch.set_default_dtype(torch.float64)
        again = deals(draws, 2)
    with another_process():
        elsewhere = deals(2, 3, with_other_sets(student))
    changed = kept.changed() + (["shares"] if list(own_shares) != list(shares) else [])
    given["images"].copy_(images.flip(0))
    return {
        "first": first,
        "again": again == first,
        "elsewhere": elsewhere == first[:2],
        "turned": deals(1, 4),
        "moved": moved,
        "changed": changed,
    }


def _dealt(value: object, count: int, images: int) -> list[list[int]]:
    """The indices of each part, as whole numbers.

    Raises:
        NoAnswer: these are no such parts, or there are more indices than images.
    """
    if isinstance(value, Mapping):
        value = list(value.values())
    dealt = parts(value, *(f"part {k + 1}" for k in range(count)))
    found = [whole_numbers(part, f"part {k + 1}") for k, part in enumerate(dealt)]
    if (many := sum(map(len, found))) > 2 * images:  # more than anybody has to look at
        raise NoAnswer(f"parts with {many} indices together", f"{images}, one for each image")
    return found


def whole_numbers(value: object, what: str) -> list[int]:
    """A list of whole numbers, from whatever holds them in a row.

    Raises:
        NoAnswer: it holds something else.
    """
    expected = f"{what}: a list or a tensor of indices"
    if isinstance(value, Tensor | np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple | range | set):
        raise NoAnswer(f"{what}: {describe(value)}", expected)
    found = [int(v) if isinstance(v, Tensor | np.integer) else v for v in value]
    if not all(isinstance(v, int) and not isinstance(v, bool) for v in found):
        wrong = next(v for v in found if not isinstance(v, int) or isinstance(v, bool))
        raise NoAnswer(f"{what} with {describe(wrong)} in it", expected)
    return found


def own(tensor: Tensor, contiguous: bool) -> Tensor:
    """A copy, in rows or, as a transposed view, in columns."""
    return tensor.clone() if contiguous else tensor.T.contiguous().T


def run_standardise(
    student: Callable,
    train: Tensor,
    tune: Tensor,
    report: Tensor,
    contiguous: bool = True,
    twice: bool = True,
) -> dict:
    """The three parts after it; ``again`` when the pixels in the same tensors were turned round.

    Args:
        twice: whether it is asked again. Both answers are read when both are there.
    """
    asked = {"train": train, "tune": tune, "report": report}
    given = {name: own(images, contiguous) for name, images in asked.items()}
    kept = Kept("what was given", lambda: given)
    warnings.filterwarnings("ignore", ".*degrees of freedom")  # one image has none
    answers = {"": student(*given.values())}
    changed = kept.changed()
    if twice:
        for name, images in asked.items():
            given[name].copy_(images.flip(1))
        answers[" again"] = student(*given.values())
    return {"changed": changed} | {
        name + suffix: tensor_from(part, given[name], name, torch.float64)
        for suffix, answer in answers.items()
        for name, part in zip(given, parts(answer, *given), strict=True)
    }


# 3. minibatch


def run_minibatch(
    student: Callable,
    images: Tensor,
    labels: Tensor,
    size: int | None,
    probe_names: Tensor,
    contiguous: bool = True,
) -> dict:
    """The minibatch for each row (seed, run, step), then all again from the last to the first.

    Args:
        size: left out when it is None.
        probe_names: whole numbers (minibatches, 3).

    Returns:
        ``images``, ``labels``, the same ``again``; the first three ``elsewhere``, as in another
        process, and ``turned``, when the images in the same tensor have been turned round; whether
        torch's global generator has moved.
    """
    given = {"images": own(images, contiguous), "labels": labels.clone()}
    kept = Kept("what was given", lambda: given)
    like = torch.empty(128 if size is None else size, images.shape[1])
    options = () if size is None else (size,)
    found: dict[str, Tensor] = {}

    def draw(suffix: str, names: Sequence, images: Tensor, labels: Tensor) -> None:
        """All minibatches; they are looked at when all are there."""
        answers = [student(images, labels, *name, *options) for name in names]
        drawn = [parts(answer, "images", "labels") for answer in answers]
        x = [tensor_from(each, like, "the images", images.dtype) for each, _ in drawn]
        y = [tensor_from(each, like[:, 0], "the labels", labels.dtype) for _, each in drawn]
        found[f"images{suffix}"], found[f"labels{suffix}"] = torch.stack(x), torch.stack(y)

    names = [tuple(row) for row in probe_names.tolist()]
    torch.manual_seed(1)
    before = torch.get_rng_state()
    draw("", names, **given)
    moved = not torch.equal(before, torch.get_rng_state())
    with clean_state():
        torch.manual_seed(2)
        torch.set_default_dtype(torch.float64)
        draw(" again", names[::-1], **given)
    for what in ("images again", "labels again"):
        found[what] = found[what].flip(0)
    with another_process():
        draw(" elsewhere", names[:3], images.clone(), labels.clone())
    changed = kept.changed()
    for name, tensor in (("images", images), ("labels", labels)):
        given[name].copy_(tensor.flip(0))
    draw(" turned", names[:3], **given)
    return found | {"moved": moved, "changed": changed}
