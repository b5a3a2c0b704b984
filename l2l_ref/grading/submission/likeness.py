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
    boilerplate = "\n".join(released.values())
    together = {name: "\n".join(texts) for name, texts in short.items()}
    found += _pairs(SHORT, _fingerprints(together, boilerplate), threshold)
    whole = {name: "\n".join(texts.values()) for name, texts in answered.items()}
    found += _pairs(WHOLE, _fingerprints(whole, boilerplate, natural=False), threshold)
    return found + _alike_in_words(submissions, release)


def _answers(notebook: dict, kind: str = "code") -> dict[str, str]:
    """The answers in cells of a type, by their grade_ids."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == kind and cell["metadata"].get("nbgrader", {}).get("solution")
    }


def _alike_in_words(submissions: Mapping[str, dict], release: dict) -> list[Alike]:
    """The answers in words that share at least half of the shorter one's runs of words."""
    found, given = [], set()
    for cell in release["cells"]:  # an answer may quote the question
        given |= _runs("".join(cell["source"]))
    for cell in _answers(release, "markdown"):
        runs = {
            name: _runs(_answers(notebook, "markdown").get(cell, "")) - given
            for name, notebook in submissions.items()
        }
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


def _fingerprints(texts: Mapping[str, str], boilerplate: str, natural: bool = True) -> dict:
    """What each student has written that is long enough, without what is not the student's own.

    Args:
        natural: whether what a good part of the class has written is left out.
    """
    prints = {text: _fingerprint(text) for text in set(texts.values()) if len(text) <= READ}
    texts = {name: text for name, text in texts.items() if text in prints}
    shared = Counter(hash for text in texts.values() for hash in prints[text].hashes)
    most = max(NATURAL, SHARE * len(texts))
    usual = {hash for hash, count in shared.items() if natural and count > most}
    common = usual | set(_fingerprint(boilerplate).hashes)
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
