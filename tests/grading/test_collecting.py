"""What students handed in: every shape that is known, and nothing that a delivery should not do."""

import json
import os
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
from classes import EXERCISE, NAME, ROOT
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("nbgrader")

from l2l_ref.grading.classroom import collecting, delivery, owners
from l2l_ref.grading.classroom.course import Course, quiet
from l2l_ref.support.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # nbgrader's sqlite


def notebook(mark: str = "", module: str = NAME) -> str:
    """A notebook that is known by its import."""
    code = f"from l2l_ref.checks.{module} import check\n# {mark}"
    cell = {"cell_type": "code", "source": code, "metadata": {}, "outputs": []}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    """A course with an empty gradebook, which takes nbgrader seconds to make."""
    folder = tmp_path_factory.mktemp("empty") / "course"
    folder.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    assert Course(folder).roster() == {}
    return folder


@pytest.fixture
def course(tmp_path, empty) -> Course:
    shutil.copytree(empty, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture(params=["folder", "zip"])
def deliver(request, tmp_path):
    """A delivery of files with their texts, as a folder or as a zip file."""

    def put(files: dict[str, str]) -> Path:
        folder = tmp_path / "delivery"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder if request.param == "folder" else zipped(tmp_path, files)

    return put


def zipped(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "delivery.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def enrol(course: Course, student: str, first: str = "", last: str = "") -> None:
    with course.gradebook() as book:
        book.add_student(student, first_name=first, last_name=last)


def submitted(course: Course) -> dict[str, str]:
    """The text of each student's submission."""
    folder = course.root / "submitted"
    return {path.parts[-3]: path.read_text() for path in folder.glob(f"*/{EXERCISE}/{NAME}.ipynb")}


def take(source: Path, course: Course, pattern: str | None = None):
    return collecting.take(source, course, EXERCISE, pattern)


SHAPES = {
    "ann/leaf_tensors.ipynb": "ann",
    "ann/01_leaf_tensors/leaf_tensors.ipynb": "ann",
    "ann.ipynb": "ann",
    "Zoë Ærøskøbing 李/x.ipynb": "Zoë Ærøskøbing 李",
    "Ann Lee_1234567_assignsubmission_file_/x.ipynb": "Ann Lee",
    "Ann_van_Lee_1234567_assignsubmission_file/x.ipynb": "Ann_van_Lee",
    "leeann_12345_67890_leaf_tensors.ipynb": "12345",
    "leeann_LATE_12345_67890_leaf_tensors-1.ipynb": "12345",
    "a+b@uni.edu/x.ipynb": "a_b@uni.edu",
    "=cmd()/x.ipynb": "cmd()",
    "-rf/x.ipynb": "rf",
    "Zoe\u0308/x.ipynb": "Zoë",  # as macOS writes it
}


@pytest.mark.parametrize(("name", "student"), SHAPES.items())
def test_the_shapes_that_are_known(deliver, course, name, student):
    delivered = take(deliver({name: notebook()}), course)
    assert delivered.students == [student]
    assert submitted(course) == {student: notebook()}
    assert not delivered.refused


def test_a_zip_of_a_folder(tmp_path, course):
    take(zipped(tmp_path, {f"delivery/{s}/x.ipynb": notebook(s) for s in ("ann", "bob")}), course)
    assert submitted(course) == {s: notebook(s) for s in ("ann", "bob")}


def test_a_pattern(deliver, course):
    files = {"group-3/hand-in of s123.ipynb": notebook(), "group-3/readme.ipynb": notebook()}
    delivered = take(deliver(files), course, r"of (?P<student>s\d+)\.")
    assert list(submitted(course)) == ["s123"]
    assert delivered.refused == [
        "group-3/readme.ipynb: no student in its path; see --student-pattern"
    ]


@pytest.mark.parametrize("pattern", ["(", r"(\w+)"])
def test_a_pattern_that_is_none(deliver, course, pattern):
    with pytest.raises(InputError, match="--student-pattern"):
        take(deliver({"ann/x.ipynb": notebook()}), course, pattern)


def test_the_roster_names_moodles_students(deliver, course):
    enrol(course, "s1", "Ann", "Lee")
    enrol(course, "s2", "Bo", "Day")
    enrol(course, "s3", "Bo", "Day")
    moodle = "{}_{}_assignsubmission_file_/x.ipynb"
    names = [moodle.format(name, k) for k, name in enumerate(["Ann Lee", "Bo Day", "Cy", "Cy"])]
    delivered = take(deliver({name: notebook(name) for name in names}), course)
    assert sorted(delivered.students) == ["Bo Day", "Cy 2", "Cy 3", "s1"]
    assert "s1: handed in as 'Ann Lee'" in delivered.notes


def test_the_roster_names_canvas_students(deliver, course):
    enrol(course, "leeann")
    files = {"leeann_1_7_x.ipynb": notebook("1"), "daybo_LATE_2_8_x.ipynb": notebook("2")}
    delivered = take(deliver(files), course)
    assert submitted(course) == {"leeann": notebook("1"), "2": notebook("2")}
    assert "2: handed in as 'daybo'" in delivered.notes
    assert delivered.late == {"2": "Canvas"}


def test_two_students_are_never_one(deliver, course):
    files = {"a+b/x.ipynb": notebook(), "a_b/x.ipynb": notebook(), "ann/x.ipynb": notebook()}
    delivered = take(deliver(files), course)
    assert list(submitted(course)) == ["ann"]
    assert len(delivered.refused) == 2
    assert all("tell them apart with --student-pattern" in line for line in delivered.refused)


def test_of_several_notebooks_the_newest_that_is_this_assignment(tmp_path, course):
    folder = tmp_path / "delivery/ann"
    folder.mkdir(parents=True)
    texts = {
        "a.ipynb": notebook("old"),
        "b.ipynb": notebook("new"),
        "c.ipynb": notebook("", "mnist"),
    }
    for age, (name, text) in enumerate(texts.items()):
        (folder / name).write_text(text)
        os.utime(folder / name, (1e9 + age, 1e9 + age))
    delivered = take(folder.parent, course)
    assert submitted(course) == {"ann": notebook("new")}
    assert delivered.notes == [
        "ann: 3 notebooks; ann/b.ipynb was taken, the newest that is 01_leaf_tensors"
    ]


def test_nothing_is_lost(tmp_path, course):
    source, folder = tmp_path / "delivery", course.path("submitted", "ann", EXERCISE)
    (source / "ann").mkdir(parents=True)
    notes = []
    for text in ("1", "2", "2", "3"):
        (source / "ann/x.ipynb").write_text(notebook(text))
        notes += take(source, course).notes
        if text == "1":
            (folder / "timestamp.txt").write_text("2026-01-01")  # as nbgrader collects it
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        f"{NAME}.ipynb": notebook("3"),
        f"{NAME}.ipynb.1": notebook("1"),
        f"{NAME}.ipynb.2": notebook("2"),
        "timestamp.txt.1": "2026-01-01",
    }
    kept = f"ann: an older submission is kept as {NAME}.ipynb."
    assert notes == [f"{kept}1, its time as timestamp.txt.1", f"{kept}2"]


@pytest.mark.parametrize("there", ["2026-01-09 09:00:00 UTC", None])
@pytest.mark.parametrize("text", ["the same", "another"])
@pytest.mark.parametrize("name", ["timestamp.txt", "Timestamp.TXT", "deeper/timestamp.txt"])
def test_a_time_in_a_delivery_is_no_time(deliver, course, there, text, name):
    """It neither counts nor takes the place of one that the exchange or the instructor put."""
    folder = course.path("submitted", "ann", EXERCISE)
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(notebook("the same"))
    if there:
        (folder / "timestamp.txt").write_text(there)
    files = {"ann/x.ipynb": notebook(text), f"ann/{name}": "2020-01-01 00:00:00 UTC"}
    files |= {"bob/x.ipynb": notebook(), "bob/submission_secret.txt": "0" * 128}
    delivered = take(deliver(files), course)
    ann, bob = collecting.handed_in(course, EXERCISE)
    before = "2026-01-09 09:00:00" if there and text == "the same" else ""
    assert (ann.timestamp, bob.timestamp) == (before, "")
    assert "2020" not in "".join(path.read_text() for path in folder.glob("timestamp*"))
    assert f"ann: ann/{name} came with the work and is not believed; see --times" in delivered.notes
    assert not any(note.startswith("bob") for note in delivered.notes)


def test_who_says_when_something_was_handed_in(course):
    for student in ("ann", "bob", "cy"):
        folder = course.path("submitted", student, EXERCISE)
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_text(notebook())
        if student != "cy":
            (folder / "timestamp.txt").write_text("2026-01-01 12:00:00 UTC")
    (course.path("submitted", "ann", EXERCISE) / "submission_secret.txt").write_text("ab")
    found = [submission.dated_by for submission in collecting.handed_in(course, EXERCISE)]
    assert found == ["the exchange", "a person", ""]


# What a delivery should not do


def test_a_hostile_zip(tmp_path, course, monkeypatch):
    monkeypatch.setattr(delivery, "LARGEST", 10_000)
    path = tmp_path / "hostile.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann/x.ipynb", notebook())
        for name in ("../out/x.ipynb", "a/../../out/x.ipynb", "/out/x.ipynb", "C:/out/x.ipynb"):
            archive.writestr(name, notebook())
        archive.writestr("win\\..\\x.ipynb", notebook())
        link = zipfile.ZipInfo("link/x.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb/x.ipynb", b" " * 5_000_000)
        archive.writestr("locked/x.ipynb", notebook())
        archive.writestr("broken/x.ipynb", notebook())
    content = bytearray(path.read_bytes())
    flip(content, b"locked/x.ipynb", local=6, central=8, mask=1)  # says that it is encrypted
    flip(content, b"broken/x.ipynb", local=14, central=16, mask=255)  # its checksum
    path.write_bytes(content)
    before = sorted(tmp_path.rglob("*"))
    delivered = take(path, course)
    assert submitted(course) == {"ann": notebook()}
    refused = dict(line.split(": ", 1) for line in delivered.refused)
    assert "absolute" in refused["/out/x.ipynb"]
    assert "absolute" in refused["C:/out/x.ipynb"]
    for name in ("../out/x.ipynb", "a/../../out/x.ipynb"):
        assert "out of its folder" in refused[name]
    assert any("out of its folder" in why for name, why in refused.items() if "win" in name)
    assert "symbolic link" in refused["link/x.ipynb"]
    assert "larger than" in refused["bomb/x.ipynb"]
    assert "encrypted" in refused["locked/x.ipynb"]
    assert "cannot be unpacked" in refused["broken/x.ipynb"]
    assert len(refused) == 9
    new = set(tmp_path.rglob("*")) - set(before)
    assert all(course.root in path.parents for path in new)


def flip(content: bytearray, name: bytes, local: int, central: int, mask: int) -> None:
    """Change a byte of a file's entries in a zip, by its offset in each kind of header."""
    for signature, start, offset in ((b"PK\x03\x04", 30, local), (b"PK\x01\x02", 46, central)):
        at = content.find(name)
        while at >= 0 and content[at - start : at - start + 4] != signature:
            at = content.find(name, at + 1)
        assert at >= 0
        content[at - start + offset] ^= mask


def test_a_zip_that_lies_about_its_sizes(tmp_path, course):
    path = zipped(tmp_path, {"ann/x.ipynb": notebook(), "liar/x.ipynb": notebook("liar")})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"liar/x.ipynb") - 46  # in the central directory
    content[at + 24 : at + 28] = struct.pack("<I", 2**31)
    path.write_bytes(content)
    delivered = take(path, course)
    assert list(submitted(course)) == ["ann"] or submitted(course)["liar"] == notebook("liar")
    assert delivered.students[0] == "ann"


def test_links_and_pipes_in_a_folder(tmp_path, course):
    source, canary = tmp_path / "delivery", tmp_path / "canary.ipynb"
    canary.write_text(notebook("CANARY"))
    for student in ("ann", "eve", "mal"):
        (source / student).mkdir(parents=True)
    (source / "ann/x.ipynb").write_text(notebook())
    (source / "eve/x.ipynb").symlink_to(canary)
    (source / "linked").symlink_to(tmp_path)
    os.mkfifo(source / "mal/x.ipynb")
    delivered = take(source, course)
    assert submitted(course) == {"ann": notebook()}
    assert sorted(delivered.refused) == [
        "eve/x.ipynb: a symbolic link, not a file",
        "linked: a symbolic link",
        "mal/x.ipynb: a pipe or device, not a file",
    ]


def test_links_in_nbgraders_folder_are_not_followed(tmp_path, course):
    canary = tmp_path / "canary"
    canary.mkdir()
    (canary / f"{NAME}.ipynb").write_text(notebook("CANARY"))
    file = course.path("submitted", "eve", EXERCISE)
    file.mkdir(parents=True)
    (file / f"{NAME}.ipynb").symlink_to(canary / f"{NAME}.ipynb")
    folder = course.path("submitted", "mal", EXERCISE)
    folder.parent.mkdir(parents=True)
    folder.symlink_to(canary)
    eve, mal = collecting.handed_in(course, EXERCISE)
    assert eve.text is None
    assert mal.text is None
    assert "symbolic link" in eve.problem
    assert "symbolic link" in mal.problem
    source = tmp_path / "delivery"
    (source / "mal").mkdir(parents=True)
    (source / "mal/x.ipynb").write_text(notebook("mine"))
    with pytest.raises(InputError, match="symbolic link"):
        take(source, course)
    assert "CANARY" in (canary / f"{NAME}.ipynb").read_text()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"%PDF"])
def test_what_is_no_zip(tmp_path, course, content):
    path = tmp_path / "delivery.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match="neither a folder nor a zip"):
        take(path, course)


def test_a_zip_of_a_version_that_nobody_knows(tmp_path, course):
    path = zipped(tmp_path, {"ann/x.ipynb": notebook()})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 99  # the version that is needed to unpack it
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"neither a folder nor a zip file: zip file version 9\.9"):
        take(path, course)


def test_who_hands_in_no_notebook_is_named(deliver, course):
    files = {"ann/x.ipynb": notebook(), "bob/report.pdf": "%PDF", "bob/.DS_Store": ""}
    delivered = take(deliver(files), course)
    assert delivered.refused == [
        "bob/report.pdf: no notebook (.ipynb), and bob handed in nothing else"
    ]


def test_a_delivery_without_notebooks(deliver, course):
    with pytest.raises(InputError, match=r"no notebook that could be taken\n  bob/report.pdf"):
        take(deliver({"bob/report.pdf": "%PDF"}), course)


# What lies in nbgrader's folder


def test_submissions_are_only_read(course):
    folder = course.path("submitted", "ann", EXERCISE)
    folder.mkdir(parents=True)
    (folder / "renamed.ipynb").write_bytes(b"\xff\xfe" + notebook("é").encode("utf-16-le"))
    (folder / "timestamp.txt").write_text("some time last week")
    os.utime(folder / "renamed.ipynb", (1e9, 1e9))
    (found,) = collecting.handed_in(course, EXERCISE)
    assert notebook("é") in found.text
    assert f"renamed.ipynb was taken, since there is no {NAME}.ipynb" in found.note
    assert "cannot be read as a time" in found.note
    assert found.timestamp == ""
    assert sorted(path.name for path in folder.iterdir()) == ["renamed.ipynb", "timestamp.txt"]


def test_times_have_zones(course):
    folder = course.path("submitted", "ann", EXERCISE)
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(notebook())
    (folder / "timestamp.txt").write_text("2026-01-01 12:00:00 +0200\n")
    (found,) = collecting.handed_in(course, EXERCISE)
    assert found.timestamp == "2026-01-01 10:00:00"


def test_an_empty_folder_and_names_that_are_patterns(course):
    for student in ("ann", "[a-z]*"):
        course.path("submitted", student, EXERCISE).mkdir(parents=True)
    (found,) = collecting.handed_in(course, EXERCISE)
    assert (found.student, found.text, found.problem) == ("ann", None, "")
    assert collecting.unusable(course, EXERCISE) == ["[a-z]*"]


@given(st.text())
def test_an_id_is_the_name_of_a_folder(name):
    found = owners.safe(name)
    assert owners.safe(found) == found
    assert not set(found) & set("/\\+*?[]{}\0\n\x1b")
    if found:
        assert owners.usable(found)
        assert found.encode()
        assert found.strip() == found
        assert found[0] not in ".-=@"


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=60))
def test_letters_of_all_alphabets_stay(name):
    import unicodedata

    normal = unicodedata.normalize("NFC", name)
    assert owners.safe(name) == normal


def test_quiet_puts_warnings_back():
    with quiet():
        import warnings

        warnings.warn("nothing to see", stacklevel=1)
    with pytest.raises(UserWarning):
        warnings.warn("to be seen", stacklevel=1)
