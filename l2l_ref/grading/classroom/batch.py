"""A class's submissions of one assignment -> grades in nbgrader's gradebook; ``l2l grade``.

What was handed in becomes jobs; jobs that have no record yet go to the workers; each record is
written the moment it arrives; then all records go to the gradebook. Every step finds out by itself
what has been done already, so a run that was stopped, at whatever moment, is simply started again.
"""

import importlib.metadata
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tqdm import tqdm

from ... import checks
from ...support.errors import InputError
from ..examination import records
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
    alike: Callable[[dict, dict], list],
) -> Graded:
    """Collect, grade and enter an assignment.

    Args:
        order: what to do.
        sandbox: ``bubblewrap`` or ``none``.
        grade: takes a job, returns a record; importable, since the workers import it.
        alike: takes notebooks by student and the release; returns what is alike in them.

    Raises:
        InputError: there is nothing to grade, or the course is not as it should be.
    """
    assignment = exercise_named(order.assignment)
    course = Course(order.course)
    times_said = times.read(order.times) if order.times is not None else {}
    lateness.Rule(course.config)  # what is wrong with these two
    lateness.granted(course.root)  # is said before the work
    with course.lock():
        graded, delivered = Graded(assignment, notes=course.prepare(assignment)), None
        if order.source is not None:
            delivered = collecting.take(order.source, course, assignment, order.pattern)
            graded.notes += delivered.notes
            graded.problems += [f"not taken: {line}" for line in delivered.refused]
        run = _Run(order, course, graded, sandbox)
        run.date(times_said, delivered)
        run.grade(grade)
        run.compare(alike)
        run.enter()
        return graded


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
            f"not taken: the folder {name!r}; nbgrader cannot work with [, ], *, ? or long names"
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
            try:
                for done in Batch(pool, grade, todo).run():
                    self._arrived(done)
                    bar.update()
            except KeyboardInterrupt:
                self._say_how_to_go_on(len(todo))
                raise

    def _arrived(self, done: Done) -> None:
        """Write a record, at once."""
        job, record, why, machine = done.job, done.record, done.why, done.machine
        fault = records.fault(record, job)
        if fault is None and record.get("check_version") != self.check.version:
            fault = f"its check has version {record.get('check_version')!r}; update the workers"
            machine = True
        if fault is not None:
            why = why or f"what the worker sent is no record of it: {fault}"
            version, points = self.check.version, self.check.points
            record = records.failed(job, why, version, points, machine=machine)
        self.store.write(record)
        self.graded.records[job["student"]] = self.store.read(job)  # as the next run will see it
        self.graded.fresh.append(job["student"])

    def _say_how_to_go_on(self, all_of_them: int) -> None:
        print(
            f"l2l: stopped after {len(self.graded.fresh)} of {all_of_them}; their records are "
            "kept, the gradebook is as it was. Start the same command again to go on"
            + (", without --again." if self.order.again else "."),
            file=sys.stderr,
        )

    # Answers alike

    def compare(self, alike: Callable[[dict, dict], list]) -> None:
        """Flag answers that are alike. A student never reads the other's name.

        The published solution is one of those that are compared.
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
        for pair in alike(notebooks, release):
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
            if problem := writer.enter(record, self.graded.flags[student], timestamp):
                self.graded.problems.append(f"{student}: {problem}")
        self._settle()
        self.graded.outdated = {
            student: outdated for student, _ in entries if (outdated := writer.outdated(student))
        }
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
