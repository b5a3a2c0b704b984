"""Answers that are alike across students, found by copydetect.

copydetect turns code into tokens, so that other names and comments hide nothing, and compares the
hashes of all its runs of some length. What the release holds does not count, nor does what a good
part of the class has written: there is a natural way to write some answers.
"""

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from .definitions import READ

#: Characters of tokenised code in a run; copydetect's own choice. All runs count, where copydetect
#: would take a sample that differs from one process to the next: answers are short enough.
RUN, ALL = 25, 1

#: Characters of tokenised code that an answer must have of its own. In less there is little choice;
#: shorter answers count together, as if they were one.
LEAST = 150

#: The share of each of two answers that the other has as well, from which they count as alike.
ALIKE = 0.8

#: Code that more students have written than this, and than a share of the class, is natural.
NATURAL, SHARE = 10, 0.2


@dataclass(frozen=True)
class Alike:
    """Two students whose answers are alike.

    Args:
        cell: the answer's grade_id; empty for all short answers together.
        one, other: the students.
        share: of the one that has less in common, what is in common; from 0 to 1.
    """

    cell: str
    one: str
    other: str
    share: float


def alike(submissions: Mapping[str, dict], release: dict, threshold: float = ALIKE) -> list[Alike]:
    """The answers that two students are likely to have from one another, or from one source.

    Args:
        submissions: for each student the notebook, as `repair` returns it.
        release: the notebook that students were given.
        threshold: from which share on two answers are alike.

    Returns:
        The pairs, in the order of the cells; those with the largest share first.
    """
    released = _answers(release)
    answered = {name: _answers(notebook) for name, notebook in submissions.items()}
    found, short = [], {name: [] for name in submissions}
    for cell, boilerplate in released.items():
        texts = {name: each.get(cell, "") for name, each in answered.items()}
        long = _fingerprints(texts, boilerplate)
        found += _pairs(cell, long, threshold)
        for name in texts.keys() - long.keys():
            short[name].append(texts[name])
    together = {name: "\n".join(texts) for name, texts in short.items()}
    return found + _pairs("", _fingerprints(together, "\n".join(released.values())), threshold)


def _answers(notebook: dict) -> dict[str, str]:
    """The code of the answers, by their grade_ids."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    }


def _fingerprints(texts: Mapping[str, str], boilerplate: str) -> dict:
    """What each student has written that is long enough, without what is not the student's own."""
    prints = {text: _fingerprint(text) for text in set(texts.values()) if len(text) <= READ}
    texts = {name: text for name, text in texts.items() if text in prints}
    shared = Counter(hash for text in texts.values() for hash in prints[text].hashes)
    most = max(NATURAL, SHARE * len(texts))
    natural = {hash for hash, count in shared.items() if count > most}
    common = natural | set(_fingerprint(boilerplate).hashes)
    own = {text: _without(each, common) for text, each in prints.items()}
    return {name: own[text] for name, text in texts.items() if own[text].token_coverage >= LEAST}


def _fingerprint(text: str):
    from copydetect import CodeFingerprint

    return CodeFingerprint("answer.py", RUN, ALL, language="python", fp=io.StringIO(text))


def _without(fingerprint, common: set):
    """A fingerprint without some hashes.

    copydetect can leave them out itself, but takes a run that occurs twice for one of them.
    """
    from copydetect.utils import get_token_coverage

    fingerprint.hashes = set(fingerprint.hashes) - common
    index = {hash: fingerprint.hash_idx[hash] for hash in fingerprint.hashes}
    fingerprint.hash_idx = index
    length = len(fingerprint.filtered_code)
    fingerprint.token_coverage = get_token_coverage(index, fingerprint.k, length)
    return fingerprint


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
