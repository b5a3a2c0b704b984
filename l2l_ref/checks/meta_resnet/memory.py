"""The question of exercise 06 on what a graph keeps in memory, in bytes."""

import torch

from ...support.graph_memory import kept_by_the_graph
from ..examining import Lost, must_be_kept, told
from .run import computation

KINDS = {
    "outputs": "x.exp().exp().exp(), which saves three results",
    "views": "a computation that saves two views of one tensor",
    "twice": "a computation in which three operations save the same tensor",
    "equal": "a computation that saves two tensors with equal numbers",
    "weights": "a linear layer, whose weight is saved as such, transposed and in part",
    "several": "a computation with a dict of results",
    "dropped": "a computation that gives up parts of what it has made",
    "first_order": "a step in first order",
    "second_order": "the same step in second order",
    "nothing": "a computation under no_grad()",
}


def exam_held(generator, ask, report):
    """Memory counts once; what was given up does not count."""

    def judge(kind: str, idea: str, precision: str = "float32") -> None:
        sizes = torch.randint(3, 40, (2,), generator=generator).tolist()
        asked = {"kind": kind, "sizes": sizes, "precision": precision}
        given = f"{KINDS[kind]}, in {precision}, with {sizes[0]} numbers in x"
        reply = told(ask, asked, given)
        expected = kept_by_the_graph(*computation(kind, sizes, getattr(torch, precision)))
        if reply["bytes"] != expected:
            raise Lost(f"{float(reply['bytes']):g} bytes", f"{expected} bytes", given, idea)
        if reply["calls"] != 1:
            raise Lost(
                f"{reply['calls']} calls of compute()",
                "one call",
                given,
                "what compute() does may take long; keep its result and look at that",
            )
        must_be_kept(reply["changed"], given, "look, and leave everything in its place")

    once = (
        "count storages, by their data_ptr(), and each with its nbytes(); leave out those of the "
        "weights. id() of a tensor does not do: views are tensors of their own"
    )
    with report.criterion("held bytes: each piece of memory once, the weights not at all", 0.75):
        for kind in ("views", "twice", "equal", "weights", "several", "outputs"):
            judge(kind, once)
            judge(kind, once, "float64")
    with report.criterion("held bytes: what the graph holds in the end", 0.75):
        at_the_end = (
            "count when compute() has returned, while its result exists: what a WeakSet of the "
            "objects that pack returned still has. If they hold a result with its graph, they stay"
        )
        for kind in ("outputs", "dropped", "first_order", "second_order", "nothing", "several"):
            judge(kind, at_the_end)
        judge("second_order", at_the_end, "float64")
