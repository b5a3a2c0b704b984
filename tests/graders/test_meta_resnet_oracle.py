"""What the exams of exercise 06 compare with is itself compared: torchvision, slopes, sums."""

import copy
import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from answers import solved
from torch import nn
from torchvision.models.resnet import BasicBlock

from l2l_ref import checks
from l2l_ref.checks.examining import Lost
from l2l_ref.checks.meta_resnet.beginnings import judge_spread
from l2l_ref.checks.meta_resnet.block import Block
from l2l_ref.checks.meta_resnet.exact import numbers_for
from l2l_ref.checks.meta_resnet.graphs import computation
from l2l_ref.checks.meta_resnet.networks import Filters, Levels, Network, Residual
from l2l_ref.checks.meta_resnet.steps import FROZEN, SHORTCUT, Run, after_step, problem
from l2l_ref.modules import to_meta
from l2l_ref.support.graph_memory import kept_by_the_graph
from l2l_ref.support.randomness import generator


def draws(seed: int = 0):
    return generator(seed, "oracle of meta_resnet")


# 1. The block is torchvision's


@pytest.mark.parametrize("arguments", [(3, 3), (3, 3, 1), (2, 4), (3, 3, 2), (4, 2, 2)])
def test_the_block_is_torchvisions(arguments):
    twin = Block(*arguments).double()
    inside, channels, stride = (*arguments, 1)[:3]
    shortcut = None
    if hasattr(twin, "downsample"):
        shortcut = nn.Sequential(
            nn.Conv2d(inside, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
        )
    theirs = BasicBlock(inside, channels, stride, shortcut).double()
    state = numbers_for(twin, draws())
    assert theirs.load_state_dict(state) == twin.load_state_dict(state)
    for mode in (True, False, True):
        x = torch.randn(3, inside, 6, 5, dtype=torch.float64, generator=draws())
        torch.testing.assert_close(twin.train(mode)(x), theirs.train(mode)(x))
    for name, tensor in theirs.state_dict().items():
        torch.testing.assert_close(twin.state_dict()[name], tensor)


# 3. The spread is that of a fresh ResNet


def test_the_spread_of_fan_out():
    weight = torch.empty(48, 24, 3, 5)
    for seed in range(200):
        nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu", generator=draws(seed))
        judge_spread("weight", weight, "")
    for std in (0.95, 1.05):
        with pytest.raises(Lost, match="standard deviation"):
            judge_spread("weight", std * weight, "")


# 5 and 6. One step, and several


def meta(tensors: dict, momenta: list, training: bool) -> nn.Module:
    """The network of ordinary layers, made meta by the reference."""

    def conv(own: Filters) -> nn.Conv2d:
        out, inside, size, _ = own.weight.shape
        return nn.Conv2d(inside, out, size, own.stride, padding=size // 2, bias=False)

    network = copy.deepcopy(Network(momenta))
    for module in network.modules():
        if isinstance(module, Network | Residual):
            for name, child in module.named_children():
                if isinstance(child, Filters):
                    setattr(module, name, conv(child))
                elif isinstance(child, Levels):
                    setattr(module, name, nn.BatchNorm2d(4, momentum=child.momentum))
                elif name == "bn1":
                    setattr(module, name, nn.BatchNorm2d(3, momentum=child.momentum))
                elif name == "fc":
                    setattr(module, name, nn.Linear(4, 5))
    network.double().load_state_dict(tensors)
    return to_meta(network).train(training)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("first_order", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_a_step_is_the_references(seed, first_order, training):
    asked = problem(draws(seed), [6, 4], frozen=set())
    network = meta(asked["weights"] | asked["constants"], asked["momenta"], training)
    first, rate = list(network.parameters()), asked["rate"].double().requires_grad_()
    names = [name for name, _ in network.named_parameters()]
    losses = []
    for x, y in zip(asked["x"], asked["y"], strict=True):
        losses.append(F.cross_entropy(network(x.double()), y))
        slopes = torch.autograd.grad(losses[-1], network.parameters(), create_graph=True)
        network.update_params(rate, first_order=first_order, source_params=slopes)
    found = after_step(asked, training, first_order)
    torch.testing.assert_close(found["loss"], losses[1].detach())
    for name, slope in zip(
        [*names, "the rate"], torch.autograd.grad(losses[1], [*first, rate]), strict=True
    ):
        torch.testing.assert_close(found[name], slope)
    run = Run(asked, training)
    for x, y in zip(asked["x"], asked["y"], strict=True):
        run.step(x, y)
    state = network.state_dict()
    for name, tensor in run.rest.items():
        torch.testing.assert_close(tensor, state[name])
    if not first_order:
        for name, tensor in run.theta.items():
            torch.testing.assert_close(tensor.detach(), state[name])


@pytest.mark.parametrize("training", [True, False])
def test_second_order_is_the_slope(training):
    asked = problem(draws(), [6, 4], frozen=FROZEN["residual"])
    assert SHORTCUT in asked["constants"]
    asked["weights"] = {name: w.double() for name, w in asked["weights"].items()}
    asked["rate"] = asked["rate"].double()
    slopes, h = after_step(asked, training), 1e-6
    for name in (*asked["weights"], "rate"):
        start = asked["rate"] if name == "rate" else asked["weights"][name]
        direction = torch.randn(start.shape, dtype=torch.float64, generator=draws())
        losses = []
        for sign in (-1, 1):
            moved = (start + sign * h * direction).detach()
            there = (
                {"rate": moved} if name == "rate" else {"weights": asked["weights"] | {name: moved}}
            )
            losses.append(after_step(asked | there, training, first_order=True)["loss"])
        slope = (losses[1] - losses[0]) / (2 * h)
        found = slopes["the rate" if name == "rate" else name]
        torch.testing.assert_close(slope, (found * direction).sum(), rtol=1e-5, atol=1e-7)


# 7. Bytes, counted by hand

#: For sizes n and m, the numbers that stay, and the eight-byte integers.
BY_HAND = {
    "outputs": lambda n, m: (3 * n, 0),  # each of three results
    "views": lambda n, m: (3 * n + n, 0),  # the wide tensor once; what the sine is taken of
    "equal": lambda n, m: (2 * n, 0),
    "dropped": lambda n, m: (n, 0),  # the result; cos keeps x, a weight
    "first_order": lambda n, m: (n, 0),
    "nothing": lambda n, m: (0, 0),
    "twice": lambda n, m: (2 * n, 0),  # y, and exp's result; sin keeps x
    "several": lambda n, m: (3 * n + m, 0),  # exp; sigmoid, exp; tanh
}


@pytest.mark.parametrize("kind", BY_HAND)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bytes_by_hand(kind, dtype):
    for sizes in ([5, 7], [31, 3]):
        numbers, integers = BY_HAND[kind](*sizes)
        expected = numbers * math.ceil(torch.finfo(dtype).bits / 8) + 8 * integers
        assert kept_by_the_graph(*computation(kind, sizes, dtype)) == expected


def test_second_order_holds_more_than_first():
    def bytes_of(kind: str) -> int:
        return kept_by_the_graph(*computation(kind, [40, 3], torch.float64))

    assert bytes_of("second_order") > 3 * bytes_of("first_order")


def test_a_computation_can_still_be_differentiated_while_it_is_watched():
    """What unpack hands back has its place in the graph."""
    (x, w), found = computation("second_order", [6, 3], torch.float64)[1], []

    def compute():
        (slope,) = torch.autograd.grad(x.exp().sin().exp().sum(), x, create_graph=True)
        found.extend(torch.autograd.grad(slope.square().sum(), x))

    kept_by_the_graph(compute, [x, w])
    y = x.detach()
    e = y.exp()
    slope = e * e.cos() * e.sin().exp()
    second = slope * (1 + e * e.cos()) - e.square() * e.sin() * e.sin().exp()
    torch.testing.assert_close(found[0], 2 * slope * second)


# 8. What the model answer says of the table

SAID = {
    (0.001, 1): "the cosine is {1:.3f} and first order misses {2:.1%}",
    (0.001, 8): "after eight steps it is {0:.2f} at 0.001",
    (0.1, 1): "it misses {2:.0%} after one step",
    (0.1, 8): "and {2:.0%} after eight, where the cosine is {1:.2f}",
    (0.5, 1): "it misses {2:.0%} after one step, where the cosine is {1:.2f}",
}


def test_the_numbers_of_the_model_answer():
    """They are those of runs in which rounding does not grow: eight steps at 0.5 are none."""
    (path,) = (Path(checks.__file__).parent / "meta_resnet").glob("*.md")
    answer, names = " ".join(path.read_text().split()), solved("meta_resnet")
    network, x, labels = names["pretrained"]()
    for (rate, steps), says in SAID.items():
        found = names["measure"](network, x, labels, rate, steps)
        assert says.format(*found) in answer
        assert f"{found[4] / 1000:.2f} MB whatever the number of steps" in answer
