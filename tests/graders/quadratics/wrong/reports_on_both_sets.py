"""More functions, but those of the search among them.

Loses: the number reported is the mean on the report set.
Loses: the report set is opened once for each rule, after the search; what was given stays.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        cost = {rate: sums(name, rate, search).mean() for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, float(sums(name, best, search + report).mean())
    return found
