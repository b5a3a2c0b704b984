"""What nbgrader needs besides its own parts; named in ``nbgrader_config.py``."""

import csv
import io
import sys
from collections import defaultdict

from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.plugins import CsvExportPlugin, ExportPlugin
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor

from ...support.errors import InputError
from ...support.files import write_whole
from ..printable import printable
from .lateness import settle
from .standing import standing_of


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


class SettledGrades(GetGrades):
    """Tell a page of feedback its scores, with the penalty that holds now; see `lateness`."""

    def preprocess(self, nb, resources):
        """Go through a notebook; see the class."""
        told = resources["nbgrader"]
        with Gradebook(told["db_url"]) as book:
            settle(book, self.config, only=(told["assignment"], told["student"]))
        return super().preprocess(nb, resources)


def _settle(plugin: ExportPlugin, gradebook) -> None:
    """Bring the penalties up to date before an export, or end it."""
    try:
        notes = settle(gradebook, plugin.config)
    except InputError as error:
        plugin.log.error("Nothing was exported. %s", error)
        sys.exit(1)
    for note in notes:
        print(f"  {printable(note)}")


class GradesTable(CsvExportPlugin):
    """nbgrader's own table, with the penalties that hold now; see `lateness`.

    What is not final in it is named: there nbgrader writes 0, or a score that a person is to look
    at again.
    """

    def export(self, gradebook):
        """Write the file, and print what is not final."""
        _settle(self, gradebook)
        super().export(gradebook)
        for assignment in gradebook.assignments:
            if not _picked(assignment.name, self.assignment):
                continue
            for submission in gradebook.assignment_submissions(assignment.name):
                score, remark = _score(submission)
                if remark and _picked(submission.student_id, self.student):
                    kind = remark[0] if score else "not final"
                    who = f"{printable(submission.student_id)}, {assignment.name}"
                    print(f"  {kind}: {who}: {remark[1]}")


class GradesForLMS(ExportPlugin):
    """One row for each student and one column for each assignment, to be imported by ID.

    Where it is written is ``--to``, or ``ExportPlugin.to`` in ``nbgrader_config.py``::

        nbgrader export --to grades_lms.csv \\
            --exporter=l2l_ref.grading.classroom.plugins.GradesForLMS

    ``--assignment '["01_leaf_tensors"]'`` and ``--student '["ann"]'`` pick some. A field is blank
    where nothing was handed in, where a submission could not be graded, and where a person still
    has to; the command names each of these, and all of whom it is not known whether they were late.
    Penalties are those that hold now; see `lateness`. In Moodle choose "ID number" (or "Username")
    to map by, in Canvas rename the column ID to the one of its own export.
    """

    def export(self, gradebook):
        """Write the file, and print what is blank in it and why."""
        _settle(self, gradebook)
        assignments = [a for a in gradebook.assignments if _picked(a.name, self.assignment)]
        students = [s for s in gradebook.students if _picked(s.id, self.student)]
        assignments.sort(key=lambda assignment: assignment.name)
        students.sort(key=lambda student: student.id)
        handed_in = {
            (assignment.name, submission.student.id): submission
            for assignment in assignments
            for submission in gradebook.assignment_submissions(assignment.name)
        }
        remarks, rows = [], []
        for student in students:
            who = [student.last_name, student.first_name, student.email]
            row = [student.id, *(_no_formula(text or "") for text in who)]
            for assignment in assignments:
                score, remark = _score(handed_in.get((assignment.name, student.id)))
                row.append(score)
                remarks += [(assignment.name, student.id, remark)] if remark else []
            rows.append(row)
        header = ["ID", "last name", "first name", "email", *(a.name for a in assignments)]
        path = self.to or "grades.csv"
        write_whole(path, _csv([header, *rows]))
        print(f"{path}: {len(rows)} students, {len(assignments)} assignments")
        for assignment, student, (kind, why) in sorted(remarks):
            print(f"  {kind}: {printable(student)}, {assignment}: {why}")


def _picked(name: str, names: list) -> bool:
    return not names or name in [str(item) for item in names]


def _score(submission) -> tuple[str, tuple[str, str] | None]:
    """What stands in a submission's field, and a remark: why it is blank, or what is unsure."""
    if submission is None:
        return "", ("blank", "nothing was handed in")
    standing = standing_of(submission)
    if standing.total is None:
        return "", ("blank", standing.open)
    undated = ("not late", "nobody knows when it was handed in") if standing.undated else None
    return f"{standing.total:g}", undated


def _no_formula(text: str) -> str:
    """A name that a spreadsheet does not run."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
