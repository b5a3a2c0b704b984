"""A list, with loops and counters, and every pair of rules."""

from collections import Counter


def flaws(study):
    found = []
    places = Counter()
    for part in study["images"].values():
        places.update(set(map(int, part)))
    if max(places.values()) > 1:
        found.append("leak")
    if study["tuned on"] not in ("tune", "train"):
        found.append("tuned on the report")
    first = None
    for rule in study["rules"].values():
        others = sorted(rule["grid"])[1:-1]
        if rule["grid"] and rule["rate"] not in others:
            found.append("end of grid")
        seeds = sorted(zip(rule["start"], rule["start"].values()))
        seeds += sorted(zip(rule["minibatches"], rule["minibatches"].values()))
        first = first or seeds
        if seeds != first:
            found.append("unpaired")
        if len(rule["counted"]) < len(rule["start"]):
            found.append("left out")
    for claim in study["claims"]:
        if claim["stated"] == "after" and "first" in claim["judged by"]:
            found.append("claimed afterwards")
    return found
