"""The right numbers come out, but the report was seen before the choice.

Loses: the report set is opened once for each rule, after the search; what was given stays.
Axis: resources.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        cost = {rate: sums(name, rate, search).mean() for rate in rates}
        found_on_report = {rate: sums(name, rate, report).mean() for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, float(found_on_report[best])
    return found
