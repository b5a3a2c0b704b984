"""What lateness costs: due dates, extensions and the rule, put into nbgrader's gradebook.

nbgrader sets a penalty while it grades, and never again. Here it is worked out anew from all that
it depends on, whenever grades are read: at the end of `l2l grade`, before an export, for a page of
feedback. So it does not matter what came first: the grade, a score by hand, the due date, an
extension, or another rule.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ...support.errors import InputError
from . import stated
from .course import CONFIG, exercise_named, quiet

#: Beside the gradebook: who may hand in later than the others, with columns id, assignment and due.
EXTENSIONS = "extensions.csv"

#: An assignment and a student.
Key = tuple[str, str]


def granted(root: Path) -> dict[Key, datetime]:
    """When students with an extension have to hand in.

    Args:
        root: the folder that nbgrader works in.

    Raises:
        InputError: the file is not as it should be.
    """
    path, found = root / EXTENSIONS, {}
    if not path.exists():
        return found
    for row in stated.rows_of(path, ("id", "assignment", "due")):
        student = row.cells["id"]
        if not student:
            raise InputError(f"{row.where}: the student's id is missing")
        try:
            key = exercise_named(row.cells["assignment"]), student
        except InputError as error:
            raise InputError(f"{row.where}: {error}") from None
        if key in found:
            raise InputError(f"{row.where}: a second extension for {student} in {key[0]}")
        found[key] = stated.moment(row.cells["due"], row.where)
    return found


class Rule:
    """What lateness costs, as ``nbgrader_config.py`` says; by default nothing.

    Args:
        config: of the course.

    Raises:
        InputError: there is no such rule.
    """

    def __init__(self, config):
        with quiet():
            from nbgrader.preprocessors import AssignLatePenalties

            try:
                step = AssignLatePenalties(config=config)
                step.init_plugin()
            except Exception as error:  # it may be a class of the instructor's
                raise InputError(
                    f"the rule for late work in {CONFIG} cannot be used: {error}"
                ) from None
        self.plugin = step.plugin_inst

    def penalty(self, student: str, score: float, late: float) -> float | None:
        """The points that a submission loses; at most all that it has.

        Args:
            student: their id.
            score: the points of the submission, with those by hand.
            late: seconds.

        Raises:
            InputError: the rule fails.
        """
        if late <= 0:
            return None
        try:
            points = self.plugin.late_submission_penalty(student, score, late)
            if points is None:
                return None
            if math.isnan(points):
                raise ValueError("it is not a number")
        except Exception as error:
            raise InputError(
                f"the rule for late work in {CONFIG}, {type(self.plugin).__name__}, fails for "
                f"{student} ({score:g} points, {late:g} s late): {type(error).__name__}: {error}"
            ) from None
        return min(max(0.0, float(points)), score)


def settle(
    book,
    config,
    handed_in: Mapping[Key, datetime | None] | None = None,
    only: Key | None = None,
) -> list[str]:
    """Give the submissions of a gradebook their extensions and penalties, by what holds now.

    Args:
        book: nbgrader's gradebook, open.
        config: of the course.
        handed_in: times that are new to the gradebook, in UTC; None where none is known.
        only: one submission, and no other.

    Returns:
        What somebody should know, a sentence each.

    Raises:
        InputError: the file of extensions or the rule cannot be used; then nothing is changed.
    """
    with quiet():
        from nbgrader.api import Assignment, Student, SubmittedAssignment
        from nbgrader.coursedir import CourseDirectory
        from sqlalchemy.orm import selectinload

        rule = Rule(config)
        extensions = granted(Path(CourseDirectory(config=config).root))
        query = book.db.query(SubmittedAssignment).options(
            selectinload(SubmittedAssignment.notebooks),
            selectinload(SubmittedAssignment.assignment),
        )
        if only is not None:
            query = query.filter(
                SubmittedAssignment.assignment.has(Assignment.name == only[0]),
                SubmittedAssignment.student_id == only[1],
            )
        notes = []
        try:
            for submission in query:
                key = (submission.assignment.name, submission.student_id)
                if handed_in and key in handed_in:
                    submission.timestamp = handed_in[key]
                notes += _extend(submission, extensions.get(key))
                _charge(submission, rule)
        except InputError:
            book.db.rollback()
            raise
        book.db.commit()
        students = {student for (student,) in book.db.query(Student.id)}
    unknown = sorted({student for _, student in extensions if student not in students})
    if unknown and only is None:
        notes.append(f"{EXTENSIONS} names students who are not known: {', '.join(unknown)}")
    return notes


def _extend(submission, until: datetime | None) -> list[str]:
    """Set an extension, which nbgrader counts from the assignment's own due date."""
    student, assignment = submission.student_id, submission.assignment
    had, due = submission.extension, assignment.duedate
    if until is None:
        submission.extension = None
        gone = f"{student}: the extension in {assignment.name} is no longer in {EXTENSIONS}; undone"
        return [gone] if had is not None else []
    if due is None:
        submission.extension = None
        return [f"{student}: an extension in {assignment.name}, which has no due date"]
    submission.extension = until - due if until > due else None
    before = f"{student}: the extension in {assignment.name} ends before its due date; it is void"
    return [] if until > due else [before]


def _charge(submission, rule: Rule) -> None:
    late = submission.total_seconds_late
    for notebook in submission.notebooks:
        score = notebook.score if late else 0.0
        notebook.late_submission_penalty = rule.penalty(submission.student_id, score, late)
