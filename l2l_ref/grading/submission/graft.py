"""A student's cells in the places of the release.

The release is the skeleton: its cells in its order, with its ids and metadata, and its own sources
where they are locked. Which cell of a student is which is told by its id, by nbgrader's grade_id,
by what it says, by the function that it defines, at last by its neighbours. Cells that a student
added stay between the same neighbours.
"""

import ast
import copy
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..printable import beginning
from ..questions import parse
from .definitions import code_of
from .salvage import Cell, sequence, telling

LOCKED, ANSWER, WORDS, GIVEN = "locked", "answer", "words", "given"

#: An id, as nbformat wants it.
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")

#: How much of an edited cell of the course must be left for it to be known; difflib's ratio.
LIKENESS = 0.6

#: Words of two cells that are compared, and cells that one is compared with.
COMPARED, NEIGHBOURS = 300, 10

#: What the notes say, in this order. ``{}`` stands for the names, or their number.
SAID = {
    "order": "The cells did not stand in the order of the release, and were put into it.",
    "untold": "Cells had lost their ids, as happens in Colab and VS Code; they were told by what "
    "they say: {}.",
    "metadata": "What nbgrader keeps in cells was missing or changed, and is back: {}.",
    "kind": "Cells had become another type, and are again what they were: {}.",
    "missing check": "Checks were missing, and are back: {}.",
    "changed check": "Checks had been changed, and are as released again: {}.",
    "missing": "The course's own cells were missing, and are back: {}.",
    "copies": "Answers stood in more than one cell: {}. One counts as the answer; the others run "
    "where they stand.",
    "from a copy": "Answers were taken from a copy of their cell, where the original had none: {}.",
    "from elsewhere": "Answers stood in other cells than their own, and were put into their own: "
    "{}.",
    "left out": "Copies of cells without an answer in them were left out: {}.",
    "no answer": "Answers are missing, and nothing could stand in for them: {}.",
}


@dataclass
class Place:
    """A cell of the release, where a cell of the student goes.

    Args:
        at: its place in the release.
        cell: as released.
        role: LOCKED (a check), ANSWER (code), WORDS (an answer in words), GIVEN.
        name: that a note calls it: the question, or its first line.
        defines: of an answer, the function or class that it must define.
    """

    at: int
    cell: dict
    role: str
    name: str
    defines: str

    @property
    def id(self) -> str:
        """Its id."""
        return self.cell["id"]

    @property
    def grade_id(self) -> str:
        """nbgrader's name for it, if it has one."""
        return self.nbgrader.get("grade_id", "")

    @property
    def nbgrader(self) -> dict:
        """nbgrader's metadata."""
        return self.cell["metadata"].get("nbgrader", {})

    @property
    def source(self) -> str:
        """What it says as released."""
        return "".join(self.cell["source"])


def places(release: dict) -> list[Place]:
    """The places of a release."""
    return [_place(at, cell) for at, cell in enumerate(release["cells"])]


def _place(at: int, cell: dict) -> Place:
    nbgrader, source = cell["metadata"].get("nbgrader", {}), "".join(cell["source"])
    is_code = cell["cell_type"] == "code"
    if nbgrader.get("locked"):
        question = code_of(source).asks if is_code else []
        return Place(at, cell, LOCKED, question[0] if question else nbgrader["grade_id"], "")
    if not nbgrader.get("solution"):
        return Place(at, cell, GIVEN, telling(source if is_code else source.lstrip("# ")), "")
    if is_code:
        return Place(at, cell, ANSWER, nbgrader["grade_id"], _asked_for(source))
    return Place(at, cell, WORDS, nbgrader["grade_id"], "")


def _asked_for(source: str) -> str:
    """The function or class that a released answer leaves to the student."""
    defined = [
        statement
        for statement in parse(source).body
        if isinstance(statement, ast.FunctionDef | ast.ClassDef)
    ]
    open_ones = [each for each in defined if _is_open(each)]
    return next((each.name for each in open_ones or defined), "")


def _is_open(statement: ast.stmt) -> bool:
    names = (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
    return "NotImplementedError" in names


class Graft:
    """Puts a student's cells into the places of a release.

    Args:
        release: the notebook that students were given.
        cells: what the student handed in.
    """

    def __init__(self, release: dict, cells: list[Cell]):
        self.release, self.cells = release, cells
        self.end = max((cell.at for cell in cells), default=-1) + 1
        self.places = places(release)
        self.codes = [code_of(place.source) for place in self.places]  # as released
        self.found: dict[int, Cell] = {}  # by the place's number
        self.copies: dict[int, Place] = {}  # of which place a cell is a further copy
        self.gone: set[int] = set()  # cells that are left out
        self.before: dict[int, int] = {}  # cells that go right before a place
        self.moved: set[int] = set()  # cells that were grafted
        self.said: defaultdict[str, list[str]] = defaultdict(list)
        self.sentences: list[str] = []

    def run(self) -> dict:
        """The notebook."""
        self.match()
        for place in self.places:
            if place.role == ANSWER:
                self.answer(place)
            elif place.role == WORDS:
                self.words(place)
        self.drop_unanswered_copies()
        self.compare()
        return self.release | {"cells": list(self.compose())}

    def notes(self) -> list[str]:
        """What was done, a sentence each."""
        said = [text.format(_names(self.said[key])) for key, text in SAID.items() if self.said[key]]
        return said + self.sentences

    # Which cell is which

    def match(self) -> None:
        """Find the student's cell for each place."""
        claims = self._claims()
        for place in self.places:
            if claims[place.at]:
                self._take_one_of(place, claims[place.at])
        for place in self.open(LOCKED, GIVEN):
            self._take_first(place, lambda cell, place=place: _says(cell, place.source.strip()))
        for place in self.open(LOCKED):
            self._take_first(place, lambda cell, place=place: self._asks_only(cell, place))
        for place in self.open(ANSWER):
            self._take_by_definition(place)
        for place in self.open(GIVEN):
            self._take_by_likeness(place)
        self.said["untold"] += [
            _short(place)
            for place in self.places
            if place.at in self.found and not self._is_named(place)
        ]

    def _is_named(self, place: Place) -> bool:
        """Whether its cell bears its name, or nbgrader's: old formats have no ids."""
        cell = self.found[place.at]
        return cell.id == place.id or (bool(place.grade_id) and cell.grade_id == place.grade_id)

    def _claims(self) -> dict[int, list[Cell]]:
        """The cells that bear the id or grade_id of each place."""
        by_id = {place.id: place.at for place in self.places}
        by_grade_id = {place.grade_id: place.at for place in self.places if place.grade_id}
        claims: dict[int, list[Cell]] = defaultdict(list)
        for cell in self.cells:
            at = by_id.get(cell.id, by_grade_id.get(cell.grade_id))
            if at is not None:
                claims[at].append(cell)
        return claims

    def _take_one_of(self, place: Place, claims: list[Cell]) -> None:
        """The original if it is answered, otherwise the last copy that is."""
        originals = [cell for cell in claims if cell.id == place.id]
        best = max(self.rank(place, cell) for cell in claims)
        good = [cell for cell in claims if self.rank(place, cell) == best]
        chosen = next((cell for cell in reversed(good) if cell in originals), good[-1])
        self.found[place.at] = chosen
        self.copies |= {cell.at: place for cell in claims if cell is not chosen}
        if originals and chosen not in originals and place.role != LOCKED:
            self.said["from a copy"].append(place.name)
            self.gone |= {cell.at for cell in originals if not self.rank(place, cell)}
            self.moved.add(chosen.at)

    def rank(self, place: Place, cell: Cell) -> int:
        """How much of an answer a cell is: 0 none, 1 something else than released, 2 an answer."""
        if not cell.source.strip() or self.as_released(place, cell):
            return 0
        return 1 if place.role == ANSWER and place.defines not in cell.code.definitions else 2

    def as_released(self, place: Place, cell: Cell) -> bool:
        """Whether a cell says what the release says, comments and layout apart."""
        if cell.source.strip() == place.source.strip():
            return True
        code = self.codes[place.at]
        return place.role == ANSWER and cell.code.is_python and cell.code.says == code.says

    def open(self, *roles: str) -> list[Place]:
        """The places that have no cell yet."""
        return [p for p in self.places if p.role in roles and p.at not in self.found]

    def free(self) -> list[Cell]:
        """The cells that have no place."""
        taken = {cell.at for cell in self.found.values()} | self.gone
        return [cell for cell in self.cells if cell.at not in taken]

    def _unclaimed(self) -> list[Cell]:
        return [cell for cell in self.free() if cell.at not in self.copies]

    def _take_first(self, place: Place, fits) -> None:
        cell = next((cell for cell in self._unclaimed() if fits(cell)), None)
        if cell is not None:
            self.found[place.at] = cell

    def _asks_only(self, cell: Cell, place: Place) -> bool:
        return cell.code.only_asks and cell.code.asks == self.codes[place.at].asks

    def _take_by_definition(self, place: Place) -> None:
        found = [cell for cell in self._unclaimed() if place.defines in cell.code.definitions]
        answered = [cell for cell in found if self.rank(place, cell)]
        if found:
            self.found[place.at] = self.last_before_check(place, answered or found)
        if len(answered) > 1:
            self.said["copies"].append(place.name)

    def last_before_check(self, place: Place, cells: list[Cell]) -> Cell:
        """Of several answers the one that counts when the notebook runs from top to bottom."""
        end = self.check_at(place)
        return ([cell for cell in cells if cell.at < end] or cells)[-1]

    def check_at(self, place: Place) -> int:
        """Where the student's notebook checks an answer; at its end if nowhere."""
        for check in self.places:
            if check.role == LOCKED and check.name == place.name and check.at in self.found:
                return self.found[check.at].at
        return self.end

    def _take_by_likeness(self, place: Place) -> None:
        """A cell of the course that was edited, and stands between the same neighbours."""
        low, high = self._between(place)
        near = [
            cell
            for cell in self._unclaimed()
            if low < cell.at < high and cell.kind == place.cell["cell_type"]
        ][:NEIGHBOURS]
        likeness = {cell.at: _alike(cell.source, place.source) for cell in near}
        best = max(near, key=lambda cell: likeness[cell.at], default=None)
        if best is not None and likeness[best.at] >= LIKENESS:
            self.found[place.at] = best

    def _between(self, place: Place) -> tuple[int, int]:
        """Where the cells of the neighbouring places stand."""
        above = [self.found[at].at for at in range(place.at) if at in self.found]
        below = [self.found[at].at for at in range(place.at, len(self.places)) if at in self.found]
        return (above[-1] if above else -1), (below[0] if below else self.end)

    # Answers that are not in their cells

    def answer(self, place: Place) -> None:
        """See that the answer's cell holds the answer, if there is one anywhere."""
        own = self.found.get(place.at)
        if own is not None and self.rank(place, own) == 2:
            return
        is_code = own is not None and own.source.strip() and not self.as_released(place, own)
        if is_code and not own.code.is_python:
            return  # the student's own mistake; what is defined above it counts
        others = self._answers_elsewhere(place)
        if is_code and any(cell.at < self.check_at(place) for cell in others):
            return  # it counts where it stands
        if others:
            self._graft(place, own, self.last_before_check(place, others))
        elif own is None:
            self.said["no answer"].append(place.name)
        elif not self.as_released(place, own):
            self._say_nameless(place, own)

    def _answers_elsewhere(self, place: Place) -> list[Cell]:
        """The cells besides an answer's own that define what it must define."""
        released = self.codes[place.at].definitions.get(place.defines)
        given = {
            self.found[other.at].at
            for other in self.places
            if other.at in self.found and place.defines in self.codes[other.at].binds
        }
        return [
            cell
            for cell in self.cells
            if cell.at not in given
            and (cell.kind == "code" or self.copies.get(cell.at) is place)
            and place.defines in cell.code.definitions
            and cell.code.definitions[place.defines].says != released.says
        ]

    def _graft(self, place: Place, own: Cell | None, other: Cell) -> None:
        """Put an answer that stands in another cell into its place.

        The other cell moves there, unless something in between needs what else it defines; then it
        stays, and its definition is repeated.
        """
        self.said["from elsewhere"].append(place.name)
        if own is not None and own.code.binds - {place.defines} and self.rank(place, own):
            self.before[own.at] = place.at
        elif own is not None:
            self.gone.add(own.at)
        if other in self.free() and not self._needed_above(place, own, other):
            self.found[place.at] = other
            self.moved.add(other.at)
            return
        text = self._with_definition(place, other.code.definitions[place.defines].text)
        self.found[place.at] = Cell(-1, "code", text, place.id)

    def _needed_above(self, place: Place, own: Cell | None, other: Cell) -> bool:
        end = own.at if own is not None else self.check_at(place)
        rest = other.code.binds - {place.defines}
        between = (cell for cell in self.cells if other.at < cell.at < end and cell.kind == "code")
        return bool(rest) and any(rest & cell.code.needs for cell in between)

    def _with_definition(self, place: Place, text: str) -> str:
        """The released cell with a definition in the place of its own."""
        released = self.codes[place.at].definitions[place.defines].text
        return place.source.replace(released, text)

    def _say_nameless(self, place: Place, own: Cell) -> None:
        others = sorted(own.code.definitions)
        instead = f", but {beginning(sequence(others), 80)}" if others else ""
        self.sentences.append(
            f"The answer {place.name} defines no function or class with the name {place.defines}"
            f"{instead}; its check cannot find it, and nothing could be saved."
        )

    def words(self, place: Place) -> None:
        """Find an answer in words that is not in its cell: below the question, or within it."""
        own = self.found.get(place.at)
        if own is not None and self.rank(place, own):
            return
        question = next(
            (p for p in reversed(self.places[: place.at]) if p.cell["cell_type"] == "markdown"),
            None,
        )
        asked = self.found.get(question.at) if question else None
        begin = asked.at if asked else self._between(place)[0]
        texts = [c for c in self._unclaimed() if c.kind != "code" and self.rank(place, c)]
        below = [cell for cell in texts if cell.at > begin]
        if below or (texts and own is None):
            cell = max(below or texts, key=lambda cell: len(cell.source))  # a note is shorter
        elif asked and (added := _added(asked.source, question.source)):
            cell = Cell(-1, "markdown", added, place.id, attachments=asked.attachments)
        else:
            cell = next((c for c in self._unclaimed() if _says(c, place.source.strip())), own)
        if cell is None:
            self.said["no answer"].append(place.name)
            return
        if own is not None and cell is not own:
            self.gone.add(own.at)
        if own is None and cell.at >= 0:
            self.said["untold"].append(place.name)
        elif cell is not own:
            self.said["from elsewhere"].append(place.name)
            self.moved.add(cell.at)
        self.found[place.at] = cell

    def drop_unanswered_copies(self) -> None:
        """Leave out further cells that only say what the release says; they would hide answers."""
        for cell in self.free():
            for place in self.places:
                is_copy = self.copies.get(cell.at) is place or place.role == ANSWER
                if is_copy and place.role != GIVEN and self.as_released(place, cell):
                    self.gone.add(cell.at)
                    self.said["left out"].append(place.name)
                    break
            else:
                if copied := self.copies.get(cell.at):
                    self.said["copies"].append(copied.name)

    # What the skeleton mends

    def compare(self) -> None:
        """Say what the skeleton puts right, and keep code that stood in a check's cell."""
        for place in self.places:
            cell = self.found.get(place.at)
            if cell is None:
                if place.role in (LOCKED, GIVEN):
                    key = "missing check" if place.role == LOCKED else "missing"
                    self.said[key].append(_short(place))
                continue
            if cell.at < 0 or cell.at in self.moved:
                continue
            if cell.kind != place.cell["cell_type"]:
                self.said["kind"].append(_short(place))
            if place.nbgrader and _differ(cell.nbgrader, place.nbgrader):
                self.said["metadata"].append(place.grade_id)
            if place.role == LOCKED and not _says(cell, place.source.strip()):
                self.said["changed check"].append(place.grade_id)
                if cell.kind == "code" and cell.code.binds:
                    self.before[cell.at] = place.at

    # The notebook

    def compose(self) -> Iterator[dict]:
        """The cells of the notebook."""
        added = self._added()
        used = {place.id for place in self.places}
        for at in range(len(self.places) + 1):
            for cell in sorted(added.get(at, []), key=lambda cell: cell.at):
                yield _new(cell, _fresh_id(cell, used))
            if at < len(self.places):
                yield _filled(self.places[at], self.found.get(at))

    def _added(self) -> dict[int, list[Cell]]:
        """The student's own cells by the place that they go before."""
        at_home = self._at_home()
        if len(at_home) < sum(self._stands(at) for at in self.found):
            self.said["order"].append("")
        free = {cell.at for cell in self.free()} | set(self.before)
        slots, slot = {}, 0
        for cell in self.cells:
            if cell.at in free:
                slots[cell.at] = self.before.get(cell.at, slot)
            slot = at_home.get(cell.at, slot - 1) + 1
        if self.said["order"]:
            self._move_up(slots)
        added = defaultdict(list)
        for cell in self.cells:
            if cell.at in slots:
                added[slots[cell.at]].append(cell)
        return added

    def _stands(self, at: int) -> bool:
        """Whether the cell of a place is one of the student's, and was not grafted."""
        return self.found[at].at >= 0 and self.found[at].at not in self.moved

    def _at_home(self) -> dict[int, int]:
        """Most cells whose places are in order: the place of each, by the cell's number."""
        pairs = sorted((self.found[at].at, at) for at in self.found if self._stands(at))
        ends, last, previous = [], [], {}  # the longest increasing subsequence
        for cell, at in pairs:
            length = bisect_left(ends, at)
            ends[length:], last[length:] = [at, *ends[length + 1 :]], [cell, *last[length + 1 :]]
            previous[cell] = last[length - 1] if length else None
        place_of, home = dict(pairs), {}
        cell = last[-1] if last else None
        while cell is not None:
            home[cell] = place_of[cell]
            cell = previous[cell]
        return home

    def _move_up(self, slots: dict[int, int]) -> None:
        """Where cells were reordered, let what an answer needs run before it."""
        first_need: dict[str, int] = {}
        for at in reversed(range(len(self.places))):
            place, cell = self.places[at], self.found.get(at)
            if cell is not None and place.cell["cell_type"] == "code" and place.role != LOCKED:
                first_need |= dict.fromkeys(cell.code.needs - self.codes[at].binds, at)
        own = {name for code in self.codes for name in code.binds}
        for cell in reversed(self.cells):
            if cell.at in slots and cell.kind == "code":
                needed = [first_need[n] for n in cell.code.binds - own if n in first_need]
                slots[cell.at] = min([slots[cell.at], *needed])
                for name in cell.code.needs:
                    first_need[name] = min(slots[cell.at], first_need.get(name, slots[cell.at]))


def _names(names: Iterable[str]) -> str:
    names = list(dict.fromkeys(names))
    return sequence(names) if len(names) <= 8 else f"{len(names)} cells"


def _short(place: Place) -> str:
    return place.grade_id or place.name


def _says(cell: Cell, text: str) -> bool:
    return cell.source.strip() == text


def _differ(there: dict, released: dict) -> bool:
    """Whether nbgrader's metadata say something else; checksums change with the answer."""
    free = ("checksum", "cell_type")
    kept = {key: value for key, value in there.items() if key not in free}
    return kept != {key: value for key, value in released.items() if key not in free}


def _alike(one: str, other: str) -> float:
    words = (text.split()[:COMPARED] for text in (one, other))
    return SequenceMatcher(None, *words, autojunk=False).ratio()


def _added(text: str, released: str) -> str:
    """What a student wrote below a text of the course, in its cell."""
    released = released.strip()
    return text.strip().removeprefix(released).strip() if released in text else ""


def _filled(place: Place, cell: Cell | None) -> dict:
    """A cell of the release with what the student wrote, where that is the student's."""
    filled = copy.deepcopy(place.cell)
    if cell is not None and place.role != LOCKED:
        filled["source"] = cell.source.splitlines(keepends=True)
        if cell.attachments and filled["cell_type"] == "markdown":
            filled["attachments"] = cell.attachments
    if filled["cell_type"] == "code":
        filled |= {"execution_count": None, "outputs": []}
    return filled


def _new(cell: Cell, name: str) -> dict:
    """A cell that the student added."""
    new = {"cell_type": cell.kind, "id": name, "metadata": {}}
    new["source"] = cell.source.splitlines(keepends=True)
    if cell.kind == "code":
        new |= {"execution_count": None, "outputs": []}
    elif cell.attachments:
        new["attachments"] = cell.attachments
    return new


def _fresh_id(cell: Cell, used: set[str]) -> str:
    """An id that no other cell has; the student's own if it will do."""
    name, number = cell.id, cell.at
    while not ID.fullmatch(name) or name in used:
        name, number = f"added-{number:03d}", number + 1
    used.add(name)
    return name
