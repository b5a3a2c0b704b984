"""The examining side of exercise 05: a network, its data, and a comparison that can be trusted."""

from ..examining import Check, Question
from .batches import exam_minibatch, exam_standardise
from .comparing import exam_compare
from .deal import exam_deal
from .flaws import exam_flaws
from .pairing import exam_paired_sums
from .perceptron import exam_family, exam_perceptron
from .run import run_deal, run_minibatch, run_perceptron, run_standardise
from .run_pairs import run_compare, run_family, run_paired_sums, run_verdict
from .suspects import run_covers, run_flaws
from .testing import exam_covers
from .verdict import exam_verdict

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.tasks",
    "l2l_ref.evaluation",
    "l2l_ref.bench.claims",
    "l2l_ref.minimizers",
)


check = Check(
    "mnist",
    version="8",
    questions={
        "Perceptron": Question(2, exam_perceptron, run_perceptron),
        "deal": Question(1.5, exam_deal, run_deal),
        "standardise": Question(1, exam_standardise, run_standardise),
        "minibatch": Question(2, exam_minibatch, run_minibatch),
        "paired_sums": Question(2.5, exam_paired_sums, run_paired_sums),
        "compare": Question(2, exam_compare, run_compare),
        "covers": Question(1.5, exam_covers, run_covers),
        "family": Question(0.5, exam_family, run_family),
        "verdict": Question(2.5, exam_verdict, run_verdict),
        "flaws": Question(1.5, exam_flaws, run_flaws),
    },
)
