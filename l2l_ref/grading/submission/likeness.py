"""Answers that are alike across students, found by copydetect.

copydetect turns code into tokens, so that other names and comments hide nothing, and compares the
hashes of all its runs of some length. What the release holds does not count. Of a single answer,
what a good part of the class has written does not count either: there is a natural way to write
some answers. All answers of a notebook together have none, so there it counts, however many have
copied; and answers in words are compared by runs of words.
"""

import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from .definitions import READ
from .limits import TooLong, at_most

#: Characters of tokenised code in a run; copydetect's own choice. All runs count, where copydetect
#: would take a sample that differs from one process to the next: answers are short enough.
RUN, ALL = 25, 1

#: Characters of tokenised code that an answer must have of its own. In less there is little choice;
#: shorter answers count together, as if they were one.
LEAST = 150

#: The share of each of two answers that the other has as well, from which they count as alike.
ALIKE = 0.8

#: What is compared besides single answers.
SHORT, WHOLE = "the short answers together", "all answers together"

#: Words in a run, and the share of the runs from which two answers in words are alike. They must
#: have so many runs of their own: of a sentence everybody finds the same one.
WORDS, SAME_WORDS, LEAST_WORDS = 5, 0.5, 15

#: Seconds for a student's answer, or all answers together; the course's own take a hundredth.
PATIENCE = 5.0

#: Code that more students have written than this, and than a share of the class, is natural.
NATURAL, SHARE = 10, 0.2


@dataclass(frozen=True)
class Alike:
    """Two students whose answers are alike.

    Args:
        cell: the answer's grade_id, or `SHORT` or `WHOLE`.
        one, other: the students.
        share: of the one that has less in common, what is in common; from 0 to 1.
    """

    cell: str
    one: str
    other: str
    share: float


def alike(
    submissions: Mapping[str, dict],
    release: dict,
    left_out: dict[tuple[str, str], str] | None = None,
    threshold: float = ALIKE,
) -> list[Alike]:
    """The answers that two students are likely to have from one another, or from one source.

    Args:
        submissions: for each student the notebook, as `repair` returns it.
        release: the notebook that students were given.
        left_out: gets the answers that cannot be compared, in `READ` characters and `PATIENCE`
            seconds each: by student and cell the reason. The others are compared all the same.
        threshold: from which share on two answers are alike.

    Returns:
        The pairs, in the order of the cells; those with the largest share first.
    """
    left_out = {} if left_out is None else left_out
    released = _answers(release)
    answered = {name: _to_compare(name, each, left_out) for name, each in submissions.items()}
    found, short = [], {name: [] for name in submissions}
    for cell, boilerplate in released.items():
        texts = {name: each.get(cell, "") for name, each in answered.items()}
        prints = _prints(cell, texts, left_out)
        for name in texts.keys() - prints.keys():
            answered[name].pop(cell, None)
        long = _fingerprints(prints, boilerplate)
        found += _pairs(cell, long, threshold)
        for name in prints.keys() - long.keys():
            short[name].append(texts[name])
    boilerplate = "\n".join(released.values())
    together = {name: "\n".join(texts) for name, texts in short.items()}
    prints = _prints(SHORT, together, left_out)
    found += _pairs(SHORT, _fingerprints(prints, boilerplate), threshold)
    whole = {name: "\n".join(texts.values()) for name, texts in answered.items()}
    prints = _prints(WHOLE, whole, left_out)
    found += _pairs(WHOLE, _fingerprints(prints, boilerplate, natural=False), threshold)
    return found + _alike_in_words(submissions, release, left_out)


def _to_compare(student: str, notebook: dict, left_out: dict, kind: str = "code") -> dict[str, str]:
    """The answers of a student that are not too long."""
    try:
        answers = _answers(notebook, kind)
    except (KeyError, TypeError, AttributeError):
        left_out[student, ""] = "the notebook has no answers that can be read"
        return {}
    for cell, text in list(answers.items()):
        if len(text) > READ:
            left_out[student, cell] = _too_long(text)
            del answers[cell]
    return answers


def _answers(notebook: dict, kind: str = "code") -> dict[str, str]:
    """The answers in cells of a type, by their grade_ids."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == kind and cell["metadata"].get("nbgrader", {}).get("solution")
    }


def _too_long(text: str) -> str:
    return f"{len(text):,} characters, more than {READ:,}"


def _alike_in_words(submissions: Mapping[str, dict], release: dict, left_out: dict) -> list[Alike]:
    """The answers in words that share at least half of the shorter one's runs of words."""
    found, given = [], set()
    for cell in release["cells"]:  # an answer may quote the question
        given |= _runs("".join(cell["source"]))
    answered = {
        name: _to_compare(name, notebook, left_out, "markdown")
        for name, notebook in submissions.items()
    }
    for cell in _answers(release, "markdown"):
        runs = {name: _runs(each.get(cell, "")) - given for name, each in answered.items()}
        long = {name: own for name, own in runs.items() if len(own) >= LEAST_WORDS}
        for (one, mine), (other, theirs) in combinations(long.items(), 2):
            share = len(mine & theirs) / min(len(mine), len(theirs))
            if share >= SAME_WORDS:
                found.append(Alike(cell, one, other, round(share, 2)))
    return sorted(found, key=lambda pair: -pair.share)


def _runs(text: str) -> set[tuple[str, ...]]:
    """The runs of words in a text, whatever stands between them."""
    words = re.findall(r"\w+", text[:READ].lower())
    return {tuple(words[k : k + WORDS]) for k in range(len(words) - WORDS + 1)}


def _prints(cell: str, texts: Mapping[str, str], left_out: dict) -> dict:
    """Each student's text as a fingerprint; without those of whom it cannot be made in time."""
    prints, failed = {}, {}
    for text in set(texts.values()):
        if len(text) > READ:
            failed[text] = _too_long(text)
            continue
        try:
            with at_most(PATIENCE):
                prints[text] = _fingerprint(text)
        except TooLong:
            failed[text] = f"it took longer than {PATIENCE:g} s"
        except Exception as error:  # whatever a lexer raises on a text that nobody thought of
            failed[text] = f"{type(error).__name__}: {error}"
    left_out.update({(name, cell): failed[t] for name, t in texts.items() if t in failed})
    return {name: prints[text] for name, text in texts.items() if text in prints}


def _fingerprints(prints: Mapping, boilerplate: str, natural: bool = True) -> dict:
    """What each student has written that is long enough, without what is not the student's own.

    Args:
        prints: by student, the fingerprint of what was written.
        boilerplate: what was given.
        natural: whether what a good part of the class has written is left out.
    """
    shared = Counter(hash for each in prints.values() for hash in each.hashes)
    most = max(NATURAL, SHARE * len(prints))
    usual = {hash for hash, count in shared.items() if natural and count > most}
    common = usual | set(_fingerprint(boilerplate).hashes)
    own = {id(each): each for each in prints.values()}  # equal texts share one
    for each in own.values():
        _leave_out(each, common)
    return {name: each for name, each in prints.items() if each.token_coverage >= LEAST}


def _fingerprint(text: str):
    from copydetect import CodeFingerprint

    return CodeFingerprint("answer.py", RUN, ALL, language="python", fp=io.StringIO(text))


def _leave_out(fingerprint, common: set) -> None:
    """Take some hashes out of a fingerprint.

    copydetect can leave them out itself, but takes a run that occurs twice for one of them.
    """
    from copydetect.utils import get_token_coverage

    fingerprint.hashes = set(fingerprint.hashes) - common
    index = {hash: fingerprint.hash_idx[hash] for hash in fingerprint.hashes}
    fingerprint.hash_idx = index
    length = len(fingerprint.filtered_code)
    fingerprint.token_coverage = get_token_coverage(index, fingerprint.k, length)


def _pairs(cell: str, fingerprints: dict, threshold: float) -> list[Alike]:
    found = []
    for (one, mine), (other, theirs) in combinations(fingerprints.items(), 2):
        longer = max(len(mine.hashes), len(theirs.hashes))
        if len(mine.hashes & theirs.hashes) < threshold * longer / 2:
            continue  # enough for most pairs
        if (share := _share(mine, theirs)) >= threshold:
            found.append(Alike(cell, one, other, share))
    return sorted(found, key=lambda pair: -pair.share)


def _share(one, other) -> float:
    from copydetect import compare_files

    return round(float(min(compare_files(one, other)[1])), 2)
