"""The bytes of a graph, counted through hooks, against the allocator and by hand."""

import gc
import weakref

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, linear

from l2l_ref.modules import MetaConv2d, MetaLinear, MetaSequential
from l2l_ref.support.graph_memory import kept_by_the_graph
from l2l_ref.support.randomness import generator


def still_allocated(compute) -> int:
    """The second count: bytes allocated and not freed when the result is there."""
    with torch.autograd.profiler.profile(profile_memory=True) as profile:
        result = compute()
    events = profile.kineto_results.events()
    del result
    return sum(event.nbytes() for event in events if event.name() == "[memory]")


def unrolled(steps: int, first_order: bool, device: str = "cpu"):
    """Builds a network, so that its weights are there before; returns the unroll to be counted."""
    numbers = generator(0, "bytes of a graph")
    with torch.device(device):
        net = MetaSequential(
            MetaConv2d(1, 4, 3), nn.Tanh(), nn.Flatten(), MetaLinear(4 * 6 * 6, 10)
        )
        rate = torch.tensor(0.1, requires_grad=True)
    x = torch.randn(20, 1, 8, 8, generator=numbers).to(device)
    y = torch.randint(10, (20,), generator=numbers).to(device)

    def compute():
        for _ in range(steps):
            weights = list(net.parameters())
            loss = cross_entropy(net(x), y)
            slopes = torch.autograd.grad(loss, weights, create_graph=not first_order)
            net.update_params(rate, source_params=slopes)
        return cross_entropy(net(x), y)

    return compute


@pytest.mark.parametrize("first_order", [False, True])
def test_grows_from_step_to_step_as_the_allocator_says(first_order):
    def growth(count) -> int:
        return count(unrolled(3, first_order)) - count(unrolled(2, first_order))

    by_hooks = growth(kept_by_the_graph)
    # The allocator gives whole blocks of 64 bytes and sees the results that no operation saved.
    assert by_hooks == pytest.approx(growth(still_allocated), rel=0.02)
    assert by_hooks > 0


def test_a_loss_by_hand():
    """What the cross entropy of a linear layer keeps."""
    x, y = torch.randn(7, 5), torch.randint(3, (7,))
    w, b = torch.randn(3, 5, requires_grad=True), torch.randn(3, requires_grad=True)
    pictures, labels, logarithms, total_weight = 7 * 5 * 4, 7 * 8, 7 * 3 * 4, 4
    expected = pictures + labels + logarithms + total_weight
    assert kept_by_the_graph(lambda: cross_entropy(linear(x, w, b), y)) == expected
    assert kept_by_the_graph(lambda: cross_entropy(linear(x, w, b), y), [x]) == expected - pictures


def test_first_order_keeps_one_gradient_a_step():
    size = sum(w.numel() for w in (nn.Conv2d(1, 4, 3), nn.Linear(144, 10)) for w in w.parameters())
    kept = [kept_by_the_graph(unrolled(steps, first_order=True)) for steps in (1, 2, 3)]
    assert kept[2] - kept[1] == kept[1] - kept[0] == 4 * size


@pytest.mark.parametrize("first_order", [False, True])
def test_shapes_without_numbers_are_enough(first_order):
    real, shapes = (kept_by_the_graph(unrolled(2, first_order, on)) for on in ("cpu", "meta"))
    assert real == shapes


def test_views_count_once_with_what_they_are_views_of():
    wide = torch.randn(100)
    x = torch.randn(10, requires_grad=True)
    assert kept_by_the_graph(lambda: wide[:10] * x + wide[50:60] * x) == 400
    assert kept_by_the_graph(lambda: wide[:10] * x, besides=[wide[90:]]) == 0


def test_what_is_given_up_does_not_count():
    x = torch.randn(10, requires_grad=True)

    def compute():
        x.exp().exp()
        return x.exp()

    assert kept_by_the_graph(compute) == 40


def test_the_graph_is_freed():
    """An operation that saves its own result must not hold it for ever."""
    x, results = torch.randn(10, requires_grad=True), []

    def compute():
        result = x.exp().sigmoid().tanh()
        results.append(weakref.ref(result))
        return result

    gc.disable()
    try:
        assert kept_by_the_graph(compute) == 120
        assert results[0]() is None
    finally:
        gc.enable()
