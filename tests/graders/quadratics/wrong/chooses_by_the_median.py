"""The median does not see the functions that cost most.

Loses: each rule gets the rate with the lowest mean on the search set.
Loses: the number reported is the mean on the report set.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        cost = {rate: sums(name, rate, search).median() for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, float(sums(name, best, report).mean())
    return found
