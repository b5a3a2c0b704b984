"""The flaws of a study in exercise 05: what is wrong with how rules were compared."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor

from ..examining import Lost, must_be_kept, told, whole

RIVALS = ("Adam", "NAG", "RMSprop")
GRID = [1.0, 0.3, 0.1, 0.03, 0.01]


def sound(generator: torch.Generator) -> dict:
    """A study without a flaw, though some things in it look like one."""
    runs = whole(4, 9, generator)
    seeds = torch.randint(10**6, (2, runs), generator=generator).tolist()
    order = torch.randperm(300, generator=generator)
    copies = order[:20]  # each stands twice in its own part, which is no leak
    images = {
        "train": torch.cat([order[:180], copies]),
        "tune": order[180:240],
        "report": torch.cat([order[240:], order[240:250]]),
    }
    rules = {"learned": _rule(runs, seeds, generator, grid=[])}
    for name in RIVALS[: whole(1, 3, generator)]:
        grid = [GRID[k] for k in torch.randperm(len(GRID), generator=generator).tolist()]
        rules[name] = _rule(runs, seeds, generator, grid)
        inner = sorted(grid)[1:-1]
        rules[name]["rate"] = inner[whole(0, len(inner) - 1, generator)]
    claims = [
        {"stated": "before", "judged by": "first runs"},
        {"stated": "after", "judged by": "fresh runs"},
    ]
    return {"images": images, "tuned on": "tune", "rules": rules, "claims": claims}


def _rule(runs: int, seeds: list, generator: torch.Generator, grid: list) -> dict:
    """A rule's part of a study; whose runs come first makes no difference."""
    order = torch.randperm(runs, generator=generator).tolist()
    return {
        "grid": grid,
        "rate": None,
        "start": {f"run {k}": seeds[0][k] for k in order},
        "minibatches": {f"run {k}": seeds[1][k] for k in order},
        "counted": [f"run {k}" for k in reversed(order)],
    }


# Each flaw changes a sound study.


def end_of_grid(study: dict, generator: torch.Generator) -> None:
    """A rival has the largest or the smallest of its rates."""
    rule = study["rules"][_rival(study, generator)]
    rule["rate"] = (min if whole(0, 1, generator) else max)(rule["grid"])


def leak(study: dict, generator: torch.Generator) -> None:
    """One picture is in two parts."""
    parts = study["images"]
    pairs = (("train", "report"), ("train", "tune"), ("tune", "report"))
    one, other = pairs[whole(0, 2, generator)]
    parts[other] = torch.cat([parts[other], parts[one][whole(0, 50, generator)][None]])


def unpaired(study: dict, generator: torch.Generator) -> None:
    """In one run a rule met another start, or other minibatches."""
    rules = study["rules"]
    rule = rules[list(rules)[whole(0, len(rules) - 1, generator)]]
    met = rule[("start", "minibatches")[whole(0, 1, generator)]]
    run = list(met)[whole(0, len(met) - 1, generator)]
    met[run] += 1


def tuned_on_the_report(study: dict, generator: torch.Generator) -> None:
    """Rates were chosen on the part that is reported."""
    study["tuned on"] = "report"


def left_out(study: dict, generator: torch.Generator) -> None:
    """A run of one rule is not in its mean."""
    rules = study["rules"]
    counted = rules[list(rules)[whole(0, len(rules) - 1, generator)]]["counted"]
    counted.pop(whole(0, len(counted) - 1, generator))


def claimed_afterwards(study: dict, generator: torch.Generator) -> None:
    """A claim that was made after looking is judged by the runs that were looked at."""
    study["claims"].append({"stated": "after", "judged by": "first runs"})


def _rival(study: dict, generator: torch.Generator) -> str:
    names = [name for name, rule in study["rules"].items() if rule["grid"]]
    return names[whole(0, len(names) - 1, generator)]


FLAWS: dict[str, Callable] = {
    "end of grid": end_of_grid,
    "leak": leak,
    "unpaired": unpaired,
    "tuned on the report": tuned_on_the_report,
    "left out": left_out,
    "claimed afterwards": claimed_afterwards,
}


def with_flaws(names: list[str], generator: torch.Generator) -> dict:
    """A study with certain flaws."""
    study = copy.deepcopy(sound(generator))
    for name in names:
        FLAWS[name](study, generator)
    return study


def exam_flaws(generator, ask, report):
    """One flaw or none; several at once."""

    def judge(cases: list[list[str]]) -> dict:
        studies = [with_flaws(case, generator) for case in cases]
        images: dict[str, Tensor] = {
            f"{place}/{part}": numbers
            for place, study in enumerate(studies)
            for part, numbers in study.pop("images").items()
        }
        given = f"{len(cases)} studies"
        reply = told(ask, {"probe_studies": studies, "images": images}, given)
        for expected, found in zip(cases, reply["found"], strict=True):
            must_find(found, sorted(expected))
        return reply

    def shuffled(cases: list) -> list:
        return [cases[k] for k in torch.randperm(len(cases), generator=generator).tolist()]

    with report.criterion("each flaw is found, and none where there is none", 1):
        reply = judge(shuffled([[name] for name in FLAWS for _ in range(8)] + [[]] * 4))
        must_be_kept(reply["changed"], "a study", "sort and count copies of what is given")
    with report.criterion("several flaws at once are all found", 0.5):
        names = list(FLAWS)
        cases = [[n for n in names if whole(0, 1, generator)] for _ in range(12)]
        judge([*cases, names])


def must_find(found: list[str], expected: list[str]) -> None:
    """The flaws of a study must be those that are in it.

    Raises:
        Lost: one was missed, or something is called a flaw that is none.
    """
    if unknown := [name for name in found if name not in FLAWS]:
        raise Lost(f"{', '.join(map(repr, unknown))}", "names from the list in the statement")
    if missed := [name for name in expected if name not in found]:
        given = "a study that has this flaw"
        raise Lost(f"nothing of {missed[0]!r}", "found", given, LOOK[missed[0]])
    if more := [name for name in found if name not in expected]:
        raise Lost(f"{more[0]!r}", "no such flaw", "a study that is sound in this", LOOK[more[0]])


#: What to look at again, by the flaw that was missed or was none.
LOOK = {
    "end of grid": "the chosen rate beside the smallest and the largest of its grid, which need "
    "not be sorted; a rule without a grid has chosen nothing",
    "leak": "numbers that are in two parts; copies within one part are no leak",
    "unpaired": "the seeds of one run, for all rules; the runs may stand in another order",
    "tuned on the report": "which part the rates were chosen on",
    "left out": "the runs that count, beside those that there are",
    "claimed afterwards": "each claim by itself: when it was stated, and what it is judged by",
}
