"""Theta is turned to float64 before the run, whatever f computes in.

Loses: the sums of one rule, batch by batch.
Axis: dtype.
"""

from answers import solved

right = solved("mnist")["paired_sums"]


def paired_sums(rules, batches, steps):
    return right(rules, ((theta_0.double(), f) for theta_0, f in batches), steps)
