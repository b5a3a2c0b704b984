"""Any delivery: honest students are taken with their own bytes, whatever others hand in."""

import json
import os
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from classes import EXERCISE, NAME
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2l_ref.grading.classroom import collecting, delivery, owners
from l2l_ref.grading.printable import printable

MOODLE = "_7_assignsubmission_file_"

#: The honest, by id: where their notebook lies.
HONEST = {"ann": "ann/x.ipynb", "Bo Day": f"Bo Day{MOODLE}/leaf_tensors.ipynb"}

#: Two bytes that are no UTF-8, as a folder has them in Python, and what stands for them in a zip.
BYTES, MARK = "\udcfc\udcf6", "QQ"

PARTS = [
    *("ann", "Bo Day", f"Bo Day{MOODLE}", f"ann{MOODLE}", "leeann_1_2_x.ipynb", "x.ipynb", "a"),
    *("ann.ipynb", "timestamp.txt", ".hidden", "__MACOSX", "\u202e", "a\nb", "[a-z]*", "-rf"),
    *(f"M{BYTES}ller", "李" * 60, "a" * 250, "report.pdf", "{student_id}", "%s", "\x1b[2J"),
]
OUTERMOST = ["eve", f"Eve{MOODLE}", f"M{BYTES}ller", "=cmd()", "\u202eeve", "a" * 250, "__MACOSX"]


def notebook(mark: str) -> bytes:
    source = f"from l2l_ref.checks.{NAME} import check\n# {mark}"
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    whole = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


CONTENTS = st.sampled_from(
    [b"", b"\xff\xfe\0", b"[" * 5000, notebook("eve"), notebook("2"), b'{"cells": 1e999}', b"{" * 9]
)
FILES = st.dictionaries(
    st.tuples(
        st.sampled_from(OUTERMOST),
        st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map(tuple),
    ),
    st.tuples(CONTENTS, st.sampled_from(("file", "file", "link", "broken", "twice"))),
    max_size=6,
).map(lambda files: {"/".join((first, *rest)): what for (first, rest), what in files.items()})


class Folders:
    """As much of a course as taking needs."""

    def __init__(self, root: Path):
        self.root = root

    def roster(self) -> dict[str, str]:
        return {"ann": "Ann Lee", "bo": ""}

    def path(self, step: str, student: str, assignment: str) -> Path:
        return self.root / step / student / assignment

    def students_in(self, step: str, assignment: str) -> list[str]:
        return sorted(path.parent.name for path in self.root.glob(f"{step}/*/{assignment}"))


def as_folder(place: Path, files: dict) -> Path:
    """The delivery unpacked; what the system cannot hold is not in it."""
    for name, (content, how) in files.items():
        path = place / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to("/etc/passwd") if how == "link" else path.write_bytes(content)
        except OSError:
            continue
        if how == "broken":
            os.utime(path, (2**40, 2**40))  # in the year 36812
    return place


def as_zip(place: Path, files: dict) -> Path:
    path = place / "delivery.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, (content, how) in files.items():
            name = name.replace(BYTES, MARK)
            if not name.isascii():  # then it says that it is UTF-8, and has to be
                name = name.replace(MARK, "")
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o120777 << 16 if how == "link" else 0
            for _ in range(2 if how == "twice" else 1):
                archive.writestr(entry, content)
    whole = path.read_bytes()
    for content, how in files.values():
        if how == "broken" and len(content) > 8:  # its checksum is wrong then, and nothing else
            whole = whole.replace(content, bytes(len(content)), 1)
    path.write_bytes(whole.replace(MARK.encode(), os.fsencode(BYTES)))
    return path


def check(files: dict, pack) -> None:
    honest = {place: (notebook(student), "file") for student, place in HONEST.items()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, root = folder / "source", folder / "root"
        source.mkdir()
        root.mkdir()
        source = pack(source, files | honest)
        before = set(folder.rglob("*"))
        course = Folders(root)
        delivered = collecting.take(source, course, EXERCISE, None)
        new = set(folder.rglob("*")) - before
        assert all((root / "submitted") in (path, *path.parents) for path in new)
        found = {one.student: one for one in collecting.handed_in(course, EXERCISE)}
        for student in HONEST:
            assert found[student].text == notebook(student).decode()
            assert not found[student].problem
        for path in (root / "submitted").glob("*/*/*"):
            student = path.parts[-3]
            theirs = {
                content for name, (content, _) in (files | honest).items() if student in ids(name)
            }
            assert path.read_bytes() in theirs
        for line in delivered.refused + [f"x: {note}" for note in delivered.notes]:
            assert printable(line) == line
            assert len(line) < 3000
            line.encode()


def ids(name: str) -> set[str]:
    """Of the owner of a path; in a zip, what stands for bytes is other text, or left out."""
    outermost = name.split("/")[0].removesuffix(MOODLE)
    in_zips = os.fsencode(BYTES).decode("cp437")
    return {owners.safe(outermost.replace(BYTES, other)) for other in ("", in_zips, BYTES)}


FEW = settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("pack", [as_folder, as_zip])
@FEW
@given(FILES)
def test_any_delivery(pack, files):
    check(files, pack)


@pytest.mark.slow
@pytest.mark.parametrize("pack", [as_folder, as_zip])
def test_many_deliveries(pack):
    end = time.monotonic() + 25

    @settings(FEW, max_examples=2000)
    @given(FILES)
    def within(files):
        if time.monotonic() < end:
            check(files, pack)

    within()


# What was found so, a case each


def taken(tmp_path: Path, files: dict[str, bytes], pack=as_zip):
    source = tmp_path / "source"
    source.mkdir()
    source = pack(source, {name: (content, "file") for name, content in files.items()})
    course = Folders(tmp_path / "root")
    delivered = collecting.take(source, course, EXERCISE, None)
    return delivered, {one.student: one for one in collecting.handed_in(course, EXERCISE)}


@pytest.mark.parametrize("pack", [as_folder, as_zip])
def test_a_folder_with_the_name_of_somebody_else(tmp_path, pack):
    """It stays with the owner of its outermost place, and is shown; the other one has her own."""
    files = {
        f"Eve{MOODLE}/ann{MOODLE}/x.ipynb": notebook("eve"),
        "mal/ann/ann.ipynb": notebook("mal"),
        "ann/x.ipynb": notebook("ann"),
    }
    delivered, found = taken(tmp_path, files, pack)
    texts = {name: one.text.encode() for name, one in found.items()}
    assert texts == {
        name.lower() if name != "Eve" else name: notebook(name.lower())
        for name in ("ann", "mal", "Eve")
    }
    shown = [note for note in delivered.doubts if "names ann further in" in note]
    assert [note.split(":")[0] for note in shown] == ["Eve", "mal"]
    assert not delivered.refused


def test_a_folder_around_all(tmp_path):
    files = {f"all/{name}{MOODLE}/x.ipynb": notebook(name) for name in ("Ann", "Bo")}
    _, found = taken(tmp_path, files)
    assert sorted(found) == ["Ann", "Bo"]


@pytest.mark.parametrize("stem", ["source", "Mallory"])
def test_a_folder_around_one_student_alone_is_named(tmp_path, stem):
    """It may be Mallory's, who is not on the roster: ann's name in it is no proof."""
    path = as_zip(tmp_path, {"Mallory/ann/x.ipynb": (notebook("m"), "file")})
    path = path.rename(path.with_name(f"{stem}.zip"))
    delivered = collecting.take(path, Folders(tmp_path / "root"), EXERCISE, None)
    assert delivered.students == ["ann"]
    (doubt,) = delivered.doubts
    assert doubt.startswith("ann: nothing else lies in Mallory")


def test_whose_id_is_certain_keeps_it(tmp_path):
    """A name that is displayed, and reads like the id of somebody else, costs nobody else."""
    files = {
        f"Ann Lee{MOODLE}/x.ipynb": notebook("ann"),
        f"ann{MOODLE.replace('7', '8')}/x.ipynb": notebook("mallory"),
        "dayeve_12_7_x.ipynb": notebook("12"),
        "12/x.ipynb": notebook("other"),
    }
    delivered, found = taken(tmp_path, files)
    texts = {name: one.text.encode() for name, one in found.items()}
    assert texts == {"ann": notebook("ann"), "12": notebook("12")}
    assert sorted(line.partition(" is no certain")[0] for line in delivered.refused) == [
        "12/x.ipynb: 12",
        f"ann{MOODLE.replace('7', '8')}/x.ipynb: ann",
    ]


@pytest.mark.parametrize("around", ["", "all/", "source/"])
@pytest.mark.parametrize("pack", [as_folder, as_zip])
def test_a_folder_of_too_many_files_costs_its_student_alone(tmp_path, monkeypatch, pack, around):
    monkeypatch.setattr(delivery, "MOST_FILES", 100)
    monkeypatch.setattr(delivery, "MOST_COUNTED", 500)
    monkeypatch.setattr(delivery, "MOST_IN_ONE", 50)
    files = {f"{around}bo/{k}/{k}.txt": b"" for k in range(150)}
    files |= {f"{around}ann/{k}.ipynb": notebook("ann") for k in range(3)}
    if around == "source/" and pack is as_folder:
        pytest.skip("only a zip is named after its folder")
    delivered, found = taken(tmp_path, files, pack)
    assert list(found) == ["ann"]
    assert delivered.refused == [
        f"{around}bo: 150 files are in it, more than 50; none of them is taken"
    ]


def test_a_name_that_is_no_text(tmp_path):
    files = {f"M{BYTES}ller/x.ipynb": notebook("m"), "ann/x.ipynb": notebook("ann")}
    delivered, found = taken(tmp_path, files, as_folder)
    assert list(found) == ["ann"]
    assert delivered.refused == [
        "M\\udcfc\\udcf6ller/x.ipynb: the student's name is no UTF-8 text; rename the folder, or "
        "hand over the zip file itself"
    ]
    folder = tmp_path / "root/submitted" / f"M{BYTES}ller" / EXERCISE
    folder.mkdir(parents=True)
    course = Folders(tmp_path / "root")
    assert [one.student for one in collecting.handed_in(course, EXERCISE)] == ["ann"]
    assert collecting.unusable(course, EXERCISE) == [f"M{BYTES}ller"]


def test_utf8_in_a_zip_that_does_not_say_so(tmp_path):
    path = as_zip(tmp_path, {"QQ/x.ipynb": (notebook("1"), "file")})
    path.write_bytes(path.read_bytes().replace(os.fsencode(BYTES), "ü".encode()))
    delivered = collecting.take(path, Folders(tmp_path / "root"), EXERCISE, None)
    assert delivered.students == ["ü"]


def test_many_files_of_one_student(tmp_path, monkeypatch):
    """They cost nobody else anything, and that student only what is over."""
    read = []
    monkeypatch.setattr(collecting, "decode", lambda data: read.append(1) or data.decode())
    files = {f"eve/{k}.ipynb": b"{}" for k in range(20_001)} | {"ann/x.ipynb": notebook("ann")}
    files |= {f"mal/{k}.txt": b"" for k in range(1000)} | {"mal/x.ipynb": notebook("mal")}
    files |= {f"guy/{k}.txt": b"" for k in range(1000)}
    delivered, found = taken(tmp_path, files)
    assert found["ann"].text.encode() == notebook("ann")
    assert found["mal"].text.encode() == notebook("mal")
    assert len(read) < 2 * collecting.MOST_OF_ONE
    (note,) = [note for note in delivered.notes if note.startswith("eve")]
    assert "20,001 notebooks" in note
    assert "19,901 were not looked at" in note
    (line,) = delivered.refused
    assert "and 997 more: no notebook (.ipynb), and guy handed in nothing else" in line


@pytest.mark.parametrize("pack", [as_folder, as_zip])
def test_large_files_of_one_student(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(collecting, "LARGEST_OF_ONE", 5000)
    monkeypatch.setattr(delivery, "LARGEST", 2000)
    files = {f"eve/{k:02}.ipynb": b" " * 1000 for k in range(64)}
    files |= {f"mal/{k:02}.ipynb": b" " * 3000 for k in range(64)}
    files |= {"zoe/x.ipynb": notebook("zoe")}
    delivered, found = taken(tmp_path, files, pack)
    assert found["zoe"].text.encode() == notebook("zoe")
    assert "(59 were not looked at, for one student has too many)" in found_note(delivered, "eve")
    (line,) = delivered.refused
    assert line.endswith("so it is with 61 more") or "so it is with 61 more" in line


def found_note(delivered, student: str) -> str:
    return next(note for note in delivered.notes if note.startswith(student))


def test_a_thousand_links_are_a_few_lines(tmp_path):
    source = tmp_path / "source"
    (source / "eve").mkdir(parents=True)
    for k in range(1000):
        (source / "eve" / f"{k}.ipynb").symlink_to("/etc/passwd")
    (source / "ann.ipynb").write_bytes(notebook("ann"))
    delivered = collecting.take(source, Folders(tmp_path / "root"), EXERCISE, None)
    assert len(delivered.refused) == delivery.MOST_LINES + 1
    assert delivered.refused[-1] == "eve: so it is with 995 more files in it"


def test_one_whose_folder_cannot_be_written_or_read(tmp_path, monkeypatch):
    store = collecting.store

    def broken(folder, *rest):
        if folder.parent.name == "eve":
            raise PermissionError(13, "Permission denied", str(folder))
        return store(folder, *rest)

    monkeypatch.setattr(collecting, "store", broken)
    files = {f"{name}/x.ipynb": notebook(name) for name in ("ann", "eve", "zoe")}
    delivered, found = taken(tmp_path, files)
    assert sorted(found) == ["ann", "zoe"]
    assert delivered.refused[0].startswith("eve: PermissionError")
    monkeypatch.setattr(Path, "is_symlink", lambda path: 1 / 0 if "ann" in path.parts else False)
    both = collecting.handed_in(Folders(tmp_path / "root"), EXERCISE)
    assert ["ZeroDivisionError" in one.problem for one in both] == [True, False]
