"""One submission -> a record: what it earned, why, and the notebook that shows it.

This runs in a worker, perhaps on another machine: a job and a record are plain data.
"""

import copy
import json
import time

from .. import checks
from ..checks.examining import Check
from ..errors import InputError
from . import outputs
from .flags import flags_of
from .repair import Beyond, repair
from .running import Outcome, Run
from .sandbox import Limits, describe

#: Of the record's form.
FORMAT = 1

#: How a check cell is named after its question.
CHECK = "check_"


def grade_submission(job: dict) -> dict:
    """Grade one submission.

    Args:
        job: ``assignment`` (``NN_NAME``), ``student``, ``text`` of the file that was handed in or
            None, ``release`` (the text of the students' notebook), ``key`` (of all that decides
            the grade), ``secret`` (draws the questions), ``sandbox`` (see `sandbox.choose`),
            ``limits`` (changes to `Limits`).

    Returns:
        The record: the job's ``assignment``, ``student`` and ``key``; ``format``; ``status``,
        "graded", or "failed" where nothing could be examined, and ``why``; ``repairs``,
        ``flags`` and ``remarks``, what a human may want to know; ``check_version``, ``seed`` and
        ``sandbox``; ``points``, ``out_of`` and ``questions``; ``seconds``, where the time went;
        ``notebook``, with the outputs and, at each check's cell, the report and the points.
    """
    begin = time.monotonic()
    release = json.loads(job["release"])
    name = job["assignment"].partition("_")[2]
    check = checks.get_check(name)
    record = _empty(job, check)
    try:
        if job["text"] is None:
            raise Beyond("nothing was handed in that can be read")
        repaired = repair(release, job["text"], name)
    except Beyond as error:
        _fail(record, check, release, str(error))
    else:
        record["repairs"] = list(repaired.notes)
        record["flags"] = [vars(flag) for flag in flags_of(repaired.notebook, release, name)]
        _grade(record, check, repaired.notebook, job)
    record["seconds"]["all"] = time.monotonic() - begin
    return record


def _empty(job: dict, check: Check) -> dict:
    """A record of which nothing is known yet."""
    return {
        "format": FORMAT,
        **{key: job[key] for key in ("assignment", "student", "key")},
        "status": "graded",
        "why": "",
        "repairs": [],
        "flags": [],
        "remarks": [],
        "check_version": check.version,
        "seed": job["secret"],
        "sandbox": describe(job["sandbox"]),
        "points": 0.0,
        "out_of": round(sum(check.points.values()), 2),
        "questions": [],
        "seconds": {},
    }


def _grade(record: dict, check: Check, notebook: dict, job: dict) -> None:
    """Run the notebook, examine it, and fill the record."""
    notebook = copy.deepcopy(notebook)
    try:
        with Run(check, Limits(**job["limits"]), job["sandbox"], job["secret"]) as run:
            for cell in notebook["cells"]:
                if cell["cell_type"] == "code":
                    _run_cell(run, cell)
            for question in check.points:  # whose cell was lost for good
                if question not in run.outcomes:
                    run.examine(question)
    except InputError as error:  # no kernel: the machine's fault, not the student's
        _fail(record, check, notebook, str(error))
        return
    outcomes = [run.outcomes[question] for question in check.points]
    record["remarks"] = run.remarks
    record["questions"] = [vars(outcome) for outcome in outcomes]
    record["points"] = round(sum(outcome.points for outcome in outcomes), 2)
    record["seconds"] = dict(run.seconds)
    record["notebook"] = notebook
    if not any(outcome.examined for outcome in outcomes):
        record["status"], record["why"] = "failed", run.stopped


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


def _fail(record: dict, check: Check, notebook: dict, why: str) -> None:
    """Fill the record of a submission that could not be graded."""
    notebook = copy.deepcopy(notebook)
    record["status"], record["why"] = "failed", why
    outcomes = {
        question: Outcome(question, 0.0, out_of, f"not examined: {why}", examined=False)
        for question, out_of in check.points.items()
    }
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            outcome = outcomes.get(question_of(cell))
            cell["outputs"] = shown(outcome) if outcome else []
    record["questions"] = [vars(outcome) for outcome in outcomes.values()]
    record["notebook"] = notebook
