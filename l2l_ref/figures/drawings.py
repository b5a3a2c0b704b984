"""Autograd graphs as small figures of boxes and arrows.

Nothing is drawn that is not there: `graph_of` walks from ``tensor.grad_fn`` to the leaves, so a
figure shows the graph of the code that ran, and a cut shows as a missing arrow.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from torch import Tensor
from torch.autograd.graph import Node

from ..support.errors import InputError
from .plots import ORANGE, STYLE

MARK = ORANGE
FONT_SIZE = STYLE["font.size"]
HEIGHT, PITCH, GAP = 0.3, 0.5, 0.16  # of a box, from row to row, between boxes; in inches

Edge = tuple[int, int]  # from an input to a result


@dataclass(frozen=True)
class Graph:
    """An autograd graph as plain data; nodes are numbered so that inputs come before results.

    Args:
        labels: what stands in each node's box.
        leaves: the nodes that are tensors without a history; all others are operations.
        edges: each once, in the order of their results.
        marked: the nodes that depend on the traced tensor, itself included.
    """

    labels: tuple[str, ...]
    leaves: frozenset[int]
    edges: tuple[Edge, ...]
    marked: frozenset[int]


def graph_of(
    tensor: Tensor,
    names: Mapping[str, Tensor] | None = None,
    trace: Tensor | None = None,
    fold: bool = False,
) -> Graph:
    """The graph that a tensor carries.

    Args:
        tensor: the result.
        names: what to call some of the tensors. Those that the graph does not reach become nodes
            without edges.
        trace: mark what depends on this one.
        fold: join operations that serve one named result alone with it.

    Raises:
        InputError: the tensor carries no graph.
    """
    if tensor.grad_fn is None:
        raise InputError("the tensor carries no graph: it is a leaf, or the graph was cut")
    inputs, names = _inputs(tensor.grad_fn), names or {}
    called = {node: name for name, other in names.items() for node in inputs if _is(node, other)}
    hosts = _hosts(inputs, called) if fold else {node: node for node in inputs}
    nodes = [node for node in inputs if hosts[node] is node]
    number = {node: n for n, node in enumerate(nodes)}
    pairs = ((number[hosts[a]], number[hosts[b]]) for b in inputs for a in inputs[b])
    edges = sorted({(a, b) for a, b in pairs if a != b}, key=lambda edge: edge[::-1])

    marked = {number[node] for node in nodes if trace is not None and _is(node, trace)}
    for start, end in edges:
        if start in marked:
            marked.add(end)

    folded = {node: sum(host is node for host in hosts.values()) for node in nodes}
    labels = [_label(node, called.get(node), folded[node]) for node in nodes]
    alone = [name for name in names if name not in called.values()]
    leaves = {number[node] for node in nodes if _variable(node) is not None}
    leaves |= set(range(len(labels), len(labels) + len(alone)))
    return Graph((*labels, *alone), frozenset(leaves), tuple(edges), frozenset(marked))


def _inputs(result: Node) -> dict[Node, list[Node]]:
    """Every node behind a result with its inputs, and those before itself."""
    found, waiting = {}, [result]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found[node] = [source for source, _ in node.next_functions if source is not None]
            waiting += found[node]
    return {node: found[node] for node in TopologicalSorter(found).static_order()}


def _hosts(inputs: Mapping[Node, list[Node]], called: Mapping[Node, str]) -> dict[Node, Node]:
    """For each node the one that it is drawn with: itself, or the only one it serves."""
    users = {node: [] for node in inputs}
    for node, sources in inputs.items():
        for source in sources:
            users[source].append(node)
    hosts = {}
    for node in reversed(inputs):
        served = {hosts[user] for user in users[node]}
        own = node in called or _variable(node) is not None or len(served) != 1
        hosts[node] = node if own else served.pop()
    return hosts


def _variable(node: Node) -> Tensor | None:
    """The leaf tensor that an ``AccumulateGrad`` node stands for."""
    return getattr(node, "variable", None)


def _is(node: Node, tensor: Tensor) -> bool:
    return _variable(node) is tensor or tensor.grad_fn is node


def _label(node: Node, name: str | None, folded: int) -> str:
    """``w`` for a leaf, ``sub`` for an operation, ``v = sub`` for one whose result has a name."""
    if _variable(node) is not None:
        return name or "leaf"
    words = re.sub(r"Backward\d*$", "", node.name())
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words).lower()
    what = words if folded == 1 else f"{folded} operations"
    return f"{name} = {what}" if name else what


def autograd_graph(
    axes: Axes,
    tensor: Tensor,
    names: Mapping[str, Tensor] | None = None,
    trace: Tensor | None = None,
    fold: bool = False,
) -> None:
    """Draw the graph of a tensor, from the leaves on top to the tensor at the bottom.

    Operations are boxes, leaf tensors have round ends, and arrows go the way of the computation.
    A named tensor that the graph does not reach stands apart, dashed.

    Args:
        axes: to draw into. Sizes are in inches, so what takes room in the figure must be final:
            its own size, titles, and that other axes for graphs are off.
        tensor: the result.
        names: what to call some of the tensors; mathematics between dollar signs.
        trace: draw in orange and thick what depends on this one.
        fold: join operations that serve one named result alone with it.

    Raises:
        InputError: the tensor carries no graph, or the axes are too small for it.
    """
    graph = graph_of(tensor, names, trace, fold)
    axes.set_axis_off()
    axes.figure.draw_without_rendering()  # gives the axes their final place
    width, height = axes.get_window_extent().size / axes.figure.dpi
    axes.set(xlim=(0, width), ylim=(0, height))  # from here on, one unit is one inch
    widths = np.array([_width(label) for label in graph.labels])
    places, routes = _lay_out(graph, widths)
    left, right = (places[:, 0] - widths / 2).min(), (places[:, 0] + widths / 2).max()
    margin = HEIGHT / 2 + 0.03
    needed = (right - left + 0.06, np.ptp(places[:, 1]) + 2 * margin)
    if needed[0] > width or needed[1] > height:
        raise InputError(
            f"the graph needs {needed[0]:.2f} by {needed[1]:.2f} inches; the axes have "
            f"{width:.2f} by {height:.2f}"
        )
    shift = np.array([(width - left - right) / 2, height - margin - places[:, 1].max()])
    for node in range(len(graph.labels)):
        _draw_node(axes, graph, node, places[node] + shift, widths[node])
    for (start, _), route in routes.items():
        _draw_edge(axes, route + shift, marked=start in graph.marked)


def _width(label: str) -> float:
    """How wide the box of a label is, in inches."""
    text = TextPath((0, 0), label, prop=FontProperties(size=FONT_SIZE))
    return max(text.get_extents().width / 72 + 0.2, 0.38)


def _lay_out(graph: Graph, widths: np.ndarray) -> tuple[np.ndarray, dict[Edge, np.ndarray]]:
    """Places for boxes and routes for arrows.

    An edge that passes a row has a place there as well, so that it runs around the boxes.

    Returns:
        the centres of the boxes, [nodes, 2], and for each edge its points, [points, 2].
    """
    level, bends = _levels(graph), itertools.count(len(widths))
    rows = [[] for _ in range(max(level) + 1)]
    for node in range(len(widths)):
        rows[level[node]].append(node)
    chains = {}
    for start, end in graph.edges:
        passed = range(level[start] + 1, level[end])
        chains[start, end] = [start, *itertools.islice(bends, len(passed)), end]
        for row, bend in zip(passed, chains[start, end][1:-1], strict=True):
            rows[row].append(bend)

    x = _columns(rows, list(chains.values()), widths)
    place = {p: np.array([x[p], -PITCH * nth]) for nth, row in enumerate(rows) for p in row}
    routes = {edge: np.array([place[p] for p in chain]) for edge, chain in chains.items()}
    for node in range(len(widths)):  # arrows that meet in a box end side by side
        ends = [edge for edge in graph.edges if edge[1] == node]
        ends.sort(key=lambda edge: routes[edge][-2][0])
        for nth, edge in enumerate(ends):
            routes[edge][0] -= (0, HEIGHT / 2)
            routes[edge][-1] += ((nth - (len(ends) - 1) / 2) * 0.16, HEIGHT / 2)
    return np.array([place[node] for node in range(len(widths))]), routes


def _levels(graph: Graph) -> list[int]:
    """The row of each node: right above its first use for a leaf, else below all its inputs."""
    level = [0] * len(graph.labels)
    for start, end in graph.edges:
        level[end] = max(level[end], level[start] + 1)
    for leaf in graph.leaves:
        level[leaf] = min((level[b] - 1 for a, b in graph.edges if a == leaf), default=0)
    return level


def _columns(rows: list[list[int]], chains: list[list[int]], widths: np.ndarray) -> dict:
    """An x for every place, close to its neighbours', with gaps between the boxes of a row."""
    near = {place: [] for row in rows for place in row}
    for above, below in itertools.chain.from_iterable(map(itertools.pairwise, chains)):
        weight = 8 if min(above, below) >= len(widths) else 1  # two bends: keep arrows straight
        near[above] += [below] * weight
        near[below] += [above] * weight
    x = {place: float(nth) for row in rows for nth, place in enumerate(row)}
    for sweep in range(60):
        for row in rows if sweep % 2 else rows[::-1]:
            wish = {p: float(np.mean([x[q] for q in near[p]] or [x[p]])) for p in row}
            if sweep < 30:  # after that the order stays
                row.sort(key=wish.get)
            half = [widths[p] / 2 if p < len(widths) else 0.0 for p in row]
            x.update(zip(row, _apart([wish[p] for p in row], half), strict=True))
    return x


def _apart(wishes: Sequence[float], half: Sequence[float]) -> list[float]:
    """Centres of boxes in a row, in their order and a gap apart, as near the wishes as can be."""
    steps = [a + b + GAP for a, b in itertools.pairwise(half)]
    offsets = list(itertools.accumulate(steps, initial=0.0))
    blocks = []  # of boxes that stand a gap apart: their mean wish and their number
    for wish, offset in zip(wishes, offsets, strict=True):
        mean, count = wish - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    means = itertools.chain.from_iterable([mean] * count for mean, count in blocks)
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _draw_node(axes: Axes, graph: Graph, node: int, place: np.ndarray, width: float) -> None:
    leaf, alone = node in graph.leaves, not any(node in edge for edge in graph.edges)
    look = f"round,pad=0,rounding_size={HEIGHT / 2 if leaf else 0.03}"
    corner = place - (width / 2, HEIGHT / 2)
    box = FancyBboxPatch(corner, width, HEIGHT, boxstyle=look, **_look(node in graph.marked))
    box.set(facecolor="none", linestyle=(0, (3, 2)) if alone and leaf else "-")
    axes.add_patch(box)
    label = graph.labels[node]
    axes.text(*place, label, ha="center", va="center_baseline", fontsize=FONT_SIZE)


def _draw_edge(axes: Axes, points: np.ndarray, marked: bool) -> None:
    """An arrow along the points: straight down past the boxes of a row, curved between rows."""
    up = np.array([0, HEIGHT / 2])
    points = [points[0], *(q for p in points[1:-1] for q in (p + up, p - up)), points[-1]]
    vertices, codes = [points[0]], [Path.MOVETO]
    for start, end in itertools.pairwise(points):
        bow = np.array([0, (start[1] - end[1]) / 2])
        vertices += [start - bow, end + bow, end]
        codes += [Path.CURVE4] * 3
    arrow = FancyArrowPatch(path=Path(vertices, codes), arrowstyle="-|>", **_look(marked))
    arrow.set(mutation_scale=11, facecolor=MARK if marked else "black")
    axes.add_patch(arrow)


def _look(marked: bool) -> dict:
    color = MARK if marked else "black"
    return {"edgecolor": color, "linewidth": 2.2 if marked else 1.2}
