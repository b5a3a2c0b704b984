"""The examining side of exercise 06: what a graph keeps, and all questions with their points."""

import torch

from ...support.graph_memory import kept_by_the_graph
from ..examining import Check, Lost, Question, must_be_kept, told
from .beginnings import exam_initialise, exam_load
from .block import exam_block
from .building import run_block, run_make_meta
from .conversion import exam_make_meta
from .exact import must_not_remember
from .graphs import computation, run_held
from .run import (
    run_initialise,
    run_inner_loop,
    run_load,
    run_loss_after_step,
)
from .steps import exam_inner_loop, exam_step
from .suspects import run_diagnose, run_order_of
from .testing import exam_diagnose, exam_order_of

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.support.graph_memory",
    "l2l_ref.modules",
    "l2l_ref.resnet",
)


# 7. held_bytes

KINDS = {
    "outputs": "x.exp().exp().exp(), which saves three results",
    "views": "a computation that saves two views of one tensor",
    "twice": "a computation in which three operations save the same tensor",
    "equal": "a computation that saves two tensors with equal numbers",
    "weights": "a linear layer, whose weight is saved as such, transposed and in part",
    "several": "a computation with a dict of results",
    "listed": "a computation that saves two leaves, one of which is not in the list of weights",
    "masks": "a computation that saves a mask, an index and an empty view, with a tuple of results",
    "part": "a weight that is a part of a tensor, and a computation that saves another part",
    "long": "thirty operations, whose results are NaN at last",
    "constant": "a frozen weight that is saved, and a weight that is listed twice",
    "dropped": "a computation that gives up parts of what it has made",
    "first_order": "a step in first order",
    "second_order": "the same step in second order",
    "turned": "a computation that saves a square tensor and its transpose, and takes a gradient",
    "nothing": "a computation under no_grad()",
    "without": "a computation that returns None",
}
GONE = "nothing was left when you counted: who held the result of compute(), and with it the graph?"
ONCE = ("views", "twice", "equal", "weights", "several", "outputs")
ONCE_MORE = ("listed", "masks", "part", "long", "constant")
IN_THE_END = ("outputs", "dropped", "first_order", "second_order", "turned", "nothing", "several")


def exam_held(generator, ask, report):
    """Memory counts once; what was given up does not count."""

    def judge(kind: str, idea: str, precision: str = "float32", **how) -> dict:
        sizes = torch.randint(3, 40, (2,), generator=generator).tolist()
        asked = {"kind": kind, "sizes": sizes, "precision": precision}
        asked |= {"before": "", "no_grad": False, "probe_slopes": False} | how
        given = given_in_words(asked)
        reply = told(ask, asked, given)
        with torch.set_grad_enabled(not asked["no_grad"]):
            expected = kept_by_the_graph(*computation(kind, sizes, getattr(torch, precision)))
        if reply["bytes"] != expected:
            look = idea if reply["bytes"] else GONE
            raise Lost(f"{float(reply['bytes']):g} bytes", f"{expected} bytes", given, look)
        if reply["calls"] != 1:
            raise Lost(
                f"{reply['calls']} calls of compute()",
                "one call",
                given,
                "what compute() does may take long; keep its result and look at that",
            )
        must_be_kept(reply["changed"], given, "look, and leave everything in its place")
        return reply | {"given": given}

    once = (
        "count storages, by their data_ptr(), and each with its nbytes(); leave out those of the "
        "weights. id() of a tensor does not do: views are tensors of their own"
    )
    with report.criterion("held bytes: each piece of memory once, the weights not at all", 0.75):
        for kind in ONCE:
            judge(kind, once)
            judge(kind, once, "float64")
        for kind in ONCE_MORE:
            judge(kind, once)
    with report.criterion("held bytes: what the graph holds in the end", 0.75):
        at_the_end = (
            "count when compute() has returned, while its result exists: what a WeakSet of the "
            "objects that pack returned still has. If they hold a result with its graph, they stay"
        )
        for kind in (*IN_THE_END, "without"):
            judge_the_end(judge(kind, at_the_end, probe_slopes=True))
        judge_the_end(judge("second_order", at_the_end, "float64", before="outputs"))
        judge_the_end(judge("outputs", at_the_end, no_grad=True))


def given_in_words(asked: dict) -> str:
    """What the student's function was given."""
    given = (
        f"{KINDS[asked['kind']]}, in {asked['precision']}, with {asked['sizes'][0]} numbers in x"
    )
    if asked["before"]:
        given += f"; called before for {KINDS[asked['before']]}, a result that is still there"
    return given + "; all of it under no_grad()" * asked["no_grad"]


def judge_the_end(reply: dict) -> None:
    """Nothing may be left behind, neither the graph nor the hooks.

    Raises:
        Lost: it is.
    """
    given, block = reply["given"], "`with` takes the hooks away, whatever happens inside"
    circle = "the result goes when nobody has it any more; a circle through the graph keeps it"
    if reply["other_result"]:
        back = (
            "unpack returns what pack was given: these numbers, with this shape and these strides"
        )
        came_back = "compute(), or the gradient of its result, came to other numbers"
        raise Lost(came_back, "those without hooks", given, back)
    must_not_remember(reply["remembered"], "the result of compute()", given, circle)
    if reply["hooked"]:
        raise Lost("hooks that are still active", "none", given, block)
    failing = "compute() raises an error of its own"
    if not reply["raised"]:
        raise Lost("nothing was raised", "the error of compute()", failing, block)
    if reply["hooked_after_an_error"]:
        raise Lost("hooks that are still active", "none", failing, block)


# All of it

check = Check(
    "meta_resnet",
    version="9",
    questions={
        "MetaBasicBlock": Question(2.5, exam_block, run_block),
        "make_meta": Question(2.5, exam_make_meta, run_make_meta),
        "initialise": Question(1.5, exam_initialise, run_initialise),
        "load_pretrained": Question(1, exam_load, run_load),
        "loss_after_step": Question(3, exam_step, run_loss_after_step),
        "order_of": Question(1.5, exam_order_of, run_order_of),
        "inner_loop": Question(2, exam_inner_loop, run_inner_loop),
        "diagnose": Question(1.5, exam_diagnose, run_diagnose),
        "held_bytes": Question(1.5, exam_held, run_held),
    },
)
