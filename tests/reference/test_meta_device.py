"""No loop asks the device for a number: all of them run where there is none to be had.

On torch's ``meta`` device a tensor has a shape and no content. ``.item()``, a branch on a value and
a mixture with a tensor that was made on the CPU raise there; on a GPU the first two would hold the
host up at every step.
"""

import pytest
import torch
from torch import nn

from l2l_ref.evaluation import cap
from l2l_ref.inner import Adam, Momentum
from l2l_ref.minimizers import BASELINES, conjugate_gradient, hand_designed, learned
from l2l_ref.modules import MetaLinear
from l2l_ref.optim import LearnedOptimizer
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.resnet import resnet18
from l2l_ref.support.randomness import generator
from l2l_ref.tape import Tape
from l2l_ref.tasks import TASKS, Capturable, Networks, get_sampler
from l2l_ref.unroll import begin, meta_gradient, unroll

META = torch.device("meta")


@pytest.fixture(params=[name for name in TASKS if not name.startswith("mnist")] + ["Networks"])
def task(request):
    if request.param == "Networks":
        return Networks(
            lambda: nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2)),
            lambda generator: (torch.randn(5, 4, generator=generator), torch.zeros(5).long()),
            functions=2,
            generator=generator(0, "meta"),
            device=META,
        )
    return get_sampler(request.param)(2, generator(0, "meta"), "train", META)


@pytest.fixture(params=[False, True], ids=["plain", "preprocessed"])
def optimizer(request):
    return LSTMOptimizer(preprocess=request.param).to(META)


def test_the_host_cannot_look_there():
    with pytest.raises(RuntimeError, match="meta"):
        torch.ones(1, device=META).item()
    with pytest.raises(RuntimeError, match="expected device meta"):
        torch.ones(2, device=META) + torch.ones(2)


def test_a_window_by_the_tape(task, optimizer):
    run = begin(task, optimizer)
    losses, gradients, after = meta_gradient(Tape(optimizer, run.theta.numel(), 3), run)
    assert losses.shape == (3, 2)
    assert [g.shape for g in gradients] == [weight.shape for weight in optimizer.parameters()]
    assert {losses.device, after.theta.device, *(g.device for g in gradients)} == {META}


def test_a_window_by_the_definition(task, optimizer):
    losses, after = unroll(optimizer, begin(task, optimizer), 3)
    losses.sum().backward()
    assert optimizer.output.weight.grad.device == after.theta.device == META


def test_a_window_that_a_graph_can_hold(task, optimizer):
    if isinstance(task, Capturable):
        losses = task.on(task.tensors(range(1, 4))).loss(task.start(), 0)
        assert losses.device == META


@pytest.mark.parametrize("name", BASELINES)
def test_baselines(task, name):
    assert cap(hand_designed(name, 0.1)(task, 3)).sums.device == META


def test_a_learned_minimizer(task, optimizer):
    assert cap(learned(optimizer)(task, 3)).diverged.shape == (2,)


def test_conjugate_gradient():
    task = get_sampler("quadratics")(2, generator(0, "meta"), "train", META)
    assert conjugate_gradient(task, 3).shape == (4, 2)


@pytest.mark.parametrize("preprocess", [False, True])
def test_a_network_of_ones_own(preprocess):
    net = resnet18(num_classes=10).to(META)
    optimizer = LearnedOptimizer(net.parameters(), LSTMOptimizer(preprocess=preprocess))
    for _ in range(2):
        optimizer.zero_grad()
        net(torch.randn(2, 3, 32, 32, device=META)).sum().backward()
        optimizer.step()
    assert net.fc.weight.device == META


@pytest.mark.parametrize("make", [Momentum, Adam])
def test_inner_steps(make):
    net, rate = MetaLinear(3, 2, device=META), torch.ones((), device=META, requires_grad=True)
    steps = make(net, lr=rate)
    for _ in range(3):
        steps.step(net(torch.randn(4, 3, device=META)).square().sum())
    net(torch.randn(4, 3, device=META)).sum().backward()
    assert rate.grad.device == META
