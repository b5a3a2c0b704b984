"""From submissions to the gradebook: what is wrong with one student's costs that student alone."""

import contextlib
import errno
import json
import os
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

import classes
from classes import EXERCISE, hand_in, submission
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2l_ref.grading.classroom import batch, gradebook, workers
from l2l_ref.grading.classroom.table import summary, table
from l2l_ref.grading.ending import MachinesFault, fault_of_machine, how_to_go_on
from l2l_ref.grading.examination import records
from l2l_ref.grading.submission import likeness
from l2l_ref.support.errors import CannotWrite, InputError

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's, and those of what it builds on

POINTS = {"kind": 1.25}


class Here:
    """A pool without processes."""

    slots, weight, died = 1, 1, BrokenExecutor

    def submit(self, *task) -> Future:
        future = Future()
        future.set_result(task[0](*task[1:]))
        return future


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr(batch, "pool_for", lambda *_: contextlib.nullcontext(Here()))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def grade(course: Path, grader=classes.fake_grade, alike=classes.nothing_alike, **options):
    return batch.grade_class(batch.Order(EXERCISE, course, **options), "none", grader, alike)


def full(*_):
    raise CannotWrite("cannot write it", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def test_a_folder_whose_name_is_no_text(class_folder, here):
    hand_in(class_folder, "ann", submission(class_folder, POINTS))
    hand_in(class_folder, os.fsdecode(b"M\xfcller"), submission(class_folder, POINTS))
    graded = grade(class_folder)
    assert list(graded.records) == ["ann"]
    assert graded.standings["ann"] is not None
    assert "M\\udcfcller" in graded.problems[0]
    assert "no UTF-8 text" in graded.problems[0]
    table(summary(graded)).encode()


NAN = float("nan")
DEEP = json.loads("[" * 500 + "]" * 500)
CHANGES = [
    {"flags": None},
    {"flags": [{"cell": "kind", "reason": "\ud800 " + "x" * 100_000}]},
    {"flags": [{"cell": 3, "reason": ""}]},
    {"repairs": ["\ud800\x1b[2J"] * 1000},
    {"remarks": [DEEP]},
    {"seconds": {"all": "long"}},
    {"points": NAN},
    {"more": NAN},
    {"more": {1, 2}},
    {"more": DEEP},
    {"notebook": {}},
    {"notebook": {"cells": [{}]}},
    {"notebook": {"cells": [{"cell_type": "code", "metadata": {"nbgrader": 3}, "source": 0}]}},
    {"check_version": None},
    {"why": 3},
]


def spoiled(change: dict):
    """A grader that sends this for eve, and what it should for others."""

    def grader(job: dict) -> dict:
        record = classes.fake_grade(job)
        return record | change if job["student"] == "eve" else record

    return grader


def check(course: Path, changes: list[dict]) -> None:
    change = {key: value for each in changes for key, value in each.items()}
    graded = grade(course, spoiled(change), likeness.alike, again=True)
    assert graded.records["ann"]["status"] == graded.records["zoe"]["status"] == "graded"
    assert not [line for line in graded.problems if not line.startswith("eve: ")]
    for name in ("ann", "zoe"):
        assert graded.records[name]["points"] == 1.25
        assert graded.standings[name] is not None
    table(summary(graded)).encode()
    json.dumps(summary(graded), allow_nan=False)


def trio(course: Path) -> Path:
    for name in ("ann", "eve", "zoe"):
        hand_in(course, name, submission(course, POINTS))
    return course


@pytest.fixture
def three(class_folder) -> Path:
    return trio(class_folder)


#: The folder may be the same for all examples: each grades anew.
FEW = settings(deadline=None, max_examples=3, suppress_health_check=list(HealthCheck))


@FEW
@given(changes=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=2))
def test_a_record_of_any_kind(three, here, changes):
    check(three, changes)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_each_kind_of_record(three, here, change):
    check(three, [change])


def test_who_cannot_be_entered(three, here, monkeypatch):
    enter = gradebook.GradebookWriter.enter

    def broken(self, record, *rest):
        if record["student"] == "eve":
            raise KeyError("\ud800 what nobody thought of")
        return enter(self, record, *rest)

    monkeypatch.setattr(gradebook.GradebookWriter, "enter", broken)
    graded = grade(three)
    assert [line for line in graded.problems if "eve: it could not be entered: KeyError" in line]
    assert not graded.complete
    assert graded.standings["ann"] is not None
    assert graded.standings["zoe"] is not None


def test_a_full_disk(three, here, monkeypatch):
    """One line: what is full, what is kept, and how to go on; then it goes on."""
    write, written = records.Records.write, []

    def fills(self, record):
        if len(written) == 1:
            full()
        written.append(record["student"])
        write(self, record)

    with monkeypatch.context() as patch:
        patch.setattr(records.Records, "write", fills)
        with pytest.raises(InputError) as raised:
            grade(three)
    assert str(raised.value) == (
        "the disk is full; stopped after 1 of 3; their records are kept, the gradebook is as it "
        "was. Start the same command again to go on."
    )
    graded = grade(three)
    assert graded.fresh == ["eve", "zoe"]
    assert graded.complete


def test_a_disk_that_is_full_for_nbgrader(three, here, monkeypatch):
    said = "nbgrader could not enter it: OSError: [Errno 28] No space left on device"
    monkeypatch.setattr(gradebook.GradebookWriter, "enter", lambda *_: said)
    with pytest.raises(
        InputError, match=r"the disk is full; stopped after grading.* all 3 records"
    ):
        grade(three)


def test_whose_fault_it_is():
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        assert fault_of_machine(OSError(number, "x", "file"))
        with pytest.raises(InputError, match="; kept"), how_to_go_on(lambda: "kept"):
            raise OSError(number, "x")
    with (
        pytest.raises(InputError, match=r"Permission denied.*; kept"),
        how_to_go_on(lambda: "kept"),
    ):
        raise PermissionError(errno.EACCES, "Permission denied", "file")
    assert not fault_of_machine(PermissionError(errno.EACCES, "x"))
    assert not fault_of_machine(InputError("a notebook says: No space left on device"))
    with pytest.raises(ZeroDivisionError), how_to_go_on(lambda: "kept"):
        raise ZeroDivisionError
    assert issubclass(MachinesFault, InputError)


def test_a_full_disk_in_a_worker_is_no_grade():
    def grader(job):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert json.loads(workers.work(grader, "{}"))["machine"] is True
    assert json.loads(workers.work(lambda job: 1 / 0, "{}"))["machine"] is False


# Answers alike


def class_of(real) -> tuple[dict, dict]:
    solved, release = real("01_leaf_tensors")
    return solved, release


def test_who_is_too_long_is_named_and_the_others_are_compared(real):
    solved, release = class_of(real)
    padded = json.loads(json.dumps(solved))
    cell = next(each for each in padded["cells"] if each["id"] == "sgd_step")
    cell["source"] = "".join(cell["source"]) + "\n" + "# x\n" * 20_000
    left_out = {}
    found = likeness.alike({"ann": solved, "bob": solved, "eve": padded}, release, left_out)
    assert list(left_out) == [("eve", "sgd_step")]
    assert "more than 50,000" in left_out["eve", "sgd_step"]
    assert {(pair.one, pair.other) for pair in found if pair.cell == likeness.WHOLE} >= {
        ("ann", "bob")
    }


def test_what_a_lexer_fails_on_is_named(real, monkeypatch):
    solved, release = class_of(real)
    odd = json.loads(json.dumps(solved))
    next(each for each in odd["cells"] if each["id"] == "sgd_step")["source"] = "ODD"
    fingerprint = likeness._fingerprint

    def fails(text):
        while text == "ODD":
            pass  # without end
        if "ODD" in text:
            raise KeyError("what nobody thought of")
        return fingerprint(text)

    monkeypatch.setattr(likeness, "_fingerprint", fails)
    monkeypatch.setattr(likeness, "PATIENCE", 0.5)
    left_out = {}
    found = likeness.alike({"ann": solved, "bob": solved, "eve": odd}, release, left_out)
    assert left_out["eve", "sgd_step"] == "it took longer than 0.5 s"
    assert {student for student, _ in left_out} == {"eve"}
    assert [pair for pair in found if pair.cell == likeness.WHOLE and pair.one == "ann"]


def test_what_is_left_out_is_a_flag(three, here):
    def alike(notebooks, release, left_out):
        left_out["eve", "kind"] = "60,000 characters"
        left_out[batch.PUBLISHED, "kind"] = "odd"
        raise KeyError("what nobody thought of")

    graded = grade(three, alike=alike)
    assert [flag["cell"] for flag in graded.flags["eve"]] == ["kind"]
    assert "could not be compared" in graded.flags["eve"][0]["reason"]
    assert graded.problems == ["the answers were not compared: KeyError: 'what nobody thought of'"]
    assert any(batch.PUBLISHED in note for note in graded.notes)
    assert graded.standings["eve"] is not None
