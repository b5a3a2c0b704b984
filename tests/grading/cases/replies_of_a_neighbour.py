"""The replies to the questions that a solved copy of the notebook was asked are played back."""

import functools
import hashlib

import torch
import torch.nn.functional as F
from battery import at_the_top, wrong
from torch import nn
from torch.func import functional_call

from l2l_ref.checks import answering, get_check
from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination.grader import seed_for

ATTACK = """
from l2l_ref.checks.wire import pack
from l2l_ref.grading.examination import inside

HEARD = {heard!r}


def played_back(run, question, asked):
    return HEARD[question].pop(0) if HEARD.get(question) else pack({{"printed": ""}})


inside.answer = played_back
"""


@functools.cache
def heard(answers: tuple[str, ...], seed: str) -> dict[str, list[str]]:
    """Of each question the replies of a solved notebook, packed, in the order of the exam."""
    names = {"torch": torch, "nn": nn, "F": F, "functional_call": functional_call}
    for answer in answers:
        exec(answer, names)
    check, found = get_check("leaf_tensors"), {}
    for question in check.points:

        def put(run, question, asked):
            reply = answering.answer_packed(run, names, question, pack(dict(asked)))
            found.setdefault(question, []).append(reply)
            return unpack(reply)

        report = check.report(question)
        check.judge(report, put, seed)
        assert report.points == report.out_of, report
    return found


def submit(solution, release):
    name = "replies_of_a_neighbour"
    job = {"student": "ann", "secret": hashlib.sha256(name.encode()).hexdigest()}
    answers = [
        cell["source"]
        for cell in solution["cells"]
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    ]
    seed = seed_for(job, solution)
    return at_the_top(wrong(release), ATTACK.format(heard=heard(tuple(answers), seed)))


EARNS = "none"
FLAGGED = True
