"""Grades a course with the stand-in of `classes`: a process of its own, which can be killed.

Arguments: the course's folder, the file for the results, and options as ``workers=2 again=1``;
``alike=1`` compares as the command does.
"""

import json
import signal
import sys
from pathlib import Path

import classes

from l2l_ref.grading.classroom import batch
from l2l_ref.grading.classroom.table import summary, table
from l2l_ref.grading.submission import likeness
from l2l_ref.support.interrupts import as_ctrl_c


def alike_words(notebooks: dict, release: dict, left_out: dict) -> list:
    """Pairs whose written answers are the same and begin with SAME."""
    words = {
        student: classes.source_of(cell)
        for student, notebook in notebooks.items()
        for cell in notebook["cells"]
        if cell["id"] == "in_words" and classes.source_of(cell).startswith("SAME")
    }
    students = sorted(words)
    return [
        classes.Alike("kind", one, other, 1.0)
        for k, one in enumerate(students)
        for other in students[k + 1 :]
        if words[one] == words[other]
    ]


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    course, result, *options = sys.argv[1:]
    given = dict(option.split("=", 1) for option in options)
    order = batch.Order(
        classes.EXERCISE,
        Path(course),
        source=Path(given["source"]) if "source" in given else None,
        pattern=given.get("pattern"),
        workers=int(given.get("workers", 1)),
        scheduler=given.get("scheduler"),
        only=given.get("only"),
        again="again" in given,
        times=Path(given["times"]) if "times" in given else None,
    )
    alike = likeness.alike if "alike" in given else alike_words
    with as_ctrl_c():
        graded = batch.grade_class(order, "none", classes.fake_grade, alike)
    data = summary(graded)
    print(table(data))
    Path(result).write_text(json.dumps(data))
    sys.exit(0 if graded.complete else 1)


if __name__ == "__main__":  # the workers import this file, too
    main()
