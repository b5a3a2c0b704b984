"""The examining side of exercise 04: quadratics, rivals, comparison, meta-step and race."""

from ..examining import Check, Question
from .comparison import exam_compare
from .descent import exam_capped_sums, exam_minimize
from .functions import exam_losses_and_gradients, exam_sample
from .meta_step import exam_meta_step
from .race import exam_learned
from .read_off import exam_read_off
from .rules import exam_adam, exam_momentum, exam_rmsprop
from .run import (
    run_capped_sums,
    run_compare,
    run_learned,
    run_losses_and_gradients,
    run_meta_step,
    run_minimize,
    run_read_off,
    run_rule,
    run_sample,
)
from .suspects import run_is_adam
from .testing import exam_is_adam

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.optimizers",
    "l2l_ref.tasks",
    "l2l_ref.tape",
    "l2l_ref.unroll",
    "l2l_ref.minimizers",
    "l2l_ref.training",
    "l2l_ref.evaluation",
)


check = Check(
    "quadratics",
    version="7",
    questions={
        "sample": Question(1, exam_sample, run_sample),
        "losses_and_gradients": Question(1, exam_losses_and_gradients, run_losses_and_gradients),
        "momentum": Question(1, exam_momentum, run_rule),
        "rmsprop": Question(0.5, exam_rmsprop, run_rule),
        "adam": Question(1, exam_adam, run_rule),
        "is_adam": Question(2, exam_is_adam, run_is_adam),
        "minimize": Question(0.5, exam_minimize, run_minimize),
        "capped_sums": Question(1, exam_capped_sums, run_capped_sums),
        "compare": Question(2, exam_compare, run_compare),
        "meta_step": Question(3, exam_meta_step, run_meta_step),
        "learned": Question(3, exam_learned, run_learned),
        "read_off": Question(1, exam_read_off, run_read_off),
    },
)
