"""What the cases in ``cases/`` are made of: helpers that damage a notebook, and how a case is read.

A case is a file. Its docstring says what the student did. ``submit(solution, release)`` returns
what is handed in, a notebook as JSON or the bytes of a file, and these names say what must come of
it; all but `EARNS` may be left out:

    EARNS     "all", "none", or points by question; a question that is not named earns all
    STATUS    "graded" or "failed"
    SAYS      what the report must say, a list of regular expressions
    SHOWS     what the outputs of the notebook's cells must show
    FLAGGED   whether a human must look at it; None leaves it open
    REPAIRED  whether the notes must say that something was repaired; None leaves it open
    SANDBOX   whether it makes sense in the sandbox only
    FOOLS     whether it earns undeserved points where nothing guards the check
    LIMITS    of the sandbox, where they differ from `LIMITS`
    SECONDS   that grading may take
    STUDENT, FILE, EXERCISE
    WAITS     spends its time in waiting, so that it is tried beside others that do
    HOLE      a known hole in the grader: why the case fails as yet

Attacks are bounded: where a guard fails, the machine survives.
"""

import copy
import functools
import hashlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Words in a submission that stand for the course's folder and for a port somebody listens on.
COURSE, PORT = "@COURSE@", "@PORT@"

#: Quick enough for tests, and far above what the exercise needs.
LIMITS = {"cell": 20.0, "notebook": 120.0, "file": 16 * 2**20, "scratch": 64 * 2**20}


@dataclass(frozen=True)
class Case:
    """A case as its file says."""

    name: str
    story: str
    submit: Callable[[dict, dict], bytes | dict]
    earns: str | dict
    status: str = "graded"
    says: list[str] = field(default_factory=list)
    shows: list[str] = field(default_factory=list)
    flagged: bool | None = None
    repaired: bool | None = None
    sandbox: bool = False
    fools: bool = False
    limits: dict = field(default_factory=dict)
    seconds: float = 120.0
    student: str = ""
    file: str = ""
    exercise: str = "01_leaf_tensors"
    hole: str = ""
    waits: bool = False

    def earned(self, points: dict[str, float]) -> dict[str, float]:
        """What each question must earn.

        Args:
            points: what each is worth.
        """
        if self.earns == "none":
            return dict.fromkeys(points, 0.0)
        return points if self.earns == "all" else points | self.earns

    def handed_in(self, course: Path, port: int) -> str:
        """The text of the file that is handed in; what is no UTF-8 in it is kept by surrogates.

        Args:
            course: the folder of the course that an attack is after.
            port: where somebody listens.
        """
        made = self.submit(*both(self.exercise))
        text = json.dumps(made) if isinstance(made, dict) else made.decode(errors="surrogateescape")
        return text.replace(COURSE, str(course)).replace(PORT, str(port))


def read(path: Path) -> Case:
    """Read a case's file."""
    spec = importlib.util.spec_from_file_location(f"case_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    known = {each.name.upper(): each.name for each in fields(Case)}
    said = {known[name]: value for name, value in vars(module).items() if name in known}
    return Case(path.stem, module.__doc__, module.submit, **{"student": path.stem} | said)


def cases() -> list[Case]:
    """All cases."""
    return [read(path) for path in sorted((Path(__file__).parent / "cases").glob("*.py"))]


@functools.cache
def _texts(exercise: str) -> tuple[str, str]:
    from l2l_ref.grading.release import build

    built = build.build(ROOT / "solutions" / exercise / f"{build.short(exercise)}.py")
    return built.solution, built.release


def both(exercise: str) -> tuple[dict, dict]:
    """An exercise solved and as it is released, without the demonstration at its end.

    The solved one is what a student hands in: the release with the answers of the solution.
    """
    solution, release = map(json.loads, _texts(exercise))
    release["cells"] = [
        cell for cell in release["cells"] if not source(cell).startswith("def demo")
    ]
    answers = {
        cell["id"]: source(cell)
        for cell in solution["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    return changed(release, **answers), release


# Damage. All of these leave the notebook that they are given as it was.


def source(cell: dict) -> str:
    """What a cell says."""
    return "".join(cell["source"])


def cell_of(notebook: dict, name: str) -> dict:
    """The cell with an id."""
    (found,) = (cell for cell in notebook["cells"] if cell.get("id") == name)
    return found


def changed(notebook: dict, **sources: str) -> dict:
    """With other sources in the cells of these ids."""
    notebook = copy.deepcopy(notebook)
    for name, text in sources.items():
        cell_of(notebook, name)["source"] = text
    return notebook


def code(text: str) -> dict:
    """A code cell as a student adds it."""
    name = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    empty = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": name, "source": text} | empty


def after(notebook: dict, name: str, *texts: str) -> dict:
    """With code cells added below the one with an id."""
    notebook = copy.deepcopy(notebook)
    place = notebook["cells"].index(cell_of(notebook, name)) + 1
    notebook["cells"][place:place] = map(code, texts)
    return notebook


def at_the_top(notebook: dict, *texts: str) -> dict:
    """With code cells added below the first one, which imports."""
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return after(notebook, first["id"], *texts)


def without(notebook: dict, *names: str) -> dict:
    """Without the cells of these ids."""
    cells = [cell for cell in notebook["cells"] if cell.get("id") not in names]
    return copy.deepcopy(notebook | {"cells": cells})


def unanswered(solution: dict, release: dict, *names: str) -> dict:
    """With these answers as they are released."""
    return changed(solution, **{name: source(cell_of(release, name)) for name in names})


#: For each question of 01_leaf_tensors an answer that runs and deserves nothing.
WRONG = {
    "kind": 'def kind(tensor):\n    return "leaf"',
    "sgd_step": "def sgd_step(weights, gradients, rate):\n"
    "    return {n: w.detach().clone() for n, w in weights.items()}",
    "put": "def put(module, name, tensor):\n    return None",
    "loss_after": "def loss_after(module, x, y, rates, steps):\n    return torch.zeros(())",
    "first_order": "def first_order(module, x, y, rates, steps):\n"
    "    return {n: torch.zeros(()) for n in rates}",
    "learn_rates": "def learn_rates(loss_of, rates, meta_rate, steps):\n    return dict(rates)",
}


def wrong(release: dict) -> dict:
    """All questions answered, and all wrongly."""
    return changed(release, **WRONG)
