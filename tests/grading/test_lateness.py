"""What lateness costs, whatever happened first, in everything that shows grades.

The total is worked out a second time here, in whole numbers, from what an instructor knows.
"""

import csv
import math
import random
import re
import shutil
import zipfile
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from books import CHECK, HALF, Book
from classes import EXERCISE, NAME, hand_in, submission
from forked import Program, environment_without
from nbformat.v4 import new_notebook
from test_batch import grade, start

from l2l_ref.grading.classroom import lateness
from l2l_ref.grading.classroom.plugins import GradesForLMS, GradesTable, SettledGrades
from l2l_ref.support.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's, and those of what it builds on

DUE = datetime(2026, 1, 10, 10)
HOUR = timedelta(hours=1)
ZERO = ("c.LateSubmissionPlugin.penalty_method = 'zero'",)
GUIDE = (Path(__file__).parents[2] / "book/instructor.md").read_text()
#: The rule that the guide shows.
SHARE = re.search(r"```python\n([^`]*class TenthADay.*?)```", GUIDE, re.DOTALL)[1].splitlines()


@pytest.fixture
def book(class_folder):
    return Book(class_folder)


def extend(book, *rows):
    """Write the file of extensions; without rows there is none."""
    path = book.course.root / "extensions.csv"
    path.unlink(missing_ok=True)
    if rows:
        path.write_text("\n".join(["id,assignment,due", *rows]))


# Any order of events


class Life:
    """What can happen to Ann's submission, and what an instructor knows of it.

    Times are in hours after the first due date.
    """

    def __init__(self, book):
        self.book = book
        self.handed_in = self.due = self.extension = None
        self.rule = "none"
        self.points = {"kind": Fraction(5, 4), "put": Fraction(CHECK.points["put"])}
        self.by_hand = {}
        self.answer = "Because of .data."
        self.enter()

    def enter(self):
        points = {question: float(value) for question, value in self.points.items()}
        assert self.book.enter(points=points, words=self.answer) == ""

    def time_is_stated(self):
        self.handed_in = 30
        self.book.settle(ann=DUE + 30 * HOUR)

    def due_date_is_set(self):
        self.due = 0
        self.book.set_due(DUE)

    def due_date_is_moved(self):
        self.due = 4
        self.book.set_due(DUE + 4 * HOUR)

    def extension_is_granted(self):
        self.extension = 24
        extend(self.book, f"ann,1,{DUE + 24 * HOUR}Z")

    def extension_is_taken_back(self):
        self.extension = None
        extend(self.book)

    def rule_is_a_share(self):
        self.rule = "share"
        self.book.configure(*SHARE)

    def rule_is_zero(self):
        self.rule = "zero"
        plain = "from nbgrader.plugins import LateSubmissionPlugin"
        again = "c.AssignLatePenalties.plugin_class = LateSubmissionPlugin"
        self.book.configure(plain, again, *ZERO)

    def words_are_scored(self):
        self.by_hand["in_words"] = Fraction(5, 2)
        self.book.decide("in_words", 2.5)

    def a_check_is_overruled(self):
        self.by_hand["check_kind"] = Fraction(2)
        self.book.decide("check_kind", 2.0)

    def it_is_graded_again(self):
        """By a better check: another question's points change."""
        self.points["put"] = Fraction(1)
        self.enter()

    def formula(self):
        """Hours late, score and penalty."""
        due = None if self.due is None else max(self.due, self.extension or self.due)
        late = 0 if None in (due, self.handed_in) else max(0, self.handed_in - due)
        score = self.by_hand.get("check_kind", self.points["kind"]) + self.points["put"]
        score += self.by_hand.get("in_words", 0)
        days = math.ceil(Fraction(late, 24))
        share = {"none": 0, "zero": 1 if late else 0, "share": min(1, Fraction(days, 10))}
        return late, score, score * share[self.rule]

    EVENTS = (
        time_is_stated,
        due_date_is_set,
        due_date_is_moved,
        extension_is_granted,
        extension_is_taken_back,
        rule_is_a_share,
        rule_is_zero,
        words_are_scored,
        a_check_is_overruled,
        it_is_graded_again,
    )


def exported(book, plugin, name):
    """What an exporter writes for Ann."""
    config = book.course.config
    path = book.folder / f"{name}.csv"
    exporter = plugin(config=config)
    exporter.to = str(path)
    with book.course.gradebook() as open_book:
        exporter.export(open_book)
    with open(path, newline="") as file:
        return next(csv.DictReader(file))


def on_feedback(book):
    """The score and the penalty that nbgrader puts on Ann's page."""
    told = {"notebook": NAME, "assignment": EXERCISE, "student": "ann"}
    told["db_url"] = book.course.directory.db_url
    resources = {"nbgrader": told}
    SettledGrades(config=book.course.config).preprocess(new_notebook(), resources)
    return resources["nbgrader"]["score"], resources["nbgrader"]["late_penalty"]


@pytest.mark.parametrize("seed", range(10))
def test_any_order_of_events(class_folder, tmp_path, seed):
    """Read now and then, and at the end, in each place that shows grades, whichever comes first."""
    chance = random.Random(seed)
    life = Life(Book(Path(shutil.copytree(class_folder, tmp_path / "other"))))
    book, events = life.book, list(Life.EVENTS)
    chance.shuffle(events)

    def to_nbgrader():
        row = exported(book, GradesTable, "table")
        assert float(row["raw_score"]) == pytest.approx(float(score)), done
        assert float(row["late_submission_penalty"]) == pytest.approx(float(penalty)), done
        assert float(row["score"]) == pytest.approx(float(score - penalty)), done

    def to_the_system():
        field = exported(book, GradesForLMS, "lms")[EXERCISE]
        wanted = round(float(score - penalty), 2)
        assert field == (f"{wanted:g}" if "in_words" in life.by_hand else ""), done

    def to_the_student():
        assert on_feedback(book) == pytest.approx((float(score - penalty), float(penalty))), done

    def to_the_instructor():
        book.settle()
        standing = book.standing()
        assert standing.late == 3600 * late, done
        assert standing.penalty == pytest.approx(float(penalty)), done

    done, readers = [], [to_nbgrader, to_the_system, to_the_student, to_the_instructor]
    for event in events:
        event(life)
        done.append(event.__name__)
        late, score, penalty = life.formula()
        if chance.random() < 0.5:
            chance.choice(readers)()
    chance.shuffle(readers)
    for reader in readers:
        reader()


def test_the_command_and_nbgraders_own(class_folder, tmp_path):
    """From the command line: late, a score by hand afterwards, an extension, times stated anew."""
    course = class_folder
    book = Book(course)
    book.set_due(DUE)
    book.configure(*ZERO)
    for student, when in (("ann", "2026-01-10 09:59:59 UTC"), ("bob", "2026-01-11 12:00:00 UTC")):
        hand_in(course, student, submission(course, HALF), when)
    hand_in(course, "cy", submission(course, HALF, words="Other words."))
    half = sum(HALF.values())

    code, out, data = grade(course)
    rows = {row["student"]: row for row in data["students"]}
    assert code == 0
    assert [rows[name]["late"] for name in rows] == [0, 26 * 3600, 0]
    assert [rows[name]["penalty"] for name in rows] == [0, half, 0]
    assert [rows[name]["undated"] for name in rows] == [False, False, True]
    assert [rows[name]["dated_by"] for name in rows] == ["a person", "a person", ""]
    lines = {line.split()[0]: line for line in out.splitlines() if line}
    assert f" 26 h -{half:g} " in lines["bob"]
    assert " ? " in lines["cy"]
    assert "handed in nobody knows when, so no penalty; say it with --times: cy" in out
    assert "timestamp.txt is not from nbgrader's exchange: ann, bob" in out

    for student, points in {"ann": 2.5, "bob": 3.0, "cy": 2.0}.items():
        book.decide("in_words", points, student)
    export = Program(
        "nbgrader.apps.nbgraderapp:main",
        *("nbgrader", "export", "--to=plain.csv"),
        folder=course,
        environment=environment_without(),
    )
    out, errors = export.communicate(timeout=300)
    assert export.returncode == 0, errors
    assert out.strip() == f"not late: cy, {EXERCISE}: nobody knows when it was handed in"
    with open(course / "plain.csv", newline="") as file:
        assert [float(row["score"]) for row in csv.DictReader(file)] == [half + 2.5, 0, half + 2]

    (course / "times.csv").write_text("id;time\nbob;2026-01-12 10:00 UTC\ncy;2026-01-10T10:00:01Z")
    extend(book, "cy,leaf_tensors,2026-01-10 12:00 +0100")
    code, out, data = grade(course, f"times={course / 'times.csv'}")
    rows = {row["student"]: row for row in data["students"]}
    assert not any(row["graded_now"] for row in rows.values())
    assert [rows[name]["total"] for name in rows] == [half + 2.5, 0, half + 2]
    assert [rows[name]["by_hand"] for name in rows] == [2.5, 3.0, 2.0]
    assert rows["cy"]["due"] == "2026-01-10T11:00:00Z"
    assert "with an extension: cy" in out

    extend(book)
    out, data = grade(course)[1:]
    assert data["students"][2]["total"] == 0
    assert "cy: the extension in 01_leaf_tensors is no longer in extensions.csv; undone" in out
    lines = {line.split()[0]: line.split() for line in out.splitlines() if line}
    assert lines["bob"][4:] == ["+3", "48", "h", f"-{half + 3:g}", "0", "before"]

    (course / "times.csv").write_text("id,time\neve,2026-01-12 10:00 UTC\n")
    process_errors = refused(course, f"times={course / 'times.csv'}")
    assert "neither on the roster nor have handed in anything: eve" in process_errors


def test_what_a_delivery_says_of_times(class_folder, tmp_path):
    """Its file is nobody's time; what Canvas calls late stays marked, run after run."""
    course = class_folder
    Book(course).set_due(DUE)
    with zipfile.ZipFile(tmp_path / "canvas.zip", "w") as archive:
        for student, words in (("annlee_1", "One."), ("daybo_LATE_2", "Two.")):
            text = submission(course, HALF, words=words)
            archive.writestr(f"{student}_7_leaf_tensors.ipynb", text)
        archive.writestr("annlee_1_8_timestamp.txt", "2026-01-12 10:00 UTC")
    for options in ([f"source={tmp_path / 'canvas.zip'}"], []):
        _, out, data = grade(course, *options)
        assert [row["called_late"] for row in data["students"]] == ["", "Canvas"]
        assert [(row["late"], row["undated"]) for row in data["students"]] == [(0, True)] * 2
        assert "Canvas calls these late; say by how much with --times: 2\n" in out
        assert "so no penalty; say it with --times: 1\n" in out
    (course / "times.csv").write_text("id,time\n1,2026-01-10T09:00Z\n2,2026-01-10T11:00Z\n")
    data = grade(course, f"times={course / 'times.csv'}")[2]
    assert [row["late"] for row in data["students"]] == [0, 3600]
    assert [row["called_late"] for row in data["students"]] == ["", ""]


def refused(course, *options):
    """What the command says when it cannot begin."""
    process = start(course, *options)
    _, errors = process.communicate(timeout=600)
    assert process.returncode
    assert "InputError" in errors
    return errors


# Extensions


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ann,99_nothing,2026-01-11 10:00 UTC", "line 2: there is no exercise '99_nothing'"),
        (",1,2026-01-11 10:00 UTC", "line 2: the student's id is missing"),
        ("ann,1,2026-01-11 10:00", "line 2: .* names no time zone"),
        (
            "ann,1,2026-01-11 10:00 UTC\nann,01_leaf_tensors,2026-01-12 10:00 UTC",
            "line 3: a second",
        ),
        ("ann,1", "line 2: 2 fields"),
    ],
)
def test_extensions_that_are_refused(book, row, said):
    """Before the work begins, and by an export, which then changes nothing."""
    book.enter()
    extend(book, row)
    with pytest.raises(InputError, match=said):
        lateness.granted(book.course.root)
    with pytest.raises(SystemExit):
        exported(book, GradesForLMS, "lms")
    assert not (book.folder / "lms.csv").exists()
    assert "InputError" in refused(book.folder)


def test_an_extension_never_shortens(book):
    book.enter()
    book.set_due(DUE)
    extend(book, f"ann,1,{DUE - HOUR}Z")
    (note,) = book.settle(ann=DUE - HOUR / 2)
    assert note == "ann: the extension in 01_leaf_tensors ends before its due date; it is void"
    assert (book.standing().late, book.standing().due) == (0, DUE)


def test_an_extension_without_a_due_date_waits_for_it(book):
    book.enter()
    extend(book, f"ann,1,{DUE + HOUR}Z", f"nobody,1,{DUE}Z")
    assert book.settle(ann=DUE + 2 * HOUR) == [
        "ann: an extension in 01_leaf_tensors, which has no due date",
        "extensions.csv names students who are not known: nobody",
    ]
    assert book.standing().late == 0
    book.set_due(DUE)
    book.settle()
    assert book.standing().late == 3600


# The rule


def test_a_rule_that_is_none_is_said_before_the_work(book):
    book.configure("c.LateSubmissionPlugin.penalty_method = 'half'")
    with pytest.raises(
        InputError, match=r"the rule for late work in nbgrader_config\.py cannot be"
    ):
        lateness.Rule(book.course.config)
    hand_in(book.folder, "ann", submission(book.folder, HALF))
    assert "the rule for late work" in refused(book.folder)
    assert not (book.folder / "log").exists()  # nobody was graded


@pytest.mark.parametrize("points", ["1 / 0", "float('nan')", "'half'"])
def test_a_rule_that_fails_changes_nothing(book, points):
    book.enter()
    book.configure(*ZERO)
    book.set_due(DUE)
    book.settle(ann=DUE + HOUR)
    book.configure(*[line.replace("score * min", f"{points} or min") for line in SHARE])
    with pytest.raises(InputError, match="fails for ann"):
        book.settle(ann=DUE + 5 * HOUR)
    assert book.standing().late == 3600
    with pytest.raises(SystemExit):
        exported(book, GradesTable, "table")
    hand_in(book.folder, "ann", submission(book.folder, HALF), "2026-01-11 10:00 UTC")
    code, out, data = grade(book.folder)
    assert code == 1
    assert "!! no penalty was changed: the rule for late work" in out
    assert data["students"][0]["total"] is None


@pytest.mark.parametrize(
    ("points", "penalty"), [("-1", 0), ("1000", 4.25), ("None", 0), ("0.5", 0.5)]
)
def test_a_penalty_is_between_nothing_and_all(book, points, penalty):
    book.enter()
    assert sum(HALF.values()) == 4.25
    book.set_due(DUE)
    book.configure(*[line.replace("score * min", f"{points} if True else min") for line in SHARE])
    book.settle(ann=DUE + timedelta(microseconds=1))
    assert book.standing().penalty == penalty


def test_a_rule_in_a_file_beside_the_settings(class_folder):
    """As nbgrader's documentation has it."""
    (class_folder / "mine.py").write_text("\n".join(SHARE[:-1]))
    hand_in(class_folder, "ann", submission(class_folder, HALF), str(DUE + HOUR))
    book = Book(class_folder)
    book.set_due(DUE)
    config = class_folder / "nbgrader_config.py"
    config.write_text(
        config.read_text() + "\nc.AssignLatePenalties.plugin_class = 'mine.TenthADay'\n"
    )
    assert grade(class_folder)[2]["students"][0]["penalty"] == pytest.approx(0.425)
