"""The largest number in common stands for whether there is one.

Axis: values.
Loses: leak: found where it is, and only there.
"""

from answers import solved

right = solved("mnist")["flaws"]


def flaws(study):
    found = right(study) - {"leak"}
    train, tune, report = (set(part.tolist()) for part in study["images"].values())
    if max((train & tune) | (train & report) | (tune & report), default=0):
        found |= {"leak"}
    return found
