"""A class's submissions of one assignment -> grades in nbgrader's gradebook; ``l2l grade``.

What was handed in becomes jobs; jobs that have no record yet go to the workers; each record is
written the moment it arrives; then all records go to the gradebook. Every step finds out by itself
what has been done already, so a run that was stopped, at whatever moment, is simply started again.
"""

import importlib.metadata
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tqdm import tqdm

from ... import checks
from ...support.errors import CannotWrite, InputError
from ..ending import how_to_go_on, raise_if_machines, said_of
from ..examination import records
from ..printable import beginning
from ..release.build import short
from ..submission.likeness import SHORT, WHOLE
from . import collecting, lateness, times
from .collecting import Submission
from .course import Course, exercise_named
from .delivery import Delivered
from .gradebook import GradebookWriter
from .standing import Standing, standings
from .workers import Batch, Done, pool_for


@dataclass(frozen=True)
class Order:
    """What is asked of `grade_class`.

    Args:
        assignment: its name or number.
        course: the folder that holds nbgrader_config.py.
        source: a delivery to collect from, or None for what lies in nbgrader's folder.
        pattern: that finds the student in a delivery's paths.
        workers: processes.
        scheduler: the address of a dask.distributed cluster, which then replaces the processes.
        only: one student, and no other.
        again: grade anew what has its record already.
        times: a file that states when work was handed in, or None.
        limits: seconds and bytes of a notebook, as `sandbox.Limits` names them.
    """

    assignment: str
    course: Path = Path(".")
    source: Path | None = None
    pattern: str | None = None
    workers: int = 1
    scheduler: str | None = None
    only: str | None = None
    again: bool = False
    times: Path | None = None
    limits: dict = field(default_factory=dict)


@dataclass
class Graded:
    """What came of a class.

    Args:
        assignment: its name.
        records: by student.
        flags: by student: the record's and those of answers alike.
        alike: answers alike, with both names; for the instructor alone.
        missing: students on the roster of whom there is nothing.
        waiting: students whose submission has no record yet.
        created: students who were not on the roster.
        problems: what kept work from being graded or entered, a sentence each.
        notes: what somebody should know, a sentence each.
        fresh: the students who were graded now.
        todo: how many had to be graded now.
        standings: by student, what the gradebook holds in the end.
        outdated: by student, scores by hand that a person has to look at again.
        called_late: by student, the system that says so, where no time is known.
        dated_by: by student, who says when it was handed in.
        seconds: that grading these and entering all took.
    """

    assignment: str
    records: dict[str, dict] = field(default_factory=dict)
    flags: dict[str, list[dict]] = field(default_factory=dict)
    alike: list[dict] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    todo: int = 0
    standings: dict[str, Standing] = field(default_factory=dict)
    outdated: dict[str, list[str]] = field(default_factory=dict)
    called_late: dict[str, str] = field(default_factory=dict)
    dated_by: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether everybody who handed something in has a grade."""
        failed = any(record["status"] == "failed" for record in self.records.values())
        return not failed and not self.problems


def grade_class(
    order: Order,
    sandbox: str,
    grade: Callable[[dict], dict],
    alike: Callable[[dict, dict, dict], list],
) -> Graded:
    """Collect, grade and enter an assignment.

    Args:
        order: what to do.
        sandbox: ``bubblewrap`` or ``none``.
        grade: takes a job, returns a record; importable, since the workers import it.
        alike: takes notebooks by student, the release, and a dict for what it leaves out; returns
            what is alike in them.

    Raises:
        InputError: there is nothing to grade, or the course is not as it should be.
    """
    assignment = exercise_named(order.assignment)
    course = Course(order.course)
    times_said = times.read(order.times) if order.times is not None else {}
    lateness.Rule(course.config)  # what is wrong with these two
    lateness.granted(course.root)  # is said before the work
    graded = Graded(assignment)
    with course.lock(), how_to_go_on(lambda: _kept(order, graded)):
        delivered = None
        graded.notes += course.prepare(assignment)
        if order.source is not None:
            delivered = collecting.take(order.source, course, assignment, order.pattern)
            graded.notes += delivered.notes
            graded.notes += [f"!! {doubt}" for doubt in delivered.doubts]
            graded.problems += [f"not taken: {line}" for line in delivered.refused]
        run = _Run(order, course, graded, sandbox)
        run.date(times_said, delivered)
        run.grade(grade)
        run.compare(alike)
        run.enter()
        return graded


def _kept(order: Order, graded: Graded) -> str:
    """What an early end leaves, and how to go on."""
    done = f"stopped after {len(graded.fresh)} of {graded.todo}; their records are kept, "
    if not graded.todo:
        done = "stopped before anything was graded; "
    elif len(graded.fresh) == graded.todo:
        done = f"stopped after grading, on the way to the gradebook; all {graded.todo} records "
        done += "are kept; "
    else:
        done += "the gradebook is as it was. "
    go_on = "Start" if done.endswith(". ") else "start"
    without = ", without --again" if order.again and graded.fresh else ""
    return f"{done}{go_on} the same command again to go on{without}."


#: Characters of a reason that are kept: a student's text may be in it.
WHY = 1000

#: Its name among those whose answers are compared; no student's, for it has spaces.
PUBLISHED = "the published solution"


def flag_for(pair) -> dict:
    """What a flag says of a student whose answers are like another's; see `likeness.Alike`."""
    together = pair.cell in (SHORT, WHOLE)
    ours = pair.cell if together else "this answer"
    theirs = f"{'those' if together else 'one'} of another submission"
    theirs = PUBLISHED if pair.other == PUBLISHED else theirs
    cell = "" if together else pair.cell
    return {"cell": cell, "reason": f"{ours} and {theirs} are largely the same"}


class _Run:
    """One start of the command, from submissions to the gradebook."""

    def __init__(self, order: Order, course: Course, graded: Graded, sandbox: str):
        self.order, self.course, self.graded = order, course, graded
        self.check = checks.get_check(short(graded.assignment))
        self.release = course.release(graded.assignment)
        self.store = records.Records(course.root, graded.assignment)
        self.roster = set(course.roster())
        self.submissions = {s.student: s for s in collecting.handed_in(course, graded.assignment)}
        self.graded.problems += [
            f"not taken: the folder {name!r}; nbgrader cannot work with [, ], *, ? or long names, "
            "nor with one that is no UTF-8 text"
            for name in collecting.unusable(course, graded.assignment)
        ]
        self._say_who_is_there(self.roster)
        secret = course.secret_for(graded.assignment)
        self.jobs = {
            student: self._job(submission, secret, sandbox)
            for student, submission in self.submissions.items()
        }

    def _say_who_is_there(self, roster: set[str]) -> None:
        """Note who is missing, who is new, and what was chosen for whom.

        Raises:
            InputError: nobody has handed in anything, or not the one who is asked for.
        """
        handed_in, only = set(self.submissions), self.order.only
        if not handed_in:
            where = self.course.path("submitted", "STUDENT", self.graded.assignment)
            raise InputError(f"nothing was handed in; there is no folder {where}; see --from")
        if only is not None and only not in handed_in:
            raise InputError(f"--only {only}: this student has not handed in anything")
        self.graded.missing = sorted(roster - handed_in)
        self.graded.created = sorted(handed_in - roster)
        self.graded.notes += [
            f"{submission.student}: {submission.note}"
            for submission in self.submissions.values()
            if submission.note
        ]

    def _job(self, submission: Submission, secret: str, sandbox: str) -> dict:
        version, package = self.check.version, _package_version()
        text = submission.text
        said = submission.problem or text  # a file that cannot be read has no text
        key = records.key_of(said, self.release, version, secret, package)
        return {
            "assignment": self.graded.assignment,
            "student": submission.student,
            "text": text,
            "release": self.release,
            "key": key,
            "secret": secret,
            "sandbox": sandbox,
            "limits": self.order.limits,
        }

    # Times

    def date(self, said: dict[str, datetime], delivered: Delivered | None) -> None:
        """Find out when each submission was handed in.

        Raises:
            InputError: times are stated for somebody who is not known; nothing is kept then.
        """
        times.unknown(said, self.roster | set(self.submissions), self.order.times)
        kept = times.Kept(self.course.root, self.graded.assignment)
        kept.learn(self.submissions.values(), said, delivered)
        self.submissions = {name: kept.dated(one) for name, one in self.submissions.items()}
        if idle := sorted(set(said) - set(self.submissions)):
            self.graded.notes.append(f"{self.order.times}: not handed in: {', '.join(idle)}")

    # Grading

    def grade(self, grade: Callable[[dict], dict]) -> None:
        """Make the records that are missing."""
        todo = []
        for student, job in self.jobs.items():
            wanted = self.order.only in (None, student)
            record = None if wanted and self.order.again else self.store.read(job)
            if record is not None and not (wanted and record.get("machine")):
                self.graded.records[student] = record
            elif wanted:
                todo.append(job)
            else:
                self.graded.waiting.append(student)
        begun = time.monotonic()
        self.graded.todo = len(todo)
        if todo:
            self._grade(todo, grade)
        self.graded.seconds["grading"] = time.monotonic() - begun

    def _grade(self, todo: list[dict], grade: Callable[[dict], dict]) -> None:
        for job in todo:
            if problem := self.submissions[job["student"]].problem:
                self._arrived(Done(job, None, problem))
        todo = [job for job in todo if not self.submissions[job["student"]].problem]
        if not todo:
            return
        workers = min(self.order.workers, len(todo))
        bar = tqdm(total=len(todo), desc="grading", unit="submission", disable=None)
        with bar, pool_for(workers, self.order.scheduler) as pool:
            for done in Batch(pool, grade, todo).run():
                self._arrived(done)
                bar.update()

    def _arrived(self, done: Done) -> None:
        """Write a record, at once."""
        job, record, why, machine = done.job, done.record, done.why, done.machine
        fault = records.fault(record, job)
        if fault is None and record.get("check_version") != self.check.version:
            fault = f"its check has version {record.get('check_version')!r}; update the workers"
            machine = True
        if fault is not None:
            why = why or f"what the worker sent is no record of it: {fault}"
            record = self._failed(job, why, machine)
        try:
            kept = self._kept(record, job)
        except (ValueError, TypeError, RecursionError) as error:
            if isinstance(error, CannotWrite):
                raise
            kept = None
        if kept is None:
            kept = self._kept(self._failed(job, "its record cannot be written and read again"), job)
        self.graded.records[job["student"]] = kept
        self.graded.fresh.append(job["student"])

    def _failed(self, job: dict, why: str, machine: bool = False) -> dict:
        version, points = self.check.version, self.check.points
        return records.failed(job, beginning(why, WHY), version, points, machine=machine)

    def _kept(self, record: dict, job: dict) -> dict | None:
        """Write a record; what the next run will see of it."""
        self.store.write(record)
        return self.store.read(job)

    # Answers alike

    def compare(self, alike: Callable[[dict, dict, dict], list]) -> None:
        """Flag answers that are alike. A student never reads the other's name.

        The published solution is one of those that are compared. What cannot be compared is a flag
        of whoever wrote it.
        """
        graded = self.graded
        notebooks = {
            student: record["notebook"]
            for student, record in sorted(graded.records.items())
            if record["status"] == "graded"
        }
        notebooks[PUBLISHED] = self.course.solution(graded.assignment)
        graded.flags = {
            student: list(record["flags"]) for student, record in graded.records.items()
        }
        release = records.notebook_of(self.release)
        words = [cell["id"] for cell in release["cells"] if cell["cell_type"] == "markdown"]
        pairs, left_out = [], {}
        try:
            pairs = alike(notebooks, release, left_out)
        except Exception as error:  # grades do not wait for this
            raise_if_machines(error)
            graded.problems.append(f"the answers were not compared: {said_of(error)}")
        for (student, cell), why in left_out.items():
            together = cell in (SHORT, WHOLE, "")
            what = (cell or WHOLE) if together else "this answer"
            reason = f"{what} could not be compared with those of others: {beginning(why, 200)}"
            if student in graded.flags:
                graded.flags[student].append({"cell": "" if together else cell, "reason": reason})
            else:
                graded.notes.append(f"{student}: {cell}: {reason}")
        for pair in pairs:
            if pair.other == PUBLISHED and pair.cell not in (WHOLE, *words):
                continue  # there is a natural way to write one answer
            share = round(float(pair.share), 2)
            graded.alike.append(
                {"cell": pair.cell, "one": pair.one, "other": pair.other, "share": share}
            )
            for student in {pair.one, pair.other} - {PUBLISHED}:
                flag = flag_for(pair)
                if flag not in graded.flags[student]:
                    graded.flags[student].append(flag)

    # Entering

    def enter(self) -> None:
        """Put all records into the gradebook."""
        begun = time.monotonic()
        writer = GradebookWriter(self.course, self.graded.assignment)
        entries = sorted(self.graded.records.items())
        for student, record in tqdm(entries, "gradebook", unit="submission", disable=None):
            timestamp = self.submissions[student].timestamp
            try:
                problem = writer.enter(record, self.graded.flags[student], timestamp)
                outdated = writer.outdated(student)
            except Exception as error:  # whatever it is, it is this student's
                problem, outdated = f"it could not be entered: {said_of(error)}", []
                raise_if_machines(error)
            if problem:
                raise_if_machines(problem)
                self.graded.problems.append(f"{student}: {beginning(problem, WHY)}")
            if outdated:
                self.graded.outdated[student] = outdated
        self._settle()
        self.graded.seconds["gradebook"] = time.monotonic() - begun

    def _settle(self) -> None:
        """Work out the penalties, and see how everybody stands now."""
        assignment, dated = self.graded.assignment, {}
        for student in self.graded.records:  # who is waiting has the time of an older submission
            one = self.submissions[student]
            when = datetime.fromisoformat(one.timestamp) if one.timestamp else None
            dated[assignment, student] = when
            self.graded.called_late[student], self.graded.dated_by[student] = one.late, one.dated_by
        with self.course.gradebook() as book:
            try:
                self.graded.notes += lateness.settle(book, self.course.config, dated)
            except InputError as error:  # the rule fails for somebody: totals are not known
                self.graded.problems.append(f"no penalty was changed: {error}")
            else:
                self.graded.standings = standings(book, assignment)


def _package_version() -> str:
    try:
        return importlib.metadata.version("l2l-course")
    except importlib.metadata.PackageNotFoundError:
        return ""  # a bare checkout


def processors() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
