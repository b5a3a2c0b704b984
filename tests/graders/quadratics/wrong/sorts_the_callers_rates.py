"""They were the caller's.

Loses: the report set is opened once for each rule, after the search; what was given stays.
Axis: behind.
"""


def compare(sums, names, rates, search, report):
    rates.sort()
    found = {}
    for name in names:
        rate = min(rates, key=lambda rate: float(sums(name, rate, search).mean()))
        found[name] = (rate, float(sums(name, rate, report).mean()))
    return found
