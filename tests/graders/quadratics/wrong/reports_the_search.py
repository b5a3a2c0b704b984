"""The lowest mean of the search is what is reported.

Loses: the number reported is the mean on the report set.
Loses: the report set is opened once for each rule, after the search; what was given stays.
Told: the number to report is the mean on the report set.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        cost = {rate: sums(name, rate, search).mean() for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, float(cost[best])
    return found
