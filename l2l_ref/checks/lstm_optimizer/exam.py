"""The examining side of exercise 03: the learned optimizer, one window of it, and its gradient."""

from ..examining import Check, Question
from .features import exam_log_and_sign
from .meta_step import exam_meta_step
from .run import (
    run_log_and_sign,
    run_meta_loss,
    run_meta_step,
    run_step,
    run_step_all,
    run_truncated,
)
from .steps import exam_step
from .suspects import run_is_meta_gradient
from .testing import exam_is_meta_gradient
from .updates import exam_step_all
from .windows import exam_meta_loss, exam_truncated

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.preprocess",
    "l2l_ref.optimizers",
    "l2l_ref.tape",
    "l2l_ref.unroll",
    "l2l_ref.minimizers",
    "l2l_ref.training",
)


check = Check(
    "lstm_optimizer",
    version="7",
    questions={
        "log_and_sign": Question(1.5, exam_log_and_sign, run_log_and_sign),
        "step": Question(2.5, exam_step, run_step),
        "step_all": Question(2.5, exam_step_all, run_step_all),
        "meta_loss": Question(3.5, exam_meta_loss, run_meta_loss),
        "truncated": Question(2, exam_truncated, run_truncated),
        "meta_step": Question(3, exam_meta_step, run_meta_step),
        "is_meta_gradient": Question(2, exam_is_meta_gradient, run_is_meta_gradient),
    },
)
