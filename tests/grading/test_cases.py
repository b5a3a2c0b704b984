"""Hostile and damaged submissions, one by one: fair points, nobody else touched, and a true report.

The submissions are the files of ``cases/``; `battery` says how to read one.
"""

import hashlib
import json
import re
import select
import shutil
import socket
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from battery import LIMITS, ROOT, Case, both, cases, source
from forked import Program, environment_without

pytest.importorskip("nbgrader")
pytest.importorskip("psutil")

import nbformat
from nbgrader.utils import determine_grade
from trial import try_it

from l2l_ref.checks import get_check
from l2l_ref.grading.cage import sandbox
from l2l_ref.grading.examination.grader import grade_submission
from l2l_ref.grading.release.build import short

CASES = cases()

#: Stands in everything that a submission must not see.
CANARY = "canary-4f1d0c52"

#: MB that the grader may grow by, whatever is sent to it.
GROWTH = 300

#: MB that a record may have.
RECORD = 5


#: Cases for the quick tests: each of the others takes a kernel, which takes seconds.
QUICK = (
    "honest",
    "kills_its_kernel",
    "forged_replies_with_points",
    "patches_the_check",
    "empty_file",
)


#: And who sits in a class together: they, those who reach for others, and more who are damaged.
COMPANY = (
    *QUICK,
    "a_gigabyte_of_output",
    "another_assignment",
    "conflict_in_the_file",
    "infinite_loop",
    "names_beyond_ascii",
    "vs_code",
)


def named(cases: list[Case]) -> list:
    """The cases as parameters of a test."""

    def marks(case: Case):
        if case.name not in QUICK:
            yield pytest.mark.slow
        if case.hole:
            yield pytest.mark.xfail(strict=True, reason=case.hole)

    return [pytest.param(case, id=case.name, marks=[*marks(case)]) for case in cases]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course that nothing may read or change, and a port that nobody may call."""
    working = tmp_path / ".nbgrader"
    other = working / "submitted/bob/01_leaf_tensors/leaf_tensors.ipynb"
    other.parent.mkdir(parents=True)
    for path in (other, working / "secret", tmp_path / "solution.py"):
        path.write_text(CANARY)
    with sqlite3.connect(working / "gradebook.db") as gradebook:
        gradebook.execute("CREATE TABLE grade (id TEXT, manual_score FLOAT)")
        gradebook.execute("INSERT INTO grade VALUES (?, NULL)", [CANARY])
    gradebook.close()
    monkeypatch.setenv("L2L_CANARY", CANARY)
    listening = [socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)]
    listening[1].bind(listening[0].getsockname())
    listening.append(socket.socket(socket.AF_UNIX))
    listening[2].bind(str(tmp_path / "unix"))
    listening[2].listen()
    port = listening[0].getsockname()[1]
    yield SimpleNamespace(folder=tmp_path, port=port, listening=listening)
    for each in listening:
        each.close()


@pytest.fixture
def leftovers(monkeypatch):
    """The folder for temporary files; its name is short because sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="l2l"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder)


def digest(folder: Path) -> dict[str, str]:
    """What lies in a folder, to see whether it changes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def called(course) -> bool:
    """Whether anything has reached a port."""
    return bool(select.select(course.listening, [], [], 0)[0])


def cage(case: Case) -> str:
    """The sandbox to run a case in."""
    if (why := sandbox.missing()) is None:
        return sandbox.BUBBLEWRAP
    if case.sandbox:
        pytest.skip(f"this one is for the sandbox only, and there is none: {why}")
    return sandbox.NONE


def text_of(record: dict) -> str:
    """All that the report says."""
    flags = [flag["reason"] for flag in record["flags"]]
    questions = [question["text"] for question in record["questions"]]
    return "\n".join([record["why"], *record["repairs"], *record["remarks"], *flags, *questions])


def outputs_of(record: dict) -> str:
    """What the notebook's cells show."""
    cells = [cell for cell in record["notebook"]["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    return "\n".join(str(output.get("text", output)) for output in outputs)


def job_of(case: Case, course) -> dict:
    """What the grader is given."""
    return {
        "assignment": case.exercise,
        "student": case.student,
        "text": case.handed_in(course.folder, course.port),
        "release": json.dumps(both(case.exercise)[1]),
        "key": "0" * 64,
        "secret": hashlib.sha256(case.name.encode()).hexdigest(),
        "sandbox": cage(case),
        "limits": LIMITS | case.limits,
    }


@pytest.mark.parametrize("case", named([case for case in CASES if not case.waits]))
def test_the_case(case, course, leftovers):
    before, job = digest(course.folder), job_of(case, course)
    came = try_it(job, leftovers)
    fair_and_true(case, came["record"])
    nobody_else_is_touched(case, came, job["secret"])
    assert digest(course.folder) == before
    assert not called(course)


@pytest.mark.slow
def test_the_cases_that_wait(course, tmp_path):
    """Side by side, each in a process of its own: what they need is time and no processor."""
    before = digest(course.folder)
    waiting = [case for case in reversed(CASES) if case.waits]  # the time bomb first: the longest
    jobs = {case.name: job_of(case, course) for case in waiting}
    with ThreadPoolExecutor(5) as few:
        came = dict(few.map(lambda each: (each[0], tried_aside(*each)), jobs.items()))
    for case in waiting:
        fair_and_true(case, came[case.name]["record"])
        nobody_else_is_touched(case, came[case.name], jobs[case.name]["secret"])
    assert digest(course.folder) == before
    assert not called(course)


def tried_aside(name: str, job: dict) -> dict:
    """What came of a job in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="l2l") as folder:
        temporary, given, result = (Path(folder, name) for name in ("t", "job", "result"))
        temporary.mkdir()
        given.write_text(json.dumps(job))
        program = Program(
            "trial:main",
            *("trial", str(given), str(result), str(temporary)),
            folder=Path(__file__).parent,
            environment=environment_without() | {"JUPYTER_RUNTIME_DIR": str(temporary)},
        )
        _, errors = program.communicate(timeout=600)
        assert program.returncode == 0, f"{name}: {errors[-3000:]}"
        return json.loads(result.read_text())


def fair_and_true(case: Case, record: dict) -> None:
    """The points, and what is said to whom."""
    points, said = get_check(short(case.exercise)).points, text_of(record)
    assert record["status"] == case.status, said
    earned = {each["question"]: each["points"] for each in record["questions"]}
    assert earned == case.earned(points), (case.name, said)
    assert record["points"] == sum(earned.values())
    assert record["out_of"] == sum(points.values())
    nbgrader_reads_the_same(record)
    for pattern in case.says:
        assert re.search(pattern, said, re.DOTALL), said
    for pattern in case.shows:
        assert re.search(pattern, outputs_of(record), re.DOTALL), outputs_of(record)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", said)  # a terminal would act on it
    if case.flagged is not None:
        assert bool(record["flags"]) == case.flagged, record["flags"]
    if case.repaired is not None:
        assert bool(record["repairs"]) == case.repaired, record["repairs"]


def nobody_else_is_touched(case: Case, came: dict, secret: str) -> None:
    """Nothing secret in the record, nothing left behind, and little time and memory taken."""
    stored = json.dumps(came["record"] | {"seed": ""})  # which is the secret
    assert len(stored) < RECORD * 2**20
    assert CANARY not in stored
    assert secret not in stored
    assert came["canary"] == CANARY
    assert came["gone"], case.name
    assert came["left"] == []
    assert came["grown"] < GROWTH
    assert came["seconds"] < case.seconds


def nbgrader_reads_the_same(record: dict) -> None:
    """nbgrader finds the record's points in its notebook, which has the cells of the release."""
    notebook = nbformat.from_dict(record["notebook"])
    nbformat.validate(notebook)
    release = both(record["assignment"])[1]["cells"]
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    assert [name for name in cells if name in {cell["id"] for cell in release}] == [
        cell["id"] for cell in release
    ]
    for cell in release:
        metadata = cell["metadata"].get("nbgrader", {})
        assert cells[cell["id"]]["metadata"].get("nbgrader", {}) == metadata
        if metadata.get("locked"):
            assert source(cells[cell["id"]]) == source(cell)
    for question in record["questions"]:
        score, out_of = determine_grade(cells[f"check_{question['question']}"])
        assert (score, out_of) == (question["points"], question["out_of"])


@pytest.mark.slow
@pytest.mark.parametrize("case", named([case for case in CASES if case.fools]))
def test_a_notebook_that_judges_itself_is_fooled(case, course):
    """So the case is an attack, and the sandboxed dialogue is what stops it."""
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.reads(case.handed_in(course.folder, course.port), as_version=4)
    here = {"metadata": {"path": str(course.folder)}}  # what an attack writes stays there
    nbclient.NotebookClient(notebook, timeout=60, allow_errors=True, resources=here).execute()
    checked = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("points")]
    earned = [determine_grade(cell)[0] for cell in checked if cell.cell_type == "code"]
    assert sum(earned) > sum(case.earned(get_check(short(case.exercise)).points).values())


def test_there_are_enough_cases_and_each_tells_its_story():
    assert len(CASES) >= 45
    for case in CASES:
        assert re.match(r".{15,}\.", case.story, re.DOTALL), case.name


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_class(course, leftovers):
    """The batch completes, everybody has what is fair, and honest students have full points.

    Whether anybody called a port is asked of each case alone: of one of them we know.
    """
    batch = pytest.importorskip("l2l_ref.grading.classroom.batch")
    from l2l_ref.grading.submission.likeness import alike

    if why := sandbox.missing():
        pytest.skip(f"this class is for the sandbox only, and there is none: {why}")
    before = digest(course.folder)
    ours, delivery = course.folder / "ours", course.folder / "delivery"
    shutil.copytree(ROOT / "solutions/01_leaf_tensors", ours / "solutions/01_leaf_tensors")
    shutil.copy(ROOT / "nbgrader_config.py", ours)
    everybody = {
        case.student: case
        for case in CASES
        if case.exercise == "01_leaf_tensors" and (case.sandbox or case.name in COMPANY)
    }
    for student, case in everybody.items():
        path = delivery / student / (case.file or "leaf_tensors.ipynb")
        path.parent.mkdir(parents=True)
        handed_in = case.handed_in(course.folder, course.port)
        path.write_bytes(handed_in.encode(errors="surrogateescape"))
    order = batch.Order("01_leaf_tensors", ours, delivery, workers=4, limits=LIMITS | {"cell": 5.0})
    graded = batch.grade_class(order, sandbox.BUBBLEWRAP, grade_submission, alike)
    unfair = {
        student: (record["status"], earned, text_of(record))
        for student, record in graded.records.items()
        if (earned := {each["question"]: each["points"] for each in record["questions"]})
        != everybody[student].earned(get_check("leaf_tensors").points)
        and not everybody[student].hole
    }
    assert unfair == {}
    assert graded.records.keys() == everybody.keys()
    assert graded.problems == []
    assert graded.records["honest"]["points"] == graded.records["honest"]["out_of"]
    assert {path: text for path, text in digest(course.folder).items() if path in before} == before
