"""A rule whose rate is 0 is taken for one that has chosen none.

Axis: values.
Loses: end of grid: found where it is, and only there.
"""

from answers import solved

right = solved("mnist")["flaws"]


def flaws(study):
    found = right(study) - {"end of grid"}
    for rule in study["rules"].values():
        if rule["rate"] and rule["rate"] in (min(rule["grid"]), max(rule["grid"])):
            found |= {"end of grid"}
    return found
