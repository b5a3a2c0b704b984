"""Grading by hand in nbgrader's formgrader: its server, a real browser, and no network."""

import copy
import csv
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classroom import EXERCISE, NAME, Classroom, cell_of

pytest.importorskip("nbgrader")
pytest.importorskip("jupyter_server")

pytestmark = pytest.mark.slow

#: It gives the student full marks, if the page of the instructor runs it.
ATTACK = (  # no "=>", which would end a tag
    "window.ATTACKED = true;"
    'fetch(base_url + "/api/grades?submission_id=" + submission_id)'
    ".then(function (response) { return response.json(); })"
    ".then(function (grades) { grades.map(function (grade) {"
    ' fetch(base_url + "/api/grade/" + grade.id, {method: "PUT",'
    " body: JSON.stringify({manual_score: grade.max_score}),"
    ' headers: {"X-CSRFToken": document.cookie.split("_xsrf=")[1].split(";")[0]}}); }); });'
)
SCRIPT = f"<script>{ATTACK}</script>"
IMAGE = f"<img src='x' onerror='{ATTACK}'>"
OUTPUTS = {"text/html": SCRIPT + IMAGE, "application/javascript": ATTACK, "text/plain": SCRIPT}
OUTPUTS |= {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>"}


def attack(release: dict) -> dict:
    """A notebook with a script in every place that can reach the page."""
    notebook = copy.deepcopy(release)
    words = cell_of(notebook, "in_words")
    words["source"] = f"I am *sure*: $a<b$ {SCRIPT} {IMAGE}"
    words["metadata"]["tags"] = ['"><script>window.ATTACKED = true</script><i class="']
    shows = "\n".join(f"display({{{key!r}: {data!r}}}, raw=True)" for key, data in OUTPUTS.items())
    cell = {"id": "code", "source": shows, "execution_count": None, "outputs": []}
    notebook["cells"] += [
        {"cell_type": "raw", "id": "raw", "metadata": {}, "source": SCRIPT},
        {"cell_type": "markdown", "id": "text", "metadata": {}, "source": SCRIPT + IMAGE},
        cell | {"cell_type": "code", "metadata": {}},
    ]
    return notebook


@pytest.fixture
def room(tmp_path) -> Classroom:
    """A course in which Ann has answered, and Mallory has sent something else; autograded."""
    room = Classroom(tmp_path)
    ann = copy.deepcopy(room.solution)
    cell_of(ann, "in_words")["source"] = "Only the numbers go into `.data`, says Ann."
    for student, notebook in {"ann": ann, "mallory": attack(room.release)}.items():
        folder = room.course / ".nbgrader/submitted" / student / EXERCISE
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook))
    room.run("nbgrader", "generate_assignment", EXERCISE)
    room.run("nbgrader", "autograde", EXERCISE)
    return room


@pytest.fixture
def address(room):
    """Where formgrader is; its server runs in the course's folder, as the guide says."""
    runtime, log = room.folder / "runtime", room.folder / "server.log"
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*command, "--ip=127.0.0.1", "--port=0"],
            cwd=room.course,
            env=room.environment("instructor") | {"JUPYTER_RUNTIME_DIR": str(runtime)},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            yield started(server, runtime, log)
        finally:
            server.terminate()
            server.wait(30)


def started(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """Wait until a server has said where it is."""
    for _ in range(600):
        assert server.poll() is None, log.read_text()[-3000:]
        for path in runtime.glob("jpserver-*.json"):
            try:
                said = json.loads(path.read_text())
            except json.JSONDecodeError:  # half-written
                continue
            return f"{said['url']}formgrader?token={said['token']}"
        time.sleep(0.1)
    raise AssertionError(f"no server after a minute: {log.read_text()[-3000:]}")


@pytest.fixture
def page(browser, address):
    """A page opened at formgrader; it notes what goes wrong."""
    page, complaints = browser.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.failure} {request.url}"))
    page.goto(address)
    yield page
    page.close()
    # MathJax is all that comes from elsewhere: without a network, formulas stay as they are typed.
    # What a page still asks for when it is left is aborted.
    expected = re.compile("mathjax|ERR_ABORTED", re.IGNORECASE)
    assert [each for each in complaints if not expected.search(each)] == []


LOADED = "window.formgrader?.grades?.loaded && formgrader.comments.loaded"


def open_submission(page, student: str) -> None:
    """Go by the links from the list of assignments to a student's notebook."""
    page.get_by_role("link", name="Manual Grading").click()
    page.get_by_role("link", name=EXERCISE).click()
    page.get_by_role("link", name=NAME).click()
    page.get_by_text("Submission #1").wait_for()
    page.locator("#toggle_names").click()
    page.get_by_role("link", name=student).click()
    page.wait_for_function(LOADED)


def export(room: Classroom) -> dict[str, float]:
    """The score of each student in the exported file."""
    room.run("nbgrader", "export")
    with open(room.course / ".nbgrader/grades.csv", newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def test_grading_by_hand(room, page):
    """One test, because to set the course up costs more than both parts of it."""
    a_script_in_an_answer_does_not_run(room, page)
    a_grade_by_hand_reaches_export_and_feedback(room, page)


def a_script_in_an_answer_does_not_run(room, page):
    page.get_by_role("link", name=EXERCISE).wait_for()
    row = page.get_by_role("row").filter(has_text=EXERCISE)
    assert "2" in row.locator(".num-submissions").inner_text()
    address = page.url
    open_submission(page, "mallory")
    assert page.get_by_text("I am sure").is_visible()  # with the markup that may stay
    page.wait_for_timeout(2000)
    assert page.evaluate("window.ATTACKED") is None
    assert export(room) == {"ann": 17.0, "mallory": 0.0}

    room.run("nbgrader", "generate_feedback", EXERCISE)
    page.goto((room.course / f".nbgrader/feedback/mallory/{EXERCISE}/{NAME}.html").as_uri())
    page.wait_for_timeout(500)
    assert page.evaluate("window.ATTACKED") is None
    page.goto(address)


def a_grade_by_hand_reaches_export_and_feedback(room, page):
    open_submission(page, "ann")
    assert page.get_by_text("says Ann").is_visible()
    assert page.get_by_text("kind: 2 of 2 points").is_visible()
    assert page.locator("#in_words").evaluate("field => field.matches('.needs_manual_grade')")
    assert page.locator("#check_kind").get_attribute("placeholder") == "2"
    for field, text in {"#in_words": "2.5", "#in_words-comment": "Which slope is it?"}.items():
        with page.expect_response(lambda response: response.request.method == "PUT") as saved:
            page.locator(field).fill(text)
            page.locator(field).press("Tab")
        assert saved.value.ok
    page.reload()
    page.wait_for_function(LOADED)
    assert page.locator("#in_words").input_value() == "2.5"
    assert page.locator("#in_words-comment").input_value() == "Which slope is it?"
    assert export(room) == {"ann": 19.5, "mallory": 0.0}

    room.run("nbgrader", "generate_feedback", EXERCISE, "--force")
    feedback = (room.course / f".nbgrader/feedback/ann/{EXERCISE}/{NAME}.html").read_text()
    assert "Which slope is it?" in feedback
