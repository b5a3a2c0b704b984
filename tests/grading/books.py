"""A gradebook with what tests ask of it: to enter, to decide by hand, to read."""

import json

from classes import EXERCISE, NAME, fake_grade, released, submission

from l2l_ref import checks
from l2l_ref.grading.classroom import course as courses
from l2l_ref.grading.classroom import lateness
from l2l_ref.grading.classroom.gradebook import GradebookWriter
from l2l_ref.grading.classroom.standing import standings
from l2l_ref.grading.examination import records

CHECK = checks.get_check(NAME)
HALF = {"kind": 1.25, "put": CHECK.points["put"]}


class Book:
    """A gradebook with what the tests ask of it."""

    def __init__(self, folder):
        self.folder, self.course = folder, courses.Course(folder)
        self.entered = 0

    def enter(self, student="ann", points=HALF, flags=(), timestamp="", record=None, **pretend):
        """Enter a submission as a new run of the command would."""
        record = record or self.record(student, points, **pretend)
        writer = GradebookWriter(self.course, EXERCISE)
        autograde = writer.api.autograde

        def counted(*arguments):
            self.entered += 1
            return autograde(*arguments)

        writer.api.autograde = counted
        problem = writer.enter(record, [*record["flags"], *flags], timestamp)
        self.outdated = writer.outdated(student)
        return problem

    def record(self, student, points=HALF, **pretend):
        return fake_grade(self.job(student, submission(self.folder, points, **pretend)))

    def job(self, student, text=None):
        release = json.dumps(released(self.folder))
        job = {"assignment": EXERCISE, "student": student, "text": text, "release": release}
        return job | {"key": "k", "secret": "s", "sandbox": "none", "limits": {}}

    def failed(self, student):
        return records.failed(self.job(student), "the file is empty", "1", CHECK.points)

    def settle(self, **times):
        """What the command does in the end, with times of hand-in by student."""
        dated = {(EXERCISE, student): time for student, time in times.items()}
        with self.course.gradebook() as book:
            return lateness.settle(book, self.course.config, dated)

    def standing(self, student="ann"):
        with self.course.gradebook() as book:
            return standings(book, EXERCISE)[student]

    def set_due(self, due):
        """As ``nbgrader db assignment add`` does; None takes it back."""
        with self.course.gradebook() as book:
            book.find_assignment(EXERCISE).duedate = due
            book.db.commit()

    def configure(self, *lines):
        """Add to the settings, which are read anew."""
        path = self.folder / "nbgrader_config.py"
        path.write_text("\n".join([path.read_text(), *lines, ""]))
        self.course = courses.Course(self.folder)

    def rows(self, student="ann"):
        """Automatic score, manual score and whether a person is asked, by cell."""
        with self.course.gradebook() as book:
            (found,) = [s for s in book.assignment_submissions(EXERCISE) if s.student.id == student]
            return {
                grade.name: (grade.auto_score, grade.manual_score, bool(grade.needs_manual_grade))
                for notebook in found.notebooks
                for grade in notebook.grades
            }

    def comment(self, cell, student="ann"):
        with self.course.gradebook() as book:
            return book.find_comment(cell, NAME, EXERCISE, student).comment

    def autograded(self, student="ann"):
        folder = self.folder / ".nbgrader/autograded" / student / EXERCISE
        return json.loads((folder / f"{NAME}.ipynb").read_text())

    def decide(self, cell, score, student="ann"):
        """What formgrader does when a person gives a score."""
        with self.course.gradebook() as book:
            grade = book.find_grade(cell, NAME, EXERCISE, student)
            grade.manual_score, grade.needs_manual_grade = score, False
            book.db.commit()
