"""The life of an assignment, from its source to the exported grades, with nbgrader's own commands.

Once with nbgrader's autograde, once with `l2l grade`; all other commands are the same. Each is a
single test, so that the tests that run side by side do not each live that life again.
"""

import csv
import datetime
import html
import json
import re
import time
from pathlib import Path

import pytest
from classroom import EXERCISE, NAME, Classroom, read
from forked import Program, environment_without

from l2l_ref import checks

pytest.importorskip("nbgrader")
pytestmark = pytest.mark.slow  # each of some twenty commands imports nbgrader, which takes seconds

POINTS = checks.get_check(NAME).points
ROSTER = """\
id,last_name,first_name,email
ann,Ångström,Ann,ann@example.org
bob,Berg,Bob,bob@example.org
cleo,Cruz,Cleo,cleo@example.org
"""
IN_WORDS = {"ann": "Only numbers go into .data, says Ann.", "bob": "Bob never saw a graph there."}
COMMENTS = {"ann": "Well explained; which slope is it?", "bob": "The loss is not the reason."}
RIGHT = {"ann": tuple(POINTS), "bob": ("kind", "loss_after")}
EARNED = {student: sum(POINTS[question] for question in RIGHT[student]) for student in RIGHT}
MANUAL = {"ann": 2.5, "bob": 1.0}


def utc(ahead: float = 0.0) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=ahead)


@pytest.mark.parametrize("command", ["nbgrader autograde", "l2l grade"])
def test_the_life_of_an_assignment(command, tmp_path):
    program, word = command.split()
    room = Classroom(tmp_path, 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    (room.course / "roster.csv").write_text(ROSTER)
    room.run("nbgrader", "db", "student", "import", "roster.csv")
    room.run("nbgrader", "generate_assignment", EXERCISE)
    room.run("nbgrader", "release_assignment", EXERCISE)

    hand_in(room, "ann")
    due = utc(ahead=1)  # Bob will be late
    room.run("nbgrader", "db", "assignment", "add", EXERCISE, f"--duedate={due:%F %T.%f} UTC")
    time.sleep(max(0.0, (due - utc()).total_seconds()))
    hand_in(room, "bob")

    room.run("nbgrader", "collect", EXERCISE)
    assert "not from nbgrader's exchange" not in room.run(program, word, EXERCISE)
    grade_by_hand(room)
    room.run("nbgrader", "generate_feedback", EXERCISE)
    room.run("nbgrader", "release_feedback", EXERCISE)
    for student in RIGHT:
        room.run("nbgrader", "fetch_feedback", EXERCISE, student=student)
    its_own_feedback_and_no_other(room, "ann", score=EARNED["ann"] + MANUAL["ann"])
    its_own_feedback_and_no_other(room, "bob", score=0.0)  # the score by hand came too late, too
    pages = [path.name for path in (room.course / ".nbgrader/exchange/l2l/feedback").iterdir()]
    assert len(pages) == len(RIGHT)  # students find theirs by a secret, not by a name
    assert all(re.fullmatch(r"[0-9a-f]{32,}\.html", name) for name in pages)

    penalty = EARNED["bob"] + MANUAL["bob"]
    the_grades(room, penalty)
    again = {"nbgrader": "--force", "l2l": "--again"}[program]
    room.run("nbgrader", "collect", EXERCISE, "--update")
    room.run(program, word, EXERCISE, again)
    the_grades(room, penalty)

    room.run("nbgrader", "fetch_assignment", "99_nothing", student="ann", code=1)
    room.run("nbgrader", "submit", "99_nothing", student="ann", code=1)
    room.run(program, word, "99_nothing", code={"nbgrader": 1, "l2l": 2}[program])


def hand_in(room: Classroom, student: str) -> None:
    """Fetch, answer, submit."""
    room.run("nbgrader", "fetch_assignment", EXERCISE, student=student)
    fetched = room.home(student) / EXERCISE
    assert [path.name for path in fetched.iterdir()] == [f"{NAME}.ipynb"]
    assert read(fetched / f"{NAME}.ipynb") == room.release
    answers = {question: room.right(question) for question in RIGHT[student]}
    room.answer(fetched / f"{NAME}.ipynb", answers | {"in_words": IN_WORDS[student]})
    room.run("nbgrader", "submit", EXERCISE, f"--student={student}", student=student)


def grade_by_hand(room: Classroom) -> None:
    """What formgrader does: score and comment for each answer in words."""
    given = {student: (MANUAL[student], COMMENTS[student]) for student in MANUAL}
    database = f"sqlite:///{room.course / '.nbgrader/gradebook.db'}"
    program = Program(
        "by_hand:main",
        *("by_hand", database, EXERCISE, NAME, json.dumps(given)),
        folder=Path(__file__).parent,
        environment=environment_without(),
    )
    said = program.communicate(timeout=300)
    assert program.returncode == 0, said


def its_own_feedback_and_no_other(room: Classroom, student: str, score: float) -> None:
    """What a student reads: each report, the total, the comment, and nothing of the others."""
    (path,) = (room.home(student) / EXERCISE / "feedback").glob(f"*/{NAME}.html")
    page = path.read_text()
    text = said(page)
    for question, out_of in POINTS.items():
        points = out_of if question in RIGHT[student] else 0
        assert f"{question}: {points:g} of {out_of:g} points" in text
    assert ("NotImplementedError is still raised" in text) == (student == "bob")
    assert f"(Score: {score} / 20.0)" in text
    assert COMMENTS[student] in text
    assert IN_WORDS[student] in text

    (other,) = RIGHT.keys() - {student}
    assert COMMENTS[other] not in text
    assert IN_WORDS[other] not in text
    assert not re.search(rf"\b({other}|cleo)\b|example\.org", page, flags=re.IGNORECASE)
    assert str(room.folder) not in page  # nor where the instructor keeps the class


def said(page: str) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<(style|script).*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def the_grades(room: Classroom, penalty: float) -> None:
    """What is exported, with Bob's penalty."""
    room.run("nbgrader", "export")
    with open(room.course / ".nbgrader/grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {"ann", "bob", "cleo"}
    assert rows["ann"]["last_name"] == "Ångström"
    assert rows["ann"]["email"] == "ann@example.org"
    keys = ("raw_score", "late_submission_penalty", "score", "max_score")
    raw = {student: EARNED[student] + MANUAL[student] for student in RIGHT}
    for student, cost in {"ann": 0.0, "bob": penalty}.items():
        row = [float(rows[student][key] or 0) for key in keys]
        assert row == [raw[student], cost, raw[student] - cost, 20.0], student
    assert rows["cleo"]["timestamp"] == ""  # nothing was handed in
    assert float(rows["cleo"]["score"]) == 0.0
