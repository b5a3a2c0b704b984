"""How a submission stands in the gradebook: points, penalty, total, or why there is none yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .course import quiet


@dataclass(frozen=True)
class Standing:
    """A submission, read after `lateness.settle`. Times are in UTC.

    Args:
        automatic: points of the checks.
        score: all points, with those by hand, before the penalty.
        penalty: points that lateness costs.
        handed_in: when; None if it is not known.
        due: when it had to be, with an extension; None if there is no due date.
        extended: whether there is an extension.
        late: seconds.
        open: what a person still has to do before there is a total, or nothing.
    """

    automatic: float
    score: float
    penalty: float
    handed_in: datetime | None
    due: datetime | None
    extended: bool
    late: float
    open: str

    @property
    def by_hand(self) -> float:
        """What scores by hand have changed, in points."""
        return round(self.score - self.automatic, 2)

    @property
    def total(self) -> float | None:
        """The points that count; None while a person has to look."""
        return None if self.open else round(max(0.0, self.score - self.penalty), 2)

    @property
    def undated(self) -> bool:
        """Whether it would be late or not, if somebody knew when it was handed in."""
        return self.due is not None and self.handed_in is None


def standings(book, assignment: str) -> dict[str, Standing]:
    """How all submissions of an assignment stand, by student.

    Args:
        book: nbgrader's gradebook, open.
        assignment: its name.
    """
    with quiet():
        from nbgrader.api import Assignment, SubmittedAssignment, SubmittedNotebook
        from sqlalchemy.orm import selectinload, undefer

        notebooks = selectinload(SubmittedAssignment.notebooks)
        query = (
            book.db.query(SubmittedAssignment)
            .filter(SubmittedAssignment.assignment.has(Assignment.name == assignment))
            .options(
                undefer(SubmittedAssignment.score),
                selectinload(SubmittedAssignment.assignment),
                notebooks.selectinload(SubmittedNotebook.grades),
            )
        )
        return {submission.student_id: standing_of(submission) for submission in query}


def standing_of(submission) -> Standing:
    """How one of nbgrader's submissions stands."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return Standing(
        automatic=sum(grade.auto_score or 0.0 for grade in grades),
        score=submission.score,
        penalty=submission.late_submission_penalty,
        handed_in=submission.timestamp,
        due=submission.duedate,
        extended=submission.extension is not None,
        late=submission.total_seconds_late,
        open=_open(grades),
    )


def _open(grades: Iterable) -> str:
    if any(
        grade.cell_type == "code" and grade.auto_score is None and grade.manual_score is None
        for grade in grades
    ):
        return "it could not be graded; a person has to"
    if waiting := [grade.name for grade in grades if grade.needs_manual_grade]:
        return f"a person has to look at {', '.join(sorted(waiting))}"
    return ""
