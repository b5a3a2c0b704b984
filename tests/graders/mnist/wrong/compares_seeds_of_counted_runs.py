"""A run that does not count need not be paired, it thinks.

Loses: several flaws at once are all found.
Axis: structure.
"""

from answers import solved

right = solved("mnist")["flaws"]


def flaws(study):
    found = right(study) - {"unpaired"}
    rules = list(study["rules"].values())
    runs = set.intersection(*(set(rule["counted"]) for rule in rules))
    met = [[(rule["start"][run], rule["minibatches"][run]) for run in runs] for rule in rules]
    return found | {"unpaired"} if any(each != met[0] for each in met) else found
