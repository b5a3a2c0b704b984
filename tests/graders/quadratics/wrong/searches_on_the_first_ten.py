"""Ten functions are quicker than all.

Loses: each rule gets the rate with the lowest mean on the search set.
Loses: the number reported is the mean on the report set.
Loses: the report set is opened once for each rule, after the search; what was given stays.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        rate = min(rates, key=lambda rate: float(sums(name, rate, search[:10]).mean()))
        found[name] = (rate, float(sums(name, rate, report).mean()))
    return found
