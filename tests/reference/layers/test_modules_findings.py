"""Where the original meta modules go wrong, one test for each finding, under its number."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from l2l_ref.modules import (
    MetaBatchNorm2d,
    MetaConv2d,
    MetaConvTranspose2d,
    MetaLinear,
    MetaModule,
    MetaModuleDict,
    MetaModuleList,
    MetaSequential,
)
from l2l_ref.tasks import Quadratics


def gradients_of(net, x, **arguments):
    return torch.autograd.grad(net(x).square().sum(), list(net.parameters()), **arguments)


def test_01_containers_can_be_built_and_inspected():
    layers = MetaModuleList([MetaLinear(2, 2), MetaLinear(2, 1)])
    heads = MetaModuleDict({"head": MetaLinear(2, 1)})
    assert "append" in dir(layers)
    assert "head" in dir(heads)
    assert "forward" in dir(MetaSequential(MetaLinear(1, 1)))


def test_02_options_of_linear_and_convolutions():
    x = torch.randn(1, 2, 5, 5)
    assert MetaLinear(2, 3, bias=False)(torch.ones(2)).shape == (3,)
    conv = MetaConv2d(2, 2, 3, padding=1, padding_mode="circular")
    padded = F.pad(x, (1, 1, 1, 1), mode="circular")
    torch.testing.assert_close(conv(x), F.conv2d(padded, conv.weight, conv.bias))
    up = MetaConvTranspose2d(2, 3, 3, stride=2)
    assert up(x).shape == (1, 3, 11, 11)
    assert up(x, output_size=(12, 12)).shape == (1, 3, 12, 12)


def test_03_batch_norm_options_and_its_counter():
    x = torch.randn(4, 3, 2, 2)
    MetaBatchNorm2d(3, affine=False)(x)
    cumulative = MetaBatchNorm2d(3, momentum=None)
    cumulative(x)
    cumulative(x + 1)
    mean = torch.stack([x, x + 1]).mean((0, 1, 3, 4))  # momentum=None averages over all batches
    torch.testing.assert_close(cumulative.running_mean, mean)
    assert cumulative.num_batches_tracked == 2
    assert "num_batches_tracked" in cumulative.state_dict()


def test_04_arguments_of_parameters_and_copy():
    net = MetaSequential(MetaLinear(2, 2), MetaLinear(2, 1))
    assert list(net.parameters(recurse=False)) == []
    assert next(net.named_parameters(prefix="net"))[0] == "net.0.weight"
    other = copy.deepcopy(net)
    with torch.no_grad():
        for weight in other.parameters():
            weight.add_(1)
    net.copy(other)
    for mine, theirs in zip(net.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)
        assert mine is not theirs


def test_05_casts_and_copies_leave_leaves():
    net = MetaLinear(2, 1).double().to("cpu")
    gradients_of(net, torch.ones(2).double())
    torch.optim.SGD(net.parameters(), lr=0.1)
    net.update_params(
        0.1, source_params=gradients_of(net, torch.ones(2).double(), create_graph=True)
    )
    assert not net.weight.is_leaf
    copied = copy.deepcopy(net)
    assert copied.weight.is_leaf
    copied(torch.ones(2).double()).sum().backward()
    assert copied.weight.grad is not None


def test_06_steps_can_follow_one_another_and_detach_leaves_trainable_weights():
    net = MetaLinear(2, 1)
    for _ in range(3):
        net(torch.ones(2)).square().sum().backward()
        net.update_params(0.1)
    assert not net.weight.is_leaf
    net.detach_params()
    assert net.weight.is_leaf
    assert net.weight.requires_grad
    net(torch.ones(2)).square().sum().backward()
    assert net.weight.grad is not None


def test_07_tied_weights_stay_tied():
    net = MetaSequential(MetaLinear(2, 2, bias=False), nn.Tanh(), MetaLinear(2, 2, bias=False))
    net[2].weight = net[0].weight
    assert len(list(net.parameters())) == 1
    net.update_params(0.1, source_params=gradients_of(net, torch.ones(2)))
    assert net[0].weight is net[2].weight
    net.set_param("2.weight", torch.eye(2))
    assert net[0].weight is net[2].weight
    for change in (net.double, net.detach_params, lambda: net.load_state_dict(net.state_dict())):
        change()
        assert net[0].weight is net[2].weight
    net.load_state_dict(net.state_dict(), assign=True)
    assert net[0].weight is net[2].weight
    assert copy.deepcopy(net)[0].weight is not net[0].weight
    assert copy.deepcopy(net)[0].weight.shape == (2, 2)
    copied = copy.deepcopy(net)
    assert copied[0].weight is copied[2].weight


def test_07_a_parameter_assigned_twice_is_one_weight():
    shared = nn.Parameter(torch.ones(1))
    net = MetaModule()
    net.a, net.b = MetaModule(), MetaModule()
    net.a.weight = shared
    net.b.weight = shared
    assert net.a.weight is net.b.weight


def test_08_ordinary_children_with_parameters_are_updated_too():
    net = MetaSequential(MetaLinear(2, 2), nn.PReLU(), nn.BatchNorm1d(2))
    x = torch.randn(3, 2)
    assert len(list(net.parameters())) == 5
    lr = torch.tensor(0.1, requires_grad=True)
    before = [weight.detach().clone() for weight in net.parameters()]
    gradients = gradients_of(net, x, create_graph=True)
    net.update_params(lr, source_params=gradients)
    for weight, old, gradient in zip(net.parameters(), before, gradients, strict=True):
        torch.testing.assert_close(weight, old - 0.1 * gradient)
    net(x).square().sum().backward()
    assert lr.grad is not None
    assert [name for name, _ in net.named_parameters()][2] == "1.weight"
    assert isinstance(net[1], nn.PReLU)


def test_09_the_quadratic_optimizee_can_be_trained_by_the_baselines():
    task = Quadratics.sample(1, torch.Generator().manual_seed(0))
    optimizee = MetaModule()
    optimizee.theta = nn.Parameter(task.start())
    (theta,) = optimizee.parameters()
    optimizer = torch.optim.SGD(optimizee.parameters(), lr=0.001)
    first = task.loss(optimizee.theta, 0)
    first.sum().backward()
    optimizer.step()
    assert optimizee.theta is theta
    assert task.loss(optimizee.theta, 1) < first


def test_10_nothing_moves_to_a_gpu_by_itself():
    for module in (MetaLinear(1, 1), MetaConv2d(1, 1, 1), MetaBatchNorm2d(1)):
        assert {buffer.device.type for buffer in module.buffers()} == {"cpu"}


def test_weights_can_be_frozen():
    net = MetaSequential(MetaLinear(1, 1), MetaLinear(1, 1))
    net[0].requires_grad_(False)
    frozen = net[0].weight
    trainable = [weight for weight in net.parameters() if weight.requires_grad]
    assert len(trainable) == 2
    gradients = iter(torch.autograd.grad(net(torch.ones(1)).sum(), trainable, create_graph=True))
    by_weight = [next(gradients) if w.requires_grad else None for w in net.parameters()]
    net.update_params(0.1, source_params=by_weight)
    assert net[0].weight is frozen
    net.double()
    assert [weight.requires_grad for weight in net.parameters()] == [False, False, True, True]


@pytest.mark.parametrize("module", [MetaLinear(1, 1), nn.Linear(1, 1)])
def test_zero_grad_works_after_a_step(module):
    net = MetaSequential(module)
    net(torch.ones(1)).sum().backward()
    net.update_params(0.1)
    net.zero_grad()
    net(torch.ones(1)).sum().backward()
    assert net[0].weight.grad is not None
