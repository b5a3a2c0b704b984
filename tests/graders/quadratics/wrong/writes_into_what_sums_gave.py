"""sums may have kept it.

Loses: the report set is opened once for each rule, after the search; what was given stays.
Axis: behind.
"""


def compare(sums, names, rates, search, report):
    def mean(name, rate, functions):
        return float(sums(name, rate, functions).div_(len(functions)).sum())

    found = {}
    for name in names:
        best = min(rates, key=lambda rate: mean(name, rate, search))
        found[name] = best, mean(name, best, report)
    return found
