"""One submission -> a record: what it earned, why, and the notebook that shows it.

This runs in a worker, perhaps on another machine: a job and a record are plain data.
"""

import copy
import hashlib
import hmac
import json
import time

from ... import checks
from ...checks.examining import Check
from ...support.errors import InputError
from ..cage import hearing
from ..cage.sandbox import Limits, describe
from ..notebooks import codes
from ..printable import beginning
from ..questions import parse
from ..submission import reading
from ..submission.flags import HARMLESS, Flag
from ..submission.repair import Beyond
from ..submission.salvage import sequence
from ..submission.unearned import unearned
from . import outputs, records
from .kernel import STARTER
from .running import Outcome, Run, answering_side

#: How a check cell is named after its question.
CHECK = "check_"


def grade_submission(job: dict) -> dict:
    """Grade one submission.

    Args:
        job: ``assignment`` (``NN_NAME``), ``student``, ``text`` of the file that was handed in or
            None, ``release`` (the text of the students' notebook), ``key`` (of all that decides
            the grade), ``secret`` (see `seed_for`), ``sandbox`` (see `sandbox.choose`),
            ``limits`` (changes to `Limits`).

    Returns:
        The record: the job's ``assignment``, ``student`` and ``key``; ``format``; ``status``,
        "graded", or "failed" where nothing could be examined, and ``why``; ``repairs``,
        ``flags`` and ``remarks``, what a human may want to know; ``check_version``, ``seed`` and
        ``sandbox``; ``points``, ``out_of`` and ``questions``; ``seconds``, where the time went;
        ``notebook``, with the outputs and, at each check's cell, the report and the points.
    """
    begin = time.monotonic()
    record = _grade(job, checks.get_check(job["assignment"].partition("_")[2]))
    record["sandbox"] = describe(job["sandbox"])
    record["seconds"]["all"] = time.monotonic() - begin
    return record


def _grade(job: dict, check: Check) -> dict:
    """The record of a submission, repaired first."""
    release = json.loads(job["release"])
    try:
        repaired, flags = reading.read(release, job["text"], check.exercise)
    except Beyond as error:
        return records.failed(job, str(error), check.version, check.points)
    record = _run(job, check, copy.deepcopy(repaired.notebook), _needed(check, release))
    flags += unearned(record["questions"], repaired.notebook, release)
    return record | {
        "repairs": list(repaired.notes),
        "flags": [*record["flags"], *map(vars, flags)],
    }


def seed_for(job: dict, notebook: dict) -> str:
    """From what a submission's questions are drawn: other ones for each student and each answer.

    What one submission is asked is of no use to another, then, and a regrade asks the same. It is
    HMAC-SHA256, under the assignment's secret, of the student and of the code of the notebook.

    Returns:
        Hexadecimal digits.
    """
    text = json.dumps([job["student"], [source for _, source in codes(notebook)]])
    return hmac.new(job["secret"].encode(), text.encode(), hashlib.sha256).hexdigest()


def _needed(check: Check, release: dict) -> frozenset[str]:
    """The modules of the course that the release and the answering side of its check load."""
    room = f"l2l_ref.checks.{check.exercise}"
    asked = {*answering_side(check)}
    given = {name for _, source in codes(release) for name in hearing.imported(parse(source))}
    asking = {room, f"{room}.predictions", "l2l_ref.grading.examination.inside", STARTER}
    return hearing.needed_by(frozenset(asked | given | asking | {*HARMLESS}))


def _run(job: dict, check: Check, notebook: dict, needed: frozenset[str]) -> dict:
    """The record of a repaired notebook, which gets its outputs.

    Args:
        needed: the modules of the course that may be loaded meanwhile.
    """
    seed = seed_for(job, notebook)
    try:
        with Run(check, Limits(**job["limits"]), job["sandbox"], seed) as run:
            for cell in notebook["cells"]:
                if cell["cell_type"] == "code":
                    _run_cell(run, cell)
            for question in check.points:  # whose cell was lost for good
                if question not in run.outcomes:
                    run.examine(question)
    except InputError as error:  # no kernel starts
        why = str(error)
        return records.failed(job, why, check.version, check.points, notebook, machine=True)
    record = records.failed(job, run.stopped, check.version, check.points, notebook)
    record["seed"] = seed
    outcomes = [run.outcomes[question] for question in check.points]
    record["remarks"] = run.remarks
    record["flags"] = [vars(Flag("", text)) for text in hearing.reasons(run.heard, needed)]
    if run.touched:
        names = ", ".join(run.touched[:3]) + ", ..." * (len(run.touched) > 3)
        text = f"It has changed what the check itself stands on: {beginning(names, 200)}."
        record["flags"].append(vars(Flag("", text)))
    if run.unseeing:
        text = (
            f"It was asked {sequence(run.unseeing)} once more, with arguments that were changed "
            "behind it, and what looks for changes saw none."
        )
        record["flags"].append(vars(Flag("", text)))
    record["seconds"] |= run.seconds
    if any(outcome.examined for outcome in outcomes):
        record |= {
            "status": "graded",
            "why": "",
            "points": round(sum(outcome.points for outcome in outcomes), 2),
            "questions": [vars(outcome) for outcome in outcomes],
            "notebook": notebook,
        }
    return record


def _run_cell(run: Run, cell: dict) -> None:
    """Run a cell, or examine its question, and put the outputs into it."""
    question = question_of(cell)
    if question in run.check.points:
        run.number += 1
        cell["outputs"] = shown(run.examine(question))
    else:
        cell["outputs"] = run.cell("".join(cell["source"]))
    cell["execution_count"] = run.number if cell["outputs"] else None


def question_of(cell: dict) -> str | None:
    """The question that a cell of a repaired notebook examines."""
    known = cell.get("metadata", {}).get("nbgrader", {})
    grade_id = known.get("grade_id", "")
    return grade_id.removeprefix(CHECK) if grade_id.startswith(CHECK) else None


def shown(outcome: Outcome) -> list[dict]:
    """The outputs of a check's cell, from which nbgrader reads the points."""
    report = outcome.text
    if not report.startswith(f"{outcome.question}:"):
        report = f"{outcome.question}: {outcome.points:g} of {outcome.out_of:g} points\n  {report}"
    return [outputs.stream(report + "\n"), outputs.result(repr(float(outcome.points)))]
