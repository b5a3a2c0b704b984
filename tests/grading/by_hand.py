"""Enters scores by hand, as formgrader does; a program of its own, like nbgrader.

Arguments: the database, the assignment, the notebook, and for each student a score and a comment.
"""

import json
import sys


def main() -> None:
    from nbgrader.api import Gradebook

    database, assignment, notebook, given = sys.argv[1:]
    with Gradebook(database) as gradebook:
        for student, (score, comment) in json.loads(given).items():
            grade = gradebook.find_grade("in_words", notebook, assignment, student)
            assert grade.needs_manual_grade, student
            grade.manual_score, grade.needs_manual_grade = score, False
            written = gradebook.find_comment("in_words", notebook, assignment, student)
            written.manual_comment = comment
        gradebook.db.commit()
