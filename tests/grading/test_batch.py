"""A class through the workers: everybody once, whoever dies, whatever is killed."""

import json
import os
import random
import signal
import sqlite3
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("nbgrader")

import classes
import light
from classes import EXERCISE, NAME, fake_grade, hand_in, submission
from forked import Program, environment_without

from l2l_ref import checks
from l2l_ref.grading.classroom import batch, table, workers
from l2l_ref.grading.classroom import course as courses
from l2l_ref.grading.examination import grader, records, running
from l2l_ref.grading.submission import likeness
from l2l_ref.support.errors import InputError

POINTS = checks.get_check(NAME).points
HALF = {"kind": 1.25}


def start(course: Path, *options: str, result: str = "result.json") -> Program:
    """`l2l grade` with the stand-in for a grader, which notes whom it grades in a log."""
    return Program(
        "drive_batch:main",
        *("drive_batch", str(course), str(course / result), *options),
        folder=Path(__file__).parent,
        environment=environment_without()
        | {"PRETEND_LOG": str(course / "log"), "PRETEND_VERSION": classes.version_now()},
        session=True,
    )


def grade(course: Path, *options: str) -> tuple[int, str, dict]:
    """Its exit code, what it printed, and its results."""
    process = start(course, *options)
    out, errors = process.communicate(timeout=600)
    assert process.returncode in (0, 1), errors[-3000:]
    return process.returncode, out, json.loads((course / "result.json").read_text())


def graded_in(course: Path) -> list[str]:
    """Whom the stand-in was asked to grade, in order."""
    path = course / "log"
    return path.read_text().splitlines() if path.exists() else []


def scores(course: Path) -> dict[str, float]:
    """The points of the checks in nbgrader's gradebook, read without nbgrader."""
    query = (
        "SELECT student_id, SUM(auto_score), COUNT(DISTINCT submitted_assignment.id) FROM grade "
        "JOIN base_cell ON base_cell.id = grade.cell_id AND base_cell.name LIKE 'check_%' "
        "JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id "
        "JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id "
        "GROUP BY student_id"
    )
    database = sqlite3.connect(course / ".nbgrader/gradebook.db")
    try:
        rows = database.execute(query).fetchall()
    finally:
        database.close()
    assert all(submissions == 1 for _, _, submissions in rows)
    return {student: score for student, score, _ in rows}


@pytest.mark.slow
def test_a_class(class_folder):
    """One long life: a mixed class, started again, a regrade, one who hands in again."""
    course, full = class_folder, sum(POINTS.values())
    with courses.Course(course).gradebook() as book:
        book.add_student("ann")
        book.add_student("gone")
    for student in ("ann", "bob", "Zoë Ærøskøbing 李"):
        hand_in(course, student, submission(course, POINTS))
    flag = {"cell": "kind", "reason": "uses \x1b[31mgc"}
    hand_in(course, "half", submission(course, HALF, flags=[flag], repairs=["a cell was put back"]))
    hand_in(course, "copy-1", submission(course, POINTS, words="SAME words"))
    hand_in(course, "copy-2", submission(course, POINTS, words="SAME words"))
    hand_in(course, "broken", b"\x00\xff no notebook")
    hand_in(course, "exits", submission(course, POINTS, **{"raise": "now"}))
    hand_in(course, "lies", submission(course, POINTS, nonsense={"status": "graded", "points": 99}))
    hand_in(course, "nan", submission(course, POINTS | {"kind": float("nan")}))
    hand_in(course, "killer", submission(course, POINTS, die=True))
    (course / ".nbgrader/submitted/empty" / EXERCISE).mkdir(parents=True)

    code, out, data = grade(course, "workers=2")
    assert code == 1
    whole = dict.fromkeys(("ann", "bob", "Zoë Ærøskøbing 李", "copy-1", "copy-2"), full)
    failed = ("broken", "exits", "lies", "nan", "killer", "empty")
    assert scores(course) == whole | {"half": 1.25} | dict.fromkeys(failed)
    rows = {row["student"]: row for row in data["students"]}
    assert {row["student"] for row in data["students"] if row["status"] == "failed"} == set(failed)
    assert all(rows[student]["points"] is None for student in failed)
    assert "took 2 workers down" in rows["killer"]["why"]
    assert "SystemExit: now" in rows["exits"]["why"]
    assert "no record" in rows["lies"]["why"]
    counts = {"graded": 6, "repaired": 1, "failed": 6, "flagged": 3, "missing": 1, "waiting": 0}
    assert data["counts"] == counts
    assert data["missing"] == ["gone"]
    assert "ann" not in data["created"]
    assert "bob" in data["created"]
    assert "6 graded, 1 repaired, 6 failed to run, 3 flagged, 1 missing" in out
    assert out.count("killer ") == 2  # in the table and with its reason; nobody else is blamed

    # what is printed, what is secret, what a student reads
    assert "\x1b" not in out
    assert "\\u001b[31mgc" in out
    secret = course / ".nbgrader/secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    said = [out, *(path.read_text() for path in (course / ".nbgrader/graded").rglob("*.json"))]
    assert not any(secret.read_text().strip() in text for text in said)
    assert data["alike"] == [{"cell": "kind", "one": "copy-1", "other": "copy-2", "share": 1.0}]
    with courses.Course(course).gradebook() as book:
        for student, other in (("copy-1", "copy-2"), ("copy-2", "copy-1")):
            comment = book.find_comment("kind", NAME, EXERCISE, student).comment
            assert "another submission" in comment
            assert other not in comment

    # started again, nobody is graded anew, and nothing is entered anew
    before = graded_in(course)
    folder = course / ".nbgrader/autograded"
    written = {path: path.stat().st_mtime_ns for path in folder.rglob("*.ipynb")}
    code, out, again = grade(course, "workers=2")
    assert code == 1
    assert graded_in(course) == before
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.ipynb")} == written
    assert again["counts"] == counts
    assert "all of these had been graded before" in out

    # one hands in again, another is graded again, on the same secret
    kept = secret.read_text()
    hand_in(course, "half", submission(course, POINTS))
    assert grade(course, "only=bob", "again=1")[2]["waiting"] == ["half"]
    assert graded_in(course)[len(before) :] == ["bob"]
    grade(course)
    assert graded_in(course)[len(before) :] == ["bob", "half"]
    assert scores(course)["half"] == full
    assert secret.read_text() == kept


def test_who_hands_in_the_published_solution(class_folder):
    """The flags say so, the instructor's list names it, and nobody counts it as a student."""
    course = class_folder
    published = courses.Course(course).solution(EXERCISE)
    published["metadata"]["pretend"] = {"points": POINTS}
    hand_in(course, "ann", json.dumps(published))
    hand_in(course, "bob", submission(course, POINTS))
    code, out, data = grade(course, "alike=1")
    assert (code, scores(course).keys()) == (0, {"ann", "bob"})
    flags = {row["student"]: row["flags"] for row in data["students"]}
    same = "and the published solution are largely the same"
    assert flags["ann"] == [
        {"cell": "", "reason": f"all answers together {same}"},
        {"cell": "in_words", "reason": f"this answer {same}"},
    ]
    assert flags["bob"] == []
    assert "alike in all answers together, in_words: ann, the published solution" in out


def test_one_answer_like_the_published_one_is_no_flag(class_folder):
    """There is a natural way to write it, also in a cell that no check is about."""
    release = courses.Course(class_folder).release(EXERCISE)
    run = SimpleNamespace(
        graded=batch.Graded(EXERCISE, records={"ann": record_of("ann"), "bob": record_of("bob")}),
        course=SimpleNamespace(solution=lambda assignment: {}),
        release=release,
    )

    def alike(notebooks: dict, *_) -> list:
        assert list(notebooks) == ["ann", "bob", batch.PUBLISHED]
        places = ("kind", "draw", likeness.SHORT, likeness.WHOLE, "in_words")
        return [classes.Alike(cell, "ann", batch.PUBLISHED, 0.9) for cell in places] + [
            classes.Alike("draw", "ann", "bob", 0.9)
        ]

    batch._Run.compare(run, alike)
    said = {name: [flag["reason"] for flag in flags] for name, flags in run.graded.flags.items()}
    same = "are largely the same"
    assert said["bob"] == [f"this answer and one of another submission {same}"]
    assert said["ann"] == [
        f"all answers together and the published solution {same}",
        f"this answer and the published solution {same}",
        f"this answer and one of another submission {same}",
    ]


def record_of(student: str) -> dict:
    """As much of a record as answers are compared by."""
    return {"student": student, "status": "graded", "notebook": {}, "flags": []}


def test_a_delivery_and_a_second_process(class_folder, tmp_path):
    course = class_folder
    for student in ("ann", "bob"):
        path = tmp_path / "delivery" / student / "my notebook.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(submission(course, HALF))
    (tmp_path / "delivery/bob/ann").mkdir()
    path.rename(path.parent / "ann" / path.name)
    (tmp_path / "delivery/cy").mkdir()
    (tmp_path / "delivery/cy/report.pdf").write_text("")
    with courses.Course(course).lock():
        refused = start(course)
        assert "another 'l2l grade' is at work" in refused.communicate(timeout=600)[1]
    code, out, _ = grade(course, f"source={tmp_path / 'delivery'}")
    assert code == 1  # somebody's work was not taken
    assert scores(course) == {"ann": 1.25, "bob": 1.25}
    assert "!! not taken: cy/report.pdf" in out
    assert "!! bob: bob/ann/my notebook.ipynb names ann further in" in out


def test_a_fault_of_the_machine_is_no_grade(class_folder, tmp_path):
    course = class_folder
    hand_in(course, "ann", submission(course, HALF, no_kernel_once=str(tmp_path / "broken")))
    hand_in(course, "bob", submission(course, HALF))
    code, out, _ = grade(course)
    assert code == 1
    assert "ann failed to run: no kernel starts" in out
    assert scores(course) == {"ann": None, "bob": 1.25}
    code, _, data = grade(course)
    assert code == 0
    assert [row["student"] for row in data["students"] if row["graded_now"]] == ["ann"]
    assert scores(course) == {"ann": 1.25, "bob": 1.25}


def test_whose_fault_it_is(class_folder, monkeypatch):
    def broken(*arguments):
        raise InputError("no kernel starts")

    monkeypatch.setattr(running, "Kernel", broken)
    whole, empty = jobs_for(class_folder, ann=submission(class_folder), bob="")
    found = [grader.grade_submission(job) for job in (whole, empty)]
    assert [record["status"] for record in found] == ["failed", "failed"]
    assert [record["machine"] for record in found] == [True, False]


@pytest.mark.slow
def test_killed_again_and_again(class_folder):
    """No grade is lost or doubled, whether it is killed while it grades or while it enters."""
    course, chance = class_folder, random.Random(0)
    wanted = {}
    for k in range(12):
        points = {"kind": (k % 9) / 4}
        wanted[f"s{k:02d}"] = points["kind"]
        hand_in(course, f"s{k:02d}", submission(course, points, sleep=0.3))
    moments = [("graded", 0), ("graded", 3), ("graded", 8)]
    moments += [("autograded", 1), ("autograded", 5), ("autograded", 10)]
    killed = 0
    for step, count in moments:
        pattern = "s*.json" if step == "graded" else "*.ipynb"
        process = start(course, "workers=2")
        while sum(1 for _ in (course / ".nbgrader" / step).rglob(pattern)) < count:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        time.sleep(chance.uniform(0, {"graded": 0.3, "autograded": 0.1}[step] if count else 1))
        if process.poll() is None:  # the last two are entered in no time
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
        assert gone(process.pid), "workers outlive their parent"
    assert killed >= 5
    grade(course, "workers=2")
    assert scores(course) == wanted
    assert len(graded_in(course)) <= 12 + 3 * 2  # no more than what was under way is done again


def gone(session: int) -> bool:
    """Whether all processes of a session end within some seconds."""
    import psutil

    for _ in range(100):
        alive = []
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) == session and process.status() != "zombie":
                    alive.append(process)
            except (OSError, psutil.Error):
                continue
        if not alive:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end(class_folder, tmp_path, monkeypatch, number):
    course, temporary = class_folder, tmp_path / "t"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    for k in range(6):
        hand_in(course, f"s{k}", submission(course, HALF, sleep=0 if k < 2 else 300))
    process = start(course, "workers=2")
    folder = course / ".nbgrader/graded" / EXERCISE
    for _ in range(1200):
        if len(list(folder.glob("s*.json"))) == 2:
            break
        time.sleep(0.1)
    while len(list(temporary.glob("l2l*/l2l*"))) < 2:
        time.sleep(0.1)
    os.killpg(process.pid, number)  # as a terminal does, to the workers too
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "stopped after 2 of 6; their records are kept" in errors
    assert "Start the same command again" in errors
    assert gone(process.pid)
    assert not list(temporary.glob("l2l*"))
    begun = graded_in(course)
    for k in range(2, 6):
        hand_in(course, f"s{k}", submission(course, HALF))
    grade(course, "workers=2")
    assert scores(course) == {f"s{k}": 1.25 for k in range(6)}
    assert {"s0", "s1"} < set(begun)
    assert sorted(graded_in(course)[len(begun) :]) == ["s2", "s3", "s4", "s5"]


# Workers alone


def jobs_for(course: Path, **texts: str) -> list[dict]:
    release = json.dumps(classes.released(course))
    return [
        {"assignment": EXERCISE, "student": student, "text": text, "release": release}
        | {"key": "k", "secret": "s", "sandbox": "none", "limits": {}}
        for student, text in texts.items()
    ]


def through(pool, jobs: list[dict], **options) -> dict[str, workers.Done]:
    found = list(workers.Batch(pool, light.grade, jobs, **options).run())
    assert len(found) == len(jobs)
    return {done.job["student"]: done for done in found}


def test_who_dies_once_is_graded(tmp_path):
    once = {"points": 1.25, "die_once": str(tmp_path / "died")}
    with workers.pool_for(2, None) as pool:
        done = through(pool, light.jobs(once=once, ann={"points": 1.25, "sleep": 0.2}))
    assert {name: one.record["points"] for name, one in done.items()} == {"once": 1.25, "ann": 1.25}


def test_who_goes_on_for_ever_is_given_up():
    quick, ever = {"points": 1.25}, {"points": 0.0, "sleep": 10_000}
    with workers.pool_for(1, None) as pool:
        done = through(pool, light.jobs(ever=ever, ann=quick, bob=quick), patience=5.0)
    assert "did not end within 5 s" in done["ever"].why
    assert done["ann"].record["points"] == done["bob"].record["points"] == 1.25


def test_workers_have_one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with workers.pool_for(1, None) as pool:
        assert pool.submit(os.getenv, "OMP_NUM_THREADS").result() == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_no_cluster_there():
    pytest.importorskip("distributed")
    workers_wait = workers.WAIT_FOR_CLUSTER
    workers.WAIT_FOR_CLUSTER = 1
    try:
        with (
            pytest.raises(InputError, match="no cluster with workers"),
            workers.pool_for(1, "tcp://127.0.0.1:9"),
        ):
            pass
    finally:
        workers.WAIT_FOR_CLUSTER = workers_wait


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_whose_worker_is_killed(class_folder):
    """All are graded once, with a worker killed half-way."""
    distributed = pytest.importorskip("distributed")
    course, wanted = class_folder, {}
    for k in range(10):
        points = {"kind": (k % 9) / 4}
        wanted[f"s{k}"] = points["kind"]
        hand_in(course, f"s{k}", submission(course, points, sleep=1.0))
    folder = course / ".nbgrader/graded" / EXERCISE
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster:
        process = start(course, f"scheduler={cluster.scheduler_address}")
        while len(list(folder.glob("s*.json"))) < 4 and process.poll() is None:
            time.sleep(0.1)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        out, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors[-3000:]
    assert scores(course) == wanted
    assert "10 graded, 0 repaired, 0 failed to run" in out


# Records, keys, the table


def test_a_key_is_of_all_that_determines_a_grade():
    one = ("text", "release", "1", "secret", "0.1")
    keys = {records.key_of(*one)}
    for k in range(len(one)):
        keys.add(records.key_of(*one[:k], "other", *one[k + 1 :]))
    keys.add(records.key_of(None, *one[1:]))
    assert len(keys) == len(one) + 2
    assert records.key_of(*one) in keys


@pytest.mark.parametrize(
    "change",
    [
        {"format": 1},
        {"student": "eve"},
        {"key": "other"},
        {"status": "fine"},
        {"notebook": None},
        {"questions": [{"question": "kind", "points": 3.0, "out_of": 2.0}]},
        {"questions": [{"question": "kind", "points": float("nan"), "out_of": 2.0}]},
        {"questions": [{"question": "kind", "points": -1, "out_of": 2.0}]},
        {"questions": "all"},
    ],
)
def test_what_is_no_record_of_a_job(class_folder, change):
    (job,) = jobs_for(class_folder, ann=submission(class_folder, HALF))
    record = fake_grade(job)
    assert records.fault(record, job) is None
    assert records.fault(record | change, job)


def test_a_record_that_is_broken_counts_as_none(tmp_path, class_folder):
    (job,) = jobs_for(class_folder, ann=submission(class_folder, HALF))
    store = records.Records(tmp_path, EXERCISE)
    assert store.read(job) is None
    store.write(fake_grade(job))
    assert store.read(job)["points"] == 1.25
    assert store.read(job | {"key": "other"}) is None
    store.path("ann").write_text(store.path("ann").read_text()[:-10])
    assert store.read(job) is None


def test_the_table_fits_wide_names_and_steers_no_terminal():
    names = ["李李", "ann\x1b[2J\u202e", "e\u0301"]
    lines = table._rows([classes.row(student=name, points=1.5) for name in names])
    assert lines[1].startswith("李李  ")
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
    from l2l_ref.grading.printable import width

    assert len({width(line[: line.index("1.5")]) for line in lines[1:]}) == 1


def test_answers_alike_are_one_line_for_a_group():
    pairs = [("ann", "bob"), ("cy", "dan"), ("bob", "eve")]
    alike = [
        {"cell": cell, "one": one, "other": other, "share": 0.9}
        for cell in ("kind", "put")
        for one, other in pairs
    ]
    assert table._alike(alike) == [
        "alike in kind, put: cy, dan",
        "alike in kind, put: ann, bob, eve",
    ]
