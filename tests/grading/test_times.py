"""Times that an instructor states: for one notebook of one student, before what others say."""

from datetime import datetime

import pytest
from classes import EXERCISE

from l2l_ref.grading.classroom import times
from l2l_ref.grading.classroom.collecting import EXCHANGE, Submission
from l2l_ref.grading.classroom.delivery import Delivered
from l2l_ref.support.errors import InputError

EARLY, LATE = datetime(2026, 1, 9, 9), datetime(2026, 1, 11, 11, 11)


def learn(folder, *submissions, said=None, late=None):
    """What a run of the command keeps; ``late`` is None without a delivery."""
    delivered = None
    if late is not None:
        delivered = Delivered([one.student for one in submissions], [], [], late)
    times.Kept(folder, EXERCISE).learn(submissions, said or {}, delivered)


def dated(folder, submission):
    found = times.Kept(folder, EXERCISE).dated(submission)
    return found.timestamp, found.dated_by, found.late


def test_a_time_belongs_to_a_notebook(tmp_path):
    old, new = Submission("ann", "old"), Submission("ann", "new")
    learn(tmp_path, old, said={"ann": EARLY})
    assert dated(tmp_path, old) == ("2026-01-09 09:00:00", "--times", "")
    learn(tmp_path, new)
    assert dated(tmp_path, new) == ("", "", "")  # handed in again, nobody knows when
    assert dated(tmp_path, Submission("bob", "old")) == ("", "", "")
    learn(tmp_path, new, said={"ann": LATE})
    assert dated(tmp_path, new)[0] == "2026-01-11 11:11:00"
    learn(tmp_path, old)
    assert dated(tmp_path, old)[0] == "2026-01-09 09:00:00"  # a wrong delivery was undone


def test_it_goes_before_the_exchange_and_can_be_stated_anew(tmp_path):
    ann = Submission("ann", "x", timestamp="2026-01-10 10:00:00", dated_by=EXCHANGE)
    assert dated(tmp_path, ann) == ("2026-01-10 10:00:00", EXCHANGE, "")
    for time in (EARLY, LATE):
        learn(tmp_path, ann, said={"ann": time})
        assert dated(tmp_path, ann) == (str(time), "--times", "")


def test_what_canvas_calls_late_stays_so_until_a_time_is_known(tmp_path):
    ann, bob = Submission("ann", "x"), Submission("bob", "y")
    learn(tmp_path, ann, bob, late={"ann": "Canvas"})
    learn(tmp_path, ann, bob)
    assert dated(tmp_path, ann) == ("", "", "Canvas")
    assert dated(tmp_path, bob) == ("", "", "")
    learn(tmp_path, ann, bob, late={})  # delivered once more, and in Canvas it is no longer late
    assert dated(tmp_path, ann) == ("", "", "")
    learn(tmp_path, ann, bob, late={"ann": "Canvas"})
    learn(tmp_path, ann, said={"ann": LATE})
    assert dated(tmp_path, ann) == (str(LATE), "--times", "")


def test_nothing_new_writes_nothing(tmp_path):
    learn(tmp_path, Submission("ann", "x"), said={}, late={})
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_no_empty_one(tmp_path):
    learn(tmp_path, Submission("ann", "x"), said={"ann": EARLY})
    (path,) = tmp_path.rglob("*.json")
    path.write_text(path.read_text()[:-5])
    with pytest.raises(InputError, match="cannot be read"):
        times.Kept(tmp_path, EXERCISE)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["ann,2026-01-09 09:00 UTC", "ann,2026-01-09 09:00 UTC"], "line 3: a second time for ann"),
        ([",2026-01-09 09:00 UTC"], "line 2: the student's id is missing"),
        (["ann,2026-01-09 09:00"], "line 2: .* names no time zone"),
        (["ann,"], "states no times"),
    ],
)
def test_files_that_are_refused(tmp_path, lines, said):
    (tmp_path / "times.csv").write_text("\n".join(["id,time", *lines]))
    with pytest.raises(InputError, match=said):
        times.read(tmp_path / "times.csv")


def test_who_has_no_time_is_passed_over(tmp_path):
    (tmp_path / "times.csv").write_text("id,name,time\nann,Ann,2026-01-09T09:00Z\nbob,Bob,\n")
    assert times.read(tmp_path / "times.csv") == {"ann": EARLY}


def test_strangers_are_named(tmp_path):
    times.unknown({"ann": EARLY}, {"ann", "bob"}, tmp_path)
    with pytest.raises(InputError, match=r"neither on the roster nor .*: eve, mal"):
        times.unknown({"ann": EARLY, "mal": EARLY, "eve": LATE}, {"ann"}, tmp_path)
