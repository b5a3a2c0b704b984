"""The rates that come back are those of the list; those that were tried are not.

Loses: each rule gets the rate with the lowest mean on the search set.
Axis: dtype.
"""

import numpy as np


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        tried = np.array(rates, dtype=np.float32).tolist()
        means = [float(sums(name, rate, search).mean()) for rate in tried]
        best = means.index(min(means))
        found[name] = rates[best], float(sums(name, tried[best], report).mean())
    return found
