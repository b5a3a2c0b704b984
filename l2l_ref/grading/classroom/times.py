"""Times of hand-in that nbgrader's exchange does not know: stated in a file, ``--times``.

They are kept in ``.nbgrader/times/ASSIGNMENT.json``, each with a digest of the notebook that it was
stated for, and go before what the exchange says. A newer notebook has a newer time: until somebody
states it, it is not known.

What a delivery itself says of times is worth little. The dates of the files in a zip are those of
the download: Canvas and Moodle pass none to what packs them. In a zip that somebody packed they are
the upload's own. Canvas marks what is late, though, with ``_LATE_`` in the name, where no student
can write. That is kept as well: it says that something is late, not by how much.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ...support.errors import InputError
from ...support.files import write_whole
from . import stated
from .collecting import Submission
from .delivery import Delivered

FOLDER = "times"

#: Who says when something was handed in; others are in `collecting`.
STATED = "--times"


def read(path: Path) -> dict[str, datetime]:
    """The times that a file states, by student: columns id and time.

    A row without a time is passed over: such lists name the whole class.

    Raises:
        InputError: the file is not as it should be.
    """
    found: dict[str, datetime] = {}
    for row in stated.rows_of(path, ("id", "time")):
        student, time = row.cells["id"], row.cells["time"]
        if not student:
            raise InputError(f"{row.where}: the student's id is missing")
        if student in found:
            raise InputError(f"{row.where}: a second time for {student}")
        if time:
            found[student] = stated.moment(time, row.where)
    if not found:
        raise InputError(f"{path} states no times")
    return found


class Kept:
    """What is known of an assignment's times besides what the exchange says.

    Args:
        root: the folder that nbgrader works in.
        assignment: its name.

    Raises:
        InputError: the file is broken.
    """

    def __init__(self, root: Path, assignment: str):
        self.path = root / FOLDER / f"{assignment}.json"
        try:
            self.entries = json.loads(self.path.read_text()) if self.path.exists() else {}
        except (OSError, ValueError) as error:
            raise InputError(
                f"{self.path} cannot be read ({error}); bring it back from a backup, or delete it "
                "and state the times once more with --times"
            ) from None

    def learn(
        self,
        submissions: Iterable[Submission],
        said: Mapping[str, datetime],
        delivered: Delivered | None,
    ) -> None:
        """Keep what is new.

        Args:
            submissions: all that lie in nbgrader's folder.
            said: times by student, in UTC.
            delivered: what was just taken of a delivery.
        """
        before = json.dumps(self.entries)
        for submission in submissions:
            student, entry = submission.student, dict(self._of(submission))
            if delivered is not None and student in delivered.students:
                entry["late"] = delivered.late.get(student, "")
            if student in said:
                entry["time"] = str(said[student])
            if any(entry.values()) or self._of(submission):
                self.entries.setdefault(student, {})[_digest(submission)] = entry
        if json.dumps(self.entries) != before:
            write_whole(self.path, json.dumps(self.entries, ensure_ascii=False, indent=1) + "\n")

    def dated(self, submission: Submission) -> Submission:
        """A submission with the time that counts."""
        entry = self._of(submission)
        if time := entry.get("time"):
            return replace(submission, timestamp=time, dated_by=STATED)
        if submission.timestamp:
            return submission
        return replace(submission, late=entry.get("late", ""))

    def _of(self, submission: Submission) -> dict[str, str]:
        """What is kept of this very notebook."""
        return self.entries.get(submission.student, {}).get(_digest(submission), {})


def _digest(submission: Submission) -> str:
    return hashlib.sha256(json.dumps(submission.text).encode()).hexdigest()


def unknown(said: Iterable[str], known: Iterable[str], path: Path) -> None:
    """See that times are stated for students of the course.

    Raises:
        InputError: some are not.
    """
    if strangers := sorted(set(said) - set(known)):
        raise InputError(
            f"{path} states times for students who are neither on the roster nor have handed in "
            f"anything: {', '.join(strangers)}; write the ids of the roster"
        )
