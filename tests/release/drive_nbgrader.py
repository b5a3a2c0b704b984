"""Runs nbgrader's own API in a course's folder and prints what came out as JSON.

A program of its own: nbgrader warns a lot.
"""

import json
import sys
from pathlib import Path

from nbgrader.api import Gradebook


def scores(database: str, exercise: str) -> dict:
    """For each student the automatic score of each graded cell, and whether a human is needed."""
    with Gradebook(database) as gradebook:
        return {
            submission.student.id: {
                grade.name: [grade.auto_score, bool(grade.needs_manual_grade), grade.max_score]
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(exercise)
        }


def main() -> None:
    from nbgrader.apps import NbGraderAPI
    from nbgrader.validator import Validator
    from traitlets.config.loader import PyFileConfigLoader

    api = NbGraderAPI(config=PyFileConfigLoader("nbgrader_config.py", path=".").load_config())
    submitted = sorted({path.name for path in Path(".nbgrader/submitted").glob("*/*")})
    result = {
        "generated": {name: api.generate_assignment(name) for name in sys.argv[1:]},
        "validated": {
            str(path): Validator(config=api.config).validate(str(path.resolve()))
            for path in sorted(Path("to_validate").glob("*.ipynb"))
        },
        "autograded": {name: api.autograde(name, "*") for name in submitted},
        "scores": {name: scores(api.coursedir.db_url, name) for name in submitted},
    }
    Path("result.json").write_text(json.dumps(result))
