"""The examining side of exercise 06: a residual network whose step can be differentiated."""

from ..examining import Check, Question
from .beginnings import exam_initialise, exam_load
from .block import exam_block
from .building import run_block, run_make_meta
from .conversion import exam_make_meta
from .memory import exam_held
from .run import (
    run_held,
    run_initialise,
    run_inner_loop,
    run_load,
    run_loss_after_step,
)
from .steps import exam_inner_loop, exam_step
from .suspects import run_order_of
from .testing import exam_order_of

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.support.graph_memory",
    "l2l_ref.modules",
    "l2l_ref.resnet",
)


check = Check(
    "meta_resnet",
    version="4",
    questions={
        "MetaBasicBlock": Question(3, exam_block, run_block),
        "make_meta": Question(3, exam_make_meta, run_make_meta),
        "initialise": Question(1.5, exam_initialise, run_initialise),
        "load_pretrained": Question(1.5, exam_load, run_load),
        "loss_after_step": Question(3, exam_step, run_loss_after_step),
        "order_of": Question(1.5, exam_order_of, run_order_of),
        "inner_loop": Question(2, exam_inner_loop, run_inner_loop),
        "held_bytes": Question(1.5, exam_held, run_held),
    },
)
