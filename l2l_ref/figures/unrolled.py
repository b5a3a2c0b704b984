"""The unrolled inner loop as a figure, after the paper's figure 2.

Which edges a meta-gradient takes follows from the graph: those on a way from the optimizer's
weights, which every ``m`` uses, to a loss that the meta-loss counts. The dashed edges, along
which the optimizee's gradients reach the optimizer, are drawn and never taken.
"""

from collections.abc import Iterable

from matplotlib.axes import Axes

from .plots import ORANGE

Node = tuple[str, int]  # ("theta", t), ("f", t) or ("m", t): its row, its time
Edge = tuple[Node, Node]

HEIGHTS = {"theta": 2.0, "f": 1.0, "m": 0.0}
SHAPES = {"theta": "circle,pad=0.3", "f": "round,pad=0.35", "m": "square,pad=0.45"}
ROOM = {"theta": 13, "f": 12, "m": 13}  # from a node's centre to an arrow's end, in points

TAKEN = {"color": ORANGE, "linewidth": 2.4}
IDLE = {"color": "black", "linewidth": 1.0}
DROPPED = {"color": "black", "linewidth": 1.0, "linestyle": (0, (4, 3))}


def solid(updates: int) -> list[Edge]:
    """The edges that are differentiated: all but those from a loss to the optimizer."""
    edges = []
    for t in range(updates + 1):
        edges.append((("theta", t), ("f", t)))
        if t < updates:
            edges.append((("theta", t), ("theta", t + 1)))
            edges.append((("m", t), ("theta", t + 1)))
        if t < updates - 1:
            edges.append((("m", t), ("m", t + 1)))
    return edges


def dashed(updates: int) -> list[Edge]:
    """The edges that the paper drops: the optimizee's gradients, as functions of theta."""
    return [(("f", t), ("m", t)) for t in range(updates)]


def taken(updates: int, counted: Iterable[int]) -> set[Edge]:
    """The edges on a way from any ``m`` to a counted loss.

    Args:
        updates: in the window.
        counted: the times of the losses that the meta-loss adds up.
    """
    edges = solid(updates)
    depends = _reached([("m", t) for t in range(updates)], edges)
    matters = _reached([("f", t) for t in counted], [(end, start) for start, end in edges])
    return {(start, end) for start, end in edges if start in depends and end in matters}


def _reached(sources: list[Node], edges: list[Edge]) -> set[Node]:
    """The sources and all that arrows lead to from them."""
    found, waiting = set(), list(sources)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [end for start, end in edges if start == node]
    return found


def unrolled_graph(axes: Axes, updates: int = 3, counted: Iterable[int] | None = None) -> None:
    """Draw a window of the inner loop.

    Thick and orange are the edges that the meta-gradient takes, the losses that count and the
    optimizers that it reaches; dashed are the edges that the paper drops.

    Args:
        axes: to draw into.
        updates: in the window.
        counted: the times of the losses that the meta-loss adds up; by default those after each
            update, 1 to ``updates``.
    """
    counted = set(range(1, updates + 1) if counted is None else counted)
    on_the_way = taken(updates, counted)
    trained = {start for start, _ in on_the_way if start[0] == "m"}
    marked = trained | {("f", t) for t in counted}

    axes.set_axis_off()
    axes.set(xlim=(-0.75, 2 * updates + 0.4), ylim=(-0.4, 2.4))
    for edge in solid(updates):
        _draw_edge(axes, *edge, **(TAKEN if edge in on_the_way else IDLE))
    for edge in dashed(updates):
        _draw_edge(axes, *edge, **DROPPED)
    for t in range(updates + 1):
        _draw_node(axes, ("theta", t), rf"$\theta_{t}$", marked)
        _draw_node(axes, ("f", t), f"$f_{t}$", marked)
    for t in range(updates):
        _draw_node(axes, ("m", t), "$m$", marked)
        x = 2 * t
        axes.text(x + 0.42, 0.36, rf"$\nabla_{t}$", ha="right", va="center")
        axes.text(x + 1.36, 1.0, f"$g_{t}$", ha="right", va="center")
        axes.text(x, 0.1, f"$h_{t}$", ha="center", va="bottom")
    axes.annotate("", _place(("m", 0)), (-0.5, 0), arrowprops=_arrow(0, ROOM["m"]) | IDLE)


def _place(node: Node) -> tuple[float, float]:
    """An ``m`` stands between the thetas before and after its update."""
    row, t = node
    return 2.0 * t + (row == "m"), HEIGHTS[row]


def _draw_node(axes: Axes, node: Node, label: str, marked: set[Node]) -> None:
    look = TAKEN if node in marked else IDLE
    box = {"boxstyle": SHAPES[node[0]], "facecolor": "none", "edgecolor": look["color"]}
    box["linewidth"] = look["linewidth"]
    axes.text(*_place(node), label, ha="center", va="center", bbox=box)


def _draw_edge(axes: Axes, start: Node, end: Node, **look) -> None:
    arrow = _arrow(ROOM[start[0]], ROOM[end[0]]) | look
    axes.annotate("", _place(end), _place(start), arrowprops=arrow)


def _arrow(room_before: int, room_after: int) -> dict:
    return {"arrowstyle": "-|>", "shrinkA": room_before, "shrinkB": room_after}
