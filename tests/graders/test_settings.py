"""What holds for a whole process is not an answer's to change, in any question."""

import functools
import os
import sys

import pytest
import torch
from answers import solved

from l2l_ref.checks import NAMES, get_check
from l2l_ref.checks.settings import settings

QUESTIONS = [
    (name, question)
    for name in NAMES
    for question in get_check(name).points
    if not isinstance(solved(name)[question], type)
]


def careless(right):
    """A right answer that leaves two settings on, each of which leaves its own numbers right."""

    @functools.wraps(right)
    def answer(*arguments, **options):
        try:
            return right(*arguments, **options)
        finally:
            torch.autograd.set_detect_anomaly(True)
            torch.set_float32_matmul_precision("high")

    return answer


@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_what_is_left_on_costs_points(name, question):
    answer = careless(solved(name)[question])
    report = get_check(name).examine(question, {**solved(name), question: answer})
    assert report.points < report.out_of
    assert "torch.is_anomaly_enabled()" in str(report)
    assert "torch.get_float32_matmul_precision()" in str(report)


def test_settings_are_called_as_one_types_them():
    assert {name.split(".")[0] for name in settings()} == {"torch", "sys", "os"}
    at_hand = {"torch": torch, "sys": sys, "os": os}
    assert all(callable(eval(name.removesuffix("()"), at_hand)) for name in settings())
