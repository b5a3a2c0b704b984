"""Seeds are compared in the order in which the runs stand.

Axis: shape.
Loses: unpaired: found where it is, and only there.
"""

from itertools import combinations, pairwise


def flaws(study):
    rules, parts = study["rules"].values(), [set(p.tolist()) for p in study["images"].values()]
    met = [list(rule["start"].values()) for rule in rules]
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
