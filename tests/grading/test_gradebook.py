"""Records in nbgrader's gradebook: right, once, and with what a person decided."""

import csv
import json
import sqlite3

import pytest

pytest.importorskip("nbgrader")

from books import CHECK, HALF, Book
from classes import EXERCISE, NAME, released
from forked import Program, environment_without
from nbgrader.converters import Autograde

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's, and those of what it builds on


@pytest.fixture
def book(class_folder):
    return Book(class_folder)


def test_partial_credit_and_the_answer_in_words(book):
    assert book.enter() == ""
    rows = book.rows()
    for question in CHECK.points:
        assert rows[f"check_{question}"] == (HALF.get(question, 0.0), None, False)
    assert rows["in_words"] == (None, None, True)
    graded = book.course.path("autograded", "ann", EXERCISE) / f"{NAME}.ipynb"
    assert "kind: so many points" in graded.read_text()  # what feedback shows


def test_entered_once(book):
    record = book.record("ann")
    for _ in range(3):
        assert book.enter(record=record) == ""
    assert book.entered == 1


def test_an_unanswered_question_in_words_is_no_work(book):
    (cell,) = [cell for cell in released(book.folder)["cells"] if cell["id"] == "in_words"]
    book.enter(words="".join(cell["source"]))
    assert book.rows()["in_words"] == (0.0, None, False)


def test_a_decision_survives_a_regrade(book):
    book.enter()
    book.decide("in_words", 2.0)
    book.decide("check_kind", 2.0)
    book.enter(repairs=["something else in the record"])
    assert book.entered == 2
    assert book.rows()["in_words"] == (None, 2.0, False)
    assert book.rows()["check_kind"] == (1.25, 2.0, False)


def test_a_decision_on_another_answer_is_asked_for_again(book):
    book.enter()
    book.decide("in_words", 2.0)
    book.decide("check_kind", 2.0)
    book.enter(points=HALF | {"kind": 0.5}, words="Another answer.")
    assert book.rows()["in_words"] == (None, 2.0, True)
    assert book.rows()["check_kind"] == (0.5, 2.0, True)
    asked = {"kind": "kind 2 (to another automatic score)"}
    asked["in_words"] = "in_words 2 (to an earlier answer)"
    assert book.outdated == list(asked.values())
    assert book.standing().total is None
    changed = HALF | {"kind": 0.5, "put": 0.0}  # entered again, for another reason
    book.enter(points=changed, words="Another answer.")
    assert book.outdated == list(asked.values())
    book.decide("check_kind", 2.0)  # the same again, but now of this answer
    book.enter(points=changed, words="Another answer.")
    assert book.outdated == [asked["in_words"]]
    book.decide("in_words", 1.0)
    book.enter(points=changed, words="Another answer.", repairs=["something else"])
    assert book.outdated == []
    assert book.standing().total == 3.0


def test_a_decision_before_a_flag_is_asked_for_again(book):
    book.enter()
    book.decide("check_kind", 2.0)
    book.enter(flags=[{"cell": "kind", "reason": "uses gc"}])
    assert book.outdated == ["kind 2 (to other flags)"]


def test_flags_ask_a_person_and_say_why(book):
    flags = [{"cell": "kind", "reason": "uses gc"}, {"cell": "", "reason": "odd"}]
    book.enter(flags=flags)
    first = next(iter(CHECK.points))
    rows = book.rows()
    assert rows["check_kind"] == (1.25, None, True)
    assert [name for name, row in rows.items() if row[2]] == [f"check_{first}", "in_words"]
    assert "uses gc" in book.comment("kind")
    assert "odd" in book.comment(first)


def test_a_flag_that_a_person_dealt_with_is_not_raised_again(book):
    flags = [{"cell": "put", "reason": "uses gc"}]
    book.enter(flags=flags)
    book.decide("check_put", None)
    book.enter(flags=flags, repairs=["something else"])
    assert book.rows()["check_put"][2] is False
    book.enter(flags=[*flags, {"cell": "put", "reason": "and more"}])
    assert book.rows()["check_put"][2] is True


def test_failed_is_not_zero(book):
    record = book.failed("ann")
    assert book.enter(record=record) == ""
    rows = book.rows()
    for question in CHECK.points:
        assert rows[f"check_{question}"] == (None, None, True)
    assert rows["in_words"][2] is True
    assert "could not be graded: the file is empty" in book.comment(next(iter(CHECK.points)))
    assert book.enter(record=record) == ""
    assert book.entered == 1
    assert book.enter() == ""  # handed in again
    assert book.rows()["check_kind"] == (1.25, None, False)


def test_the_page_says_what_happened(book):
    """To the student and in formgrader, letter by letter, whatever a student's text holds."""
    repairs, remarks = ["a cell was put back"], ["In [3] (while True: ```) ran longer than 300 s"]
    assert book.enter(repairs=repairs, remarks=remarks) == ""
    first = book.autograded()["cells"][0]
    assert first["cell_type"] == "markdown"
    for text in ("a cell was put back", "````\n", remarks[0]):
        assert text in "".join(first["source"])
    assert book.enter("bob") == ""
    assert book.autograded("bob")["cells"][0]["id"] == released(book.folder)["cells"][0]["id"]
    assert book.enter("cy", record=book.failed("cy")) == ""
    assert "This could not be graded: the file is empty" in str(book.autograded("cy")["cells"][0])


def test_a_time_is_entered_with_its_file(book):
    """What nbgrader releases feedback by; the gradebook's own time is for `lateness` to set."""
    record = book.record("ann")
    file = book.course.path("autograded", "ann", EXERCISE) / "timestamp.txt"
    for timestamp in ("2026-01-01 09:59:00", "2026-01-01 10:01:00", ""):
        assert book.enter(record=record, timestamp=timestamp) == ""
        assert (file.read_text() if file.exists() else "") == timestamp
    assert book.entered == 3


@pytest.mark.parametrize("moment", ["before the scores", "after the scores"])
def test_cut_short(book, monkeypatch, moment):
    """What a power cut leaves: rows without a notebook, or half of both."""
    book.enter()
    book.decide("in_words", 2.0)
    better = HALF | {"kind": 2.0}
    write, calls = Autograde.write_single_notebook, []

    def stopped(self, output, resources):
        calls.append(1)
        if len(calls) == (1 if moment == "before the scores" else 2):
            raise KeyboardInterrupt
        write(self, output, resources)

    with monkeypatch.context() as patch:
        patch.setattr(Autograde, "write_single_notebook", stopped)
        with pytest.raises(KeyboardInterrupt):
            book.enter(points=better)
    assert book.rows()["check_kind"][0] == (1.25 if moment == "before the scores" else 2.0)
    assert book.enter(points=better) == ""
    assert book.rows()["check_kind"] == (2.0, None, False)
    assert book.rows()["in_words"] == (None, 2.0, False)


def test_rows_that_somebody_changed_are_put_right(book):
    record = book.record("ann")
    book.enter(record=record)
    with sqlite3.connect(book.course.root / "gradebook.db") as database:
        database.execute("UPDATE grade SET auto_score = 99 WHERE auto_score = 1.25")
    database.close()
    assert book.enter(record=record) == ""
    assert book.rows()["check_kind"] == (1.25, None, False)


def test_a_students_notebook_does_not_say_that_it_was_entered(book):
    record = book.record("ann")
    book.enter(record=record)
    path = book.course.path("autograded", "ann", EXERCISE) / f"{NAME}.ipynb"
    done = json.loads(path.read_text())["metadata"]["l2l_graded"]
    other = book.record("eve", {})
    other["notebook"]["metadata"] |= {"l2l_graded": done, "l2l_record": done | {"looked": ["x"]}}
    book.enter(record=other)
    assert book.entered == 2
    assert book.rows("eve")["check_kind"] == (0.0, None, False)


def test_a_record_that_nbgrader_cannot_enter_is_reported(book):
    record = book.record("ann")
    for cell in record["notebook"]["cells"]:
        if cell["id"] == "check_kind":
            cell["outputs"][1]["data"]["text/plain"] = "99.0"
    assert "partial credit cannot be greater" in book.enter(record=record)


def test_lone_surrogates_and_names(book):
    student = "Zoë Ærøskøbing 李"
    record = book.record(student)
    for cell in record["notebook"]["cells"]:
        if cell["id"] == "kind":
            cell["source"] = "'\ud800'"
    assert book.enter(record=record) == ""
    assert book.rows(student)["check_kind"][0] == 1.25


def test_export_for_an_lms(book):
    """By the real command; what is not known is blank and named."""
    with book.course.gradebook() as open_book:
        open_book.add_student("ann", first_name="Ann", last_name="Lee, the 1st", email="a@b.c")
        open_book.add_student("zoe", first_name="=1+1", last_name="李")
    book.enter("ann")
    book.decide("in_words", 2.5)
    book.enter("bob")  # his answer in words is still to be read
    book.enter(record=book.failed("cy"))
    export = Program(
        "nbgrader.apps.nbgraderapp:main",
        *("nbgrader", "export"),
        *("--exporter=l2l_ref.grading.classroom.plugins.GradesForLMS", "--to=lms.csv"),
        folder=book.folder,
        environment=environment_without(),
    )
    out, errors = export.communicate(timeout=300)
    assert export.returncode == 0, errors
    with open(book.folder / "lms.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    score = f"{sum(HALF.values()) + 2.5:g}"
    assert rows == [
        ["ID", "last name", "first name", "email", EXERCISE],
        ["ann", "Lee, the 1st", "Ann", "a@b.c", score],
        ["bob", "", "", "", ""],
        ["cy", "", "", "", ""],
        ["zoe", "李", "'=1+1", "", ""],
    ]
    assert [line.strip() for line in out.splitlines()] == [
        "lms.csv: 4 students, 1 assignments",
        f"blank: bob, {EXERCISE}: a person has to look at in_words",
        f"blank: cy, {EXERCISE}: it could not be graded; a person has to",
        f"blank: zoe, {EXERCISE}: nothing was handed in",
    ]
