"""A learned rule is thought to have no grid, whatever it has.

Loses: end of grid: found where it is, and only there.
Axis: values.
"""

from answers import solved

right = solved("mnist")["flaws"]


def flaws(study):
    rules = {
        name: rule | {"grid": []} if name in ("learned", "LSTM") else rule
        for name, rule in study["rules"].items()
    }
    return right(study | {"rules": rules})
