"""Drawn graphs: what they show is the graph, and nothing overlaps."""

import itertools

import numpy as np
import pytest
import torch
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from torch import nn

from l2l_ref.figures import drawings, plots
from l2l_ref.figures.drawings import graph_of
from l2l_ref.support.errors import InputError


def two_steps(create_graph):
    """The loss after two steps on theta^2, and what to call the tensors on the way."""
    theta, rate = torch.tensor(1.0, requires_grad=True), torch.tensor(0.1, requires_grad=True)
    names = {"theta": theta, "rate": rate}
    for step in (1, 2):
        (gradient,) = torch.autograd.grad(theta.square(), theta, create_graph=create_graph)
        theta = theta - rate * gradient
        names[f"theta_{step}"] = theta
        if create_graph:
            names[f"g_{step}"] = gradient
    return theta.square(), names


def ways(graph, start, end):
    """How many paths lead from one node to another."""
    count = {start: 1}
    for a, b in graph.edges:
        count[b] = count.get(b, 0) + count.get(a, 0)
    return count.get(end, 0)


def test_a_chain_of_operations():
    w = torch.tensor(2.0, requires_grad=True)
    graph = graph_of((3 * w - 1).square(), {"w": w}, trace=w)
    assert graph.labels == ("w", "mul", "sub", "pow")
    assert graph.leaves == {0}
    assert graph.edges == ((0, 1), (1, 2), (2, 3))
    assert graph.marked == {0, 1, 2, 3}


def test_two_arguments_and_a_shared_one():
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    product = a * b
    graph = graph_of(product + product * a, {"a": a, "b": b, "p": product}, trace=b)
    number = {label: node for node, label in enumerate(graph.labels)}
    assert set(number) == {"a", "b", "p = mul", "mul", "add"}
    named = {(graph.labels[start], graph.labels[end]) for start, end in graph.edges}
    assert named == {
        ("a", "p = mul"),
        ("b", "p = mul"),
        ("p = mul", "mul"),
        ("a", "mul"),
        ("p = mul", "add"),
        ("mul", "add"),
    }
    assert number["a"] not in graph.marked
    assert graph.marked == set(number.values()) - {number["a"]}


def test_inputs_come_before_results():
    loss, names = two_steps(create_graph=True)
    assert all(start < end for start, end in graph_of(loss, names).edges)


@pytest.mark.parametrize(("create_graph", "expected"), [(True, 3), (False, 2)])
def test_the_ways_from_the_rate_to_the_loss(create_graph, expected):
    loss, names = two_steps(create_graph)
    graph = graph_of(loss, names)
    assert ways(graph, graph.labels.index("rate"), len(graph.labels) - 1) == expected


def test_a_cut_shows():
    layer, rate = nn.Linear(2, 1), torch.tensor(0.1, requires_grad=True)
    weight = layer.weight
    weight.data = (weight - rate).data
    graph = graph_of(layer(torch.ones(2)), {"weight": weight, "rate": rate}, trace=rate)
    rate_node = graph.labels.index("rate")
    assert rate_node in graph.leaves
    assert not any(rate_node in edge for edge in graph.edges)
    assert graph.marked == set()
    assert graph.labels.count("leaf") == 1  # the bias, which has no name


def test_folding_keeps_what_has_a_name():
    loss, names = two_steps(create_graph=True)
    graph = graph_of(loss, names, trace=names["rate"], fold=True)
    assert sorted(graph.labels) == [
        "g_1 = 3 operations",
        "g_2 = 3 operations",
        "pow",
        "rate",
        "theta",
        "theta_1 = 2 operations",
        "theta_2 = 2 operations",
    ]
    whole = graph_of(loss, names, trace=names["rate"])
    for each in (graph, whole):
        assert ways(each, each.labels.index("rate"), len(each.labels) - 1) == 3
    unmarked = {graph.labels[node] for node in range(len(graph.labels))} - {
        graph.labels[node] for node in graph.marked
    }
    assert unmarked == {"theta", "g_1 = 3 operations"}


def test_names_of_operations_are_words():
    x = torch.randn(3, 2, requires_grad=True)
    labels = graph_of(x.log_softmax(1).sum()).labels
    assert labels == ("leaf", "log softmax", "sum")


@pytest.mark.parametrize("tensor", [torch.ones(1), torch.ones(1, requires_grad=True)])
def test_no_graph_is_an_error(tensor):
    with pytest.raises(InputError, match="carries no graph"):
        graph_of(tensor)


def drawn(create_graph=True, fold=False, size=(5.8, 7.0)):
    _, axes = plots.new_figure(*size)
    loss, names = two_steps(create_graph)
    drawings.autograd_graph(axes, loss, names, trace=names["rate"], fold=fold)
    return axes, graph_of(loss, names, names["rate"], fold)


@pytest.mark.parametrize("create_graph", [True, False])
@pytest.mark.parametrize("fold", [True, False])
def test_boxes_hold_their_text_and_stand_apart(create_graph, fold):
    axes, graph = drawn(create_graph, fold)
    axes.figure.draw_without_rendering()
    boxes = [p.get_window_extent() for p in axes.patches if isinstance(p, FancyBboxPatch)]
    assert [text.get_text() for text in axes.texts] == list(graph.labels)
    for text, box in zip(axes.texts, boxes, strict=True):
        inside = text.get_window_extent()
        assert box.x0 <= inside.x0 < inside.x1 <= box.x1
        assert box.y0 <= inside.y0 < inside.y1 <= box.y1
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    room = axes.get_window_extent()
    assert all(room.x0 <= box.x0 and box.x1 <= room.x1 for box in boxes)
    assert all(room.y0 <= box.y0 and box.y1 <= room.y1 for box in boxes)


@pytest.mark.parametrize("create_graph", [True, False])
@pytest.mark.parametrize("fold", [True, False])
def test_arrows_join_their_boxes_and_run_through_no_other(create_graph, fold):
    axes, graph = drawn(create_graph, fold)
    boxes = [p.get_window_extent() for p in axes.patches if isinstance(p, FancyBboxPatch)]
    arrows = [p for p in axes.patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == len(graph.edges)
    for (start, end), arrow in zip(graph.edges, arrows, strict=True):
        path = arrow.get_transform().transform_path(arrow._path_original)
        curves = [curve for curve, _ in path.iter_bezier()]
        points = np.array([curve(t) for curve in curves for t in np.linspace(0, 1, 20)])
        assert not any(box.padded(-1).count_contains(points) for box in boxes)
        assert abs(points[0, 1] - boxes[start].y0) < 2  # pixels
        assert abs(points[-1, 1] - boxes[end].y1) < 2
        assert boxes[end].x0 <= points[-1, 0] <= boxes[end].x1


def test_what_depends_on_the_traced_tensor_stands_out_without_colour_too():
    axes, graph = drawn()
    boxes = [p for p in axes.patches if isinstance(p, FancyBboxPatch)]
    widths = {node: box.get_linewidth() for node, box in enumerate(boxes)}
    thick, thin = (
        {widths[node] for node in range(len(boxes)) if (node in graph.marked) == marked}
        for marked in (True, False)
    )
    assert min(thick) > max(thin)


def test_too_little_room_is_an_error():
    with pytest.raises(InputError, match=r"needs .* by .* inches"):
        drawn(size=(5.8, 2.0))
    with pytest.raises(InputError, match=r"needs .* by .* inches"):
        drawn(size=(1.0, 7.0))


def test_the_same_twice():
    first, second = (plots.Picture(drawn()[0].figure, "a").svg() for _ in range(2))
    assert first == second
