"""What nbgrader needs besides its own parts; named in ``nbgrader_config.py``."""

import csv
import io
from collections import defaultdict

from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.plugins import ExportPlugin
from nbgrader.preprocessors import NbGraderPreprocessor

from ...support.files import write_whole
from ..printable import printable


class DropCopies(NbGraderPreprocessor):
    """Take nbgrader's metadata off copied cells, so that one of them cannot stop the batch.

    JupyterLab copies a cell with its grade_id. nbgrader's own DeduplicateIds leaves the copy with
    empty metadata, which the steps after it cannot read: the submission fails, or the whole batch.
    The build gives each cell its grade_id for an id, and a copy gets a new id, so the original can
    be told. Where an editor has changed the ids too, the last cell stays, as in nbgrader. Metadata
    that nbgrader cannot read is taken off as well; OverwriteCells brings a lost check back.
    """

    def preprocess(self, nb, resources):
        """Go through a notebook; see the class."""
        by_grade_id = defaultdict(list)
        for cell in nb.cells:
            if "nbgrader" not in cell.metadata:
                continue
            if self._readable(cell):
                by_grade_id[cell.metadata.nbgrader["grade_id"]].append(cell)
            else:
                self.log.warning("A cell's nbgrader metadata cannot be read; it is ignored")
                del cell.metadata["nbgrader"]
        for grade_id, cells in by_grade_id.items():
            original = next((cell for cell in cells if cell.get("id") == grade_id), cells[-1])
            for cell in cells:
                if cell is not original:
                    self.log.warning("The cell %r has a copy; the copy is ignored", grade_id)
                    del cell.metadata["nbgrader"]
        return nb, resources

    @staticmethod
    def _readable(cell) -> bool:
        try:
            MetadataValidator().validate_cell(cell)
            return bool(cell.metadata.nbgrader["grade_id"])
        except Exception:  # whatever a student's file holds
            return False


#: Metadata of a notebook: what `gradebook` tells `ForHumans`, and what that leaves when it is done.
NOTE, DONE = "l2l_record", "l2l_graded"


class ForHumans(NbGraderPreprocessor):
    """Enter what a person should look at; it comes after SaveAutoGrades, which resets both.

    The notebook's metadata says for which cells a grade is asked of a person, and with which
    comments. When all of it is committed, the note moves to the metadata's `DONE`. So a notebook
    that has it there is in the gradebook, whenever the machine may have stopped.
    """

    def preprocess(self, nb, resources):
        """Go through a notebook; see the class."""
        note = nb.metadata.pop(NOTE, None)
        if note is None:
            return nb, resources
        names = [resources["nbgrader"][name] for name in ("notebook", "assignment", "student")]
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(*names)
            for grade in submitted.grades:
                self._enter_grade(grade, note)
            for comment in submitted.comments:
                if text := note["comments"].get(comment.name):
                    comment.auto_comment = " ".join(filter(None, [comment.auto_comment, text]))
            gradebook.db.commit()
        nb.metadata[DONE] = note
        return nb, resources

    @staticmethod
    def _enter_grade(grade, note) -> None:
        if note["failed"] and grade.cell_type == "code":
            grade.auto_score = None  # it is not known, which is not zero
        if grade.name in note["look"]:
            grade.needs_manual_grade = True
        if grade.name in note["looked"]:
            grade.needs_manual_grade = False


class GradesForLMS(ExportPlugin):
    """One row for each student and one column for each assignment, to be imported by ID.

    Where it is written is ``--to``, or ``ExportPlugin.to`` in ``nbgrader_config.py``::

        nbgrader export --exporter=l2l_ref.grading.plugins.GradesForLMS --to grades_lms.csv

    ``--assignment '["01_leaf_tensors"]'`` and ``--student '["ann"]'`` pick some. A field is blank
    where nothing was handed in, where a submission could not be graded, and where a person still
    has to; the command names each of these. In Moodle choose "ID number" (or "Username") to map by,
    in Canvas rename the column ID to the one of its own export.
    """

    def export(self, gradebook):
        """Write the file, and print what is blank in it and why."""
        assignments = [a for a in gradebook.assignments if self._picked(a.name, self.assignment)]
        students = [s for s in gradebook.students if self._picked(s.id, self.student)]
        assignments.sort(key=lambda assignment: assignment.name)
        students.sort(key=lambda student: student.id)
        handed_in = {
            (assignment.name, submission.student.id): submission
            for assignment in assignments
            for submission in gradebook.assignment_submissions(assignment.name)
        }
        blanks, rows = [], []
        for student in students:
            who = [student.last_name, student.first_name, student.email]
            row = [student.id, *(_no_formula(text or "") for text in who)]
            for assignment in assignments:
                score, why = _score(handed_in.get((assignment.name, student.id)))
                row.append(score)
                blanks += [(assignment.name, student.id, why)] if why else []
            rows.append(row)
        header = ["ID", "last name", "first name", "email", *(a.name for a in assignments)]
        path = self.to or "grades.csv"
        write_whole(path, _csv([header, *rows]))
        print(f"{path}: {len(rows)} students, {len(assignments)} assignments")
        for assignment, student, why in sorted(blanks):
            print(f"  blank: {printable(student)}, {assignment}: {why}")

    @staticmethod
    def _picked(name: str, names: list) -> bool:
        return not names or name in [str(item) for item in names]


def _score(submission) -> tuple[str, str]:
    """What stands in the field of a submission, or why it is blank."""
    if submission is None:
        return "", "nothing was handed in"
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    if any(
        grade.cell_type == "code" and grade.auto_score is None and grade.manual_score is None
        for grade in grades
    ):
        return "", "it could not be graded; a person has to"
    if waiting := [grade.name for grade in grades if grade.needs_manual_grade]:
        return "", f"a person has to look at {', '.join(sorted(waiting))}"
    score = max(0.0, submission.score - submission.late_submission_penalty)
    return f"{round(score, 2):g}", ""


def _no_formula(text: str) -> str:
    """A name that a spreadsheet does not run."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
