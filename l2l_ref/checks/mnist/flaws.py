"""The flaws of a study in exercise 05: what is wrong with how rules were compared."""

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..examining import Lost, must_be_kept, shuffled, told, whole
from .verdict import one_of

RULES = ("Adam", "NAG", "RMSprop", "learned", "LSTM")
GRID = [1.0, 0.3, 0.1, 0.03, 0.01]

#: Claims that are judged as they may be.
ALLOWED = (
    {"stated": "before", "judged by": "first runs"},
    {"stated": "before", "judged by": "fresh runs"},
    {"stated": "after", "judged by": "fresh runs"},
)


def some_of(things: Sequence, generator: torch.Generator, least: int = 0) -> list:
    """Some of some things, in random order."""
    return shuffled(things, generator)[: whole(least, len(things), generator)]


def sound(generator: torch.Generator, judged: Sequence[str]) -> dict:
    """A study without a flaw, though some things in it look like one.

    Args:
        judged: flaws. Only where its own is judged, there is what answers stumble over: a rule
            without a grid, and no claims at all.
    """
    runs = whole(4, 9, generator)
    seeds = torch.randint(10**5, (2, runs), generator=generator) * runs + torch.arange(runs)
    order = torch.randperm(300, generator=generator)
    copies = order[:20]  # each stands twice in its own part, which is no leak
    images = {
        "train": torch.cat([order[:180], copies]),
        "tune": order[180:240],
        "report": torch.cat([order[240:], order[240:250]]),
    }
    names = some_of(RULES, generator, 2)
    tuned = names[: whole(1, len(names) - 1, generator)] if "end of grid" in judged else names
    grids = {name: some_of(GRID, generator, len(GRID)) for name in tuned}
    least_claims = 0 if "claimed afterwards" in judged else 1
    rules = {
        name: _rule(runs, seeds.tolist(), generator, grids.get(name, []))
        for name in shuffled(names, generator)
    }
    for name, grid in grids.items():
        rules[name]["rate"] = one_of(sorted(grid)[1:-1], generator)
    return {
        "images": images,
        "tuned on": one_of(("tune", "train"), generator),
        "rules": rules,
        "claims": some_of(ALLOWED, generator, least_claims),
    }


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


# Each flaw changes a sound study, in one of a few kinds.


def end_of_grid(study: dict, generator: torch.Generator, kind: int) -> None:
    """A rule has the smallest or the largest of its rates, or its only one; it may stand first."""
    name = one_of([name for name, rule in study["rules"].items() if rule["grid"]], generator)
    rule = study["rules"][name]
    if kind % 2:
        study["rules"] = {name: rule} | study["rules"]
    if kind % 3 == 2:
        rule["grid"] = [rule["rate"]]
    else:
        rule["rate"] = (min, max)[kind % 3](rule["grid"])


def leak(study: dict, generator: torch.Generator, kind: int) -> None:
    """One picture is in two parts."""
    parts = study["images"]
    one, other = (("train", "report"), ("train", "tune"), ("tune", "report"))[kind % 3]
    parts[other] = torch.cat([parts[other], parts[one][whole(0, 50, generator)][None]])


def _each_in_turn(study: dict, turn: int) -> dict:
    """One rule after the other, from the last one on."""
    rules = list(study["rules"].values())
    return rules[-1 - turn % len(rules)]


def unpaired(study: dict, generator: torch.Generator, kind: int) -> None:
    """A rule met another start, other minibatches, or both; or those of another run."""
    rule = _each_in_turn(study, kind // 2)
    run, other = some_of(list(rule["start"]), generator, 2)[:2]
    for what in (("start",), ("minibatches",), ("start", "minibatches"))[kind % 3]:
        met = rule[what]
        if kind % 2:
            met[run], met[other] = met[other], met[run]
        else:
            met[run] += 1


def tuned_on_the_report(study: dict, generator: torch.Generator, kind: int) -> None:
    """Rates were chosen on the part that is reported."""
    study["tuned on"] = "report"


def left_out(study: dict, generator: torch.Generator, kind: int) -> None:
    """A run is not in the mean of one rule; or each rule leaves one out; or all leave out the same.

    If there are runs that are not paired, the last are these: they are unpaired all the same.
    """
    rules = list(study["rules"].values())
    runs = list(rules[0]["start"])
    same = _not_paired(rules) or [one_of(runs, generator)]
    for rule in rules if kind % 3 else [_each_in_turn(study, kind // 3)]:
        for run in same if kind % 3 == 1 else [one_of(runs, generator)]:
            rule["counted"].remove(run)


def _not_paired(rules: list[dict]) -> list[str]:
    """The runs in which not all rules met the same."""
    first = rules[0]
    return [
        run
        for run in first["start"]
        if any(r[what][run] != first[what][run] for r in rules for what in ("start", "minibatches"))
    ]


def claimed_afterwards(study: dict, generator: torch.Generator, kind: int) -> None:
    """A claim that was made after looking is judged by the runs that were looked at."""
    claim = {"stated": "after", "judged by": "first runs"}
    others = [dict(ALLOWED[0]), *study["claims"]]
    study["claims"] = ([*others, claim], [claim, *others], [claim])[kind % 3]


FLAWS: dict[str, Callable] = {
    "end of grid": end_of_grid,
    "leak": leak,
    "unpaired": unpaired,
    "tuned on the report": tuned_on_the_report,
    "left out": left_out,
    "claimed afterwards": claimed_afterwards,
}


def with_flaws(
    names: list[str], generator: torch.Generator, kind: int, judged: Sequence[str]
) -> dict:
    """A study with certain flaws, each of a kind that a whole number stands for; see `sound`."""
    study = copy.deepcopy(sound(generator, judged))
    for name in names:
        FLAWS[name](study, generator, kind)
    return study


def with_zeros(study: dict) -> dict:
    """The same study, in which 0 is the lowest rate and seed, and a picture in several parts."""
    pictures = torch.cat([part.unique() for part in study["images"].values()])
    often = pictures.mode().values
    study["images"] = {name: (part - often) % 300 for name, part in study["images"].items()}
    rules = study["rules"].values()
    for what in ("start", "minibatches"):
        lowest = min(seed for rule in rules for seed in rule[what].values())
        for rule in rules:
            rule[what] = {run: seed - lowest for run, seed in rule[what].items()}
    for rule in rules:
        rule["grid"] = [0.0 if rate == min(GRID) else rate for rate in rule["grid"]]
        rule["rate"] = 0.0 if rule["rate"] == min(GRID) else rule["rate"]
    return study


def exam_flaws(generator, ask, report):
    """Each flaw by itself; several at once, of those that are found by themselves."""

    def judge(cases: list[list[str]], names: Sequence[str], zeros: bool) -> dict:
        """Ask about studies with these flaws, those that follow one another of other kinds.

        Args:
            names: of the flaws that are judged.
            zeros: in every second study; who takes 0 for nothing pays for it once.
        """
        made = [
            (sorted(case), with_flaws(case, generator, k, names)) for k, case in enumerate(cases)
        ]
        if zeros:
            made[1::2] = [(case, with_zeros(study)) for case, study in made[1::2]]
        expected, studies = zip(*shuffled(made, generator), strict=True)
        images: dict[str, Tensor] = {
            f"{place}/{part}": numbers
            for place, study in enumerate(studies)
            for part, numbers in study.pop("images").items()
        }
        given = f"{len(cases)} studies"
        reply = told(ask, {"probe_studies": list(studies), "images": images}, given)
        for right, found in zip(expected, reply["found"], strict=True):
            must_find(found, right, names)
        return reply

    for name in FLAWS:
        others = [[other] for other in FLAWS if other != name] * 3
        with report.criterion(f"{name}: found where it is, and only there", 0.2):
            judge([[name]] * 8 + others + [[]] * 3, [name], zeros=True)
    with report.criterion("several flaws at once are all found", 0.3):
        lost = [name for name, each in zip(FLAWS, report.criteria, strict=False) if each.lost]
        names = list(FLAWS)  # a slip costs once; but who finds next to nothing has not found these
        judged = [name for name in names if name not in lost] if len(lost) < 3 else names
        some = [some_of(names, generator) for _ in range(11)]
        reply = judge([*some, names, names, ["unpaired", "left out"]], judged, zeros=False)
        must_be_kept(reply["changed"], "a study", "sort and count copies of what is given")
        unknown = {name for found in reply["found"] for name in found} - FLAWS.keys()
        if unknown and not lost:
            raise Lost(", ".join(map(repr, sorted(unknown))), "names from the table alone")


def must_find(found: list[str], expected: list[str], names: Sequence[str]) -> None:
    """Certain flaws must be found in a study if they are in it.

    Raises:
        Lost: one was missed, or something is called a flaw that is none.
    """
    for name in names:
        if name in expected and name not in found:
            own = [each for each in found if each not in FLAWS]
            came_back = f"nothing of {name!r}" + (f", but {own[0]!r}" if own else "")
            raise Lost(came_back, "found", f"a study with {_listed(expected)}", LOOK[name])
        if name in found and name not in expected:
            raise Lost(f"{name!r}", "not found", f"a study with {_listed(expected)}", LOOK[name])


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names)) or "no flaw"


#: What to look at again, by the flaw that was missed or was none.
LOOK = {
    "end of grid": "the chosen rate beside the smallest and the largest of its grid, which need "
    "not be sorted, and may be one and the same; a rule without a grid has chosen nothing; 0 is "
    "a rate like any other",
    "leak": "numbers that are in two parts, 0 like any other; copies within one part are no leak; "
    "a set of tensors does not see which are equal, one of numbers does",
    "unpaired": "the two seeds of each run, by the run's name, for all rules; the runs may stand "
    "in another order",
    "tuned on the report": "which part the rates were chosen on; another one than that of the "
    "report is none of these flaws",
    "left out": "for each rule the runs that count, beside those that there are, whatever the "
    "other rules count",
    "claimed afterwards": "each claim by itself: when it was stated, and what it is judged by",
}
