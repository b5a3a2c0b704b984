"""Pictures are counted with torch; each flaw is a function."""

import torch


def leaks(study):
    distinct = [part.unique() for part in study["images"].values()]
    return len(torch.cat(distinct)) > len(torch.cat(distinct).unique())


def ends(study):
    return any(
        not min(rule["grid"]) < rule["rate"] < max(rule["grid"])
        for rule in study["rules"].values()
        if len(rule["grid"]) > 0
    )


def differ(study, what):
    return len({tuple(sorted(rule[what].items())) for rule in study["rules"].values()}) > 1


FOUND = {
    "leak": leaks,
    "tuned on the report": lambda study: "report" in study["tuned on"],
    "end of grid": ends,
    "unpaired": lambda study: differ(study, "start") or differ(study, "minibatches"),
    "left out": lambda study: (
        not all(set(rule["start"]) <= set(rule["counted"]) for rule in study["rules"].values())
    ),
    "claimed afterwards": lambda study: any(
        (claim["stated"], claim["judged by"]) == ("after", "first runs")
        for claim in study["claims"]
    ),
}


def flaws(study):
    return frozenset(name for name, there in FOUND.items() if there(study))
