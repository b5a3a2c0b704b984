"""Functions that were searched on are not reported on, though they are in the report set.

Axis: values.
Loses: the report set is opened once for each rule, after the search; what was given stays.
"""


def compare(sums, names, rates, search, report):
    found, unseen = {}, [number for number in report if number not in search]
    for name in names:
        cost = {rate: sums(name, rate, search).mean() for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, float(sums(name, best, unseen or report).mean())
    return found
