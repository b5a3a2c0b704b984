"""The drawn window: what is orange is what autograd reaches."""

import itertools

import pytest
import torch

from l2l_ref.figures import plots, unrolled
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.randomness import generator
from l2l_ref.tasks import Quadratics
from l2l_ref.unroll import begin, unroll

UPDATES = 3
COUNTED = [
    counted
    for size in range(1, UPDATES + 2)
    for counted in itertools.combinations(range(UPDATES + 1), size)
]


def reached_by_autograd(counted):
    """The updates of a real window that get a gradient from the counted losses."""
    optimizer, made = LSTMOptimizer(), []
    optimizer.register_forward_hook(lambda module, inputs, result: made.append(result[0]))
    run = begin(Quadratics.sample(1, generator(0)), optimizer)
    after, _ = unroll(optimizer, run, UPDATES)
    losses = [run.loss, *after]
    total = sum(losses[t].sum() for t in counted)
    if not total.requires_grad:
        return set()
    found = torch.autograd.grad(total, made)  # through the stack of all losses
    return {t for t, gradient in enumerate(found) if gradient.any()}


@pytest.mark.parametrize("counted", COUNTED)
def test_the_updates_on_the_way_are_those_that_autograd_reaches(counted):
    on_the_way = unrolled.taken(UPDATES, counted)
    drawn = {t for (row, t), (end, _) in on_the_way if (row, end) == ("m", "theta")}
    assert drawn == reached_by_autograd(counted)


@pytest.mark.parametrize(
    ("counted", "thick"),
    [
        (None, 3 + 2 + 3 + 2),  # m to theta, theta to theta, theta to f, m to m
        ([0, 1, 2], 2 + 1 + 2 + 1),  # the last update leads nowhere (finding 11)
        ([0], 0),
    ],
)
def test_what_is_drawn(counted, thick):
    _, axes = plots.new_figure()
    unrolled.unrolled_graph(axes, UPDATES, counted)
    arrows = [text.arrow_patch for text in axes.texts if getattr(text, "arrow_patch", None)]
    widths = [arrow.get_linewidth() for arrow in arrows]
    assert widths.count(unrolled.TAKEN["linewidth"]) == thick
    styles = [arrow.get_linestyle() for arrow in arrows]
    assert sum(style not in ("-", "solid") for style in styles) == UPDATES  # the dashed edges
