"""Grids and counted runs are sorted in place.

Axis: behind.
Loses: several flaws at once are all found.
"""

from itertools import combinations, pairwise


def flaws(study):
    for rule in study["rules"].values():
        rule["grid"].sort()
        rule["counted"].sort()
    rules, parts = study["rules"].values(), [set(p.tolist()) for p in study["images"].values()]
    met = [(rule["start"], rule["minibatches"]) for rule in rules]
    chosen = [rule for rule in rules if rule["grid"]]
    found = {
        "leak": any(one & other for one, other in combinations(parts, 2)),
        "tuned on the report": study["tuned on"] == "report",
        "end of grid": any(r["rate"] in (min(r["grid"]), max(r["grid"])) for r in chosen),
        "unpaired": any(one != other for one, other in pairwise(met)),
        "left out": any(set(rule["counted"]) != set(rule["start"]) for rule in rules),
        "claimed afterwards": {"stated": "after", "judged by": "first runs"} in study["claims"],
    }
    return {name for name, there in found.items() if there}
