"""Inner momentum and Adam: torch's own steps, with slopes that finite differences confirm."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import prune

from l2l_ref.inner import Adam, Momentum
from l2l_ref.modules import MetaLinear, MetaSequential, to_meta

pytestmark = pytest.mark.usefixtures("float64")

INNER = {
    "momentum": (Momentum, torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (Momentum, torch.optim.SGD, {"momentum": 0.8, "nesterov": True}),
    "decay": (Momentum, torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.1}),
    "adam": (Adam, torch.optim.Adam, {}),
    "adam, settings": (
        Adam,
        torch.optim.Adam,
        {"betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1},
    ),
}


@pytest.fixture(params=INNER)
def inner(request):
    return INNER[request.param]


def make_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))


def data():
    torch.manual_seed(1)
    return torch.randn(6, 3), torch.randn(6, 1)


def test_the_steps_are_torchs(inner):
    make, twin, settings = inner
    x, y = data()
    net = make_net()
    meta, optimizer = to_meta(net), twin(net.parameters(), lr=0.05, **settings)
    steps = make(meta, lr=0.05, **settings)
    for _ in range(5):
        steps.step(F.mse_loss(meta(x), y))
        optimizer.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimizer.step()
        for mine, theirs in zip(meta.parameters(), net.parameters(), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-12)


def test_slopes_against_finite_differences(inner):
    """In the rate of each weight and in the first weights, through three steps."""
    make, _, settings = inner
    (x, y), net = data(), to_meta(make_net())
    first = [weight.detach().clone() for weight in net.parameters()]

    def after(rates, *weights):
        for (name, _), weight in zip(list(net.named_parameters()), weights, strict=True):
            net.set_param(name, weight.clone())
        steps = make(net, lr=list(rates), **settings)
        for _ in range(3):
            steps.step(F.mse_loss(net(x), y))
        return F.mse_loss(net(x), y)

    rates = torch.tensor([0.05, 0.02, 0.1, 0.03], requires_grad=True)
    assert torch.autograd.gradcheck(after, (rates, *(w.requires_grad_() for w in first)))


def test_the_slope_in_adams_betas():
    (x, y), net = data(), to_meta(make_net())
    first = list(net.parameters())

    def after(beta1, beta2):
        for (name, _), weight in zip(list(net.named_parameters()), first, strict=True):
            net.set_param(name, weight)
        steps = Adam(net, lr=0.05, betas=(beta1, beta2))
        for _ in range(3):
            steps.step(F.mse_loss(net(x), y))
        return F.mse_loss(net(x), y)

    betas = [torch.tensor(value, requires_grad=True) for value in (0.8, 0.95)]
    assert torch.autograd.gradcheck(after, betas)


@pytest.mark.parametrize("make", [Momentum, Adam])
def test_a_coordinate_without_gradient_spoils_nothing(make):
    """Adam divides by the square root of a mean of squares, which has no slope at 0."""
    net, x = MetaLinear(2, 1), torch.tensor([[1.0, 0.0]])
    rate = torch.tensor(0.1, requires_grad=True)
    steps = make(net, lr=rate)
    for _ in range(3):
        steps.step(net(x).square().sum())
    slopes = torch.autograd.grad(net(x).square().sum(), [rate])
    assert slopes[0].isfinite()
    assert slopes[0] != 0


def test_first_order_frozen_unused_and_truncated():
    x, y = data()
    net = to_meta(make_net())
    net[0].bias.requires_grad_(False)
    net.unused = nn.Parameter(torch.ones(1))
    bias, unused = net[0].bias, net.unused
    first = net[2].weight
    steps = Adam(net, lr=0.1)
    steps.step(F.mse_loss(net(x), y), first_order=True)
    assert net[0].bias is bias
    assert net.unused is unused
    (slope,) = torch.autograd.grad(net[2].weight.sum(), first)
    assert torch.equal(slope, torch.ones_like(first))
    steps.detach()
    assert all(weight.is_leaf for weight in net.parameters())
    steps.step(F.mse_loss(net(x), y))
    with pytest.raises(RuntimeError, match="have been used in the graph"):
        torch.autograd.grad(net[2].weight.sum(), first)


def test_bad_input():
    net = MetaSequential(MetaLinear(1, 1))
    with pytest.raises(ValueError, match="got 3 rates for 2 weights"):
        Adam(net, lr=[0.1, 0.1, 0.1])
    with pytest.raises(KeyError, match=r"0\.weight"):
        Momentum(net, lr={"weight": 0.1})
    with pytest.raises(RuntimeError, match="depends on no weight"):
        Adam(net).step(torch.ones((), requires_grad=True) * 2)
    with pytest.raises(TypeError, match=r"got a Linear, .* take to_meta|type"):
        Adam(nn.Linear(1, 1))


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (Momentum, {"lr": 0.1, "momentum": -1.0}),
        (Momentum, {"lr": 0.1, "weight_decay": -1.0}),
        (Adam, {"betas": (1.0, 0.9)}),
        (Adam, {"betas": (0.9, -0.1)}),
        (Adam, {"eps": -1.0}),
        (Adam, {"lr": torch.ones(3, 3)}),
    ],
)
def test_settings_that_cannot_be(make, settings):
    with pytest.raises(ValueError, match=r"takes none such|must be one number"):
        make(MetaLinear(1, 1), **settings)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_adam_moves_in_every_precision(dtype):
    net, x = MetaLinear(2, 2, dtype=dtype), torch.ones(1, 2, dtype=dtype)
    before = net.weight.detach().clone()
    Adam(net, lr=0.1).step(net(x).square().sum())
    # The first step is as long as the rate. float16's digits leave a percent.
    expected = torch.full((2, 2), 0.1)
    torch.testing.assert_close(
        (net.weight - before).abs().float(), expected.float(), rtol=0.02, atol=0.002
    )


def test_a_rate_for_each_coordinate(inner):
    """A step of each coordinate's own rate is that coordinate of a step of this rate alone."""
    make, _, settings = inner
    rates = torch.tensor([[0.1], [0.2], [0.3]])  # a shape that torch's own forms would squeeze

    def step(rate):
        net = MetaLinear(1, 3, bias=False)
        net.weight = torch.tensor([[1.0], [2.0], [3.0]])
        make(net, lr=[rate], **settings).step(net(torch.ones(1, 1)).square().sum())
        return net.weight

    for i, rate in enumerate(rates):
        torch.testing.assert_close(step(rates)[i], step(rate)[i])


def test_a_weight_that_became_another_kind():
    net = MetaLinear(1, 1)
    steps = Adam(net)
    steps.step(net(torch.ones(1, 1)).sum())
    net.to(torch.float32)
    with pytest.raises(RuntimeError, match=r"float32.* remembers of it .*float64.*make the optim"):
        steps.step(net(torch.ones(1, 1, dtype=torch.float32)).sum())


def test_losses_that_are_none():
    net, x = MetaLinear(1, 2), torch.ones(1, 1)
    with pytest.raises(ValueError, match=r"a tensor with one number; got shape \(1, 2\)"):
        Adam(net).step(net(x))
    with pytest.raises(RuntimeError, match="depends on no weight"):
        Adam(net).step(net(x).sum().detach())


@pytest.mark.parametrize("make", [Momentum, Adam])
def test_a_complex_weight_is_two_real_ones(make):
    torch.manual_seed(0)
    first = torch.randn(3, 2)

    class Weight(nn.Module):
        def __init__(self, weight):
            super().__init__()
            self.weight = nn.Parameter(weight)

    rate, found = torch.tensor(0.1, requires_grad=True), []
    for weight in (first.clone(), torch.view_as_complex(first)):
        net = to_meta(Weight(weight))
        steps = make(net, rate)
        for _ in range(3):
            steps.step(net.weight.abs().square().sum())
        end = torch.view_as_real(net.weight) if net.weight.is_complex() else net.weight
        found.append((end, *torch.autograd.grad(end.sum(), rate)))
    torch.testing.assert_close(*found)


def test_sparse_gradients_are_gradients():
    table, index = nn.Embedding(4, 2, sparse=True), torch.tensor([[1, 2], [2, 3]])
    dense = nn.Embedding(4, 2, _weight=table.weight.detach().clone())
    ends = []
    for each in (table, dense):
        net = to_meta(each)
        steps = Momentum(net, 0.1)
        for which in index:
            steps.step(net(which).square().sum(), first_order=True)
        ends.append(net.weight)
    torch.testing.assert_close(*ends)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_gradient_of_zero_spoils_nothing_in_short_numbers(dtype):
    net, rate = MetaLinear(2, 1).to(dtype), torch.tensor(0.1, dtype=dtype, requires_grad=True)
    first, x = list(net.parameters()), torch.tensor([[1.0, 0.0]], dtype=dtype)
    steps = Adam(net, rate)
    for _ in range(2):
        steps.step(net(x).square().sum())
    assert net.weight.dtype == dtype
    for slope in torch.autograd.grad(net(x).square().sum(), [rate, *first]):
        assert slope.isfinite().all()


def test_a_weight_that_has_another_name_now():
    net = MetaLinear(2, 2)
    steps, x = Momentum(net, 0.1), torch.ones(1, 2)
    steps.step(net(x).sum())
    prune.l1_unstructured(net, "weight", 1)
    with pytest.raises(RuntimeError, match="remembers steps of weight, and the module has no such"):
        steps.step(net(x).sum())


@pytest.mark.parametrize("make", [Momentum, Adam])
def test_a_copy_goes_on_by_itself(make):
    net, x = MetaLinear(2, 1), torch.ones(1, 2)
    steps = make(net, 0.1)
    steps.step(net(x).square().sum())
    twin, before = copy.deepcopy(steps), net.weight
    for each in (steps, twin):
        each.step(each.module(x).square().sum())
    torch.testing.assert_close(twin.module.weight, net.weight)
    assert twin.module.weight is not net.weight
    assert all(kept.requires_grad for kept in steps.memory["weight"][:1])
    assert not torch.equal(before, net.weight)
