"""The chapter's rates, whatever is given.

Loses: each rule gets the rate with the lowest mean on the search set.
Loses: the number reported is the mean on the report set.
Loses: the report set is opened once for each rule, after the search; what was given stays.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        rate = min((1.0, 0.3, 0.1, 0.03, 0.01), key=lambda r: float(sums(name, r, search).mean()))
        found[name] = (rate, float(sums(name, rate, report).mean()))
    return found
