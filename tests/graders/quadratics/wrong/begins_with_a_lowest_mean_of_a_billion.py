"""More than any mean, one thinks; where all are larger, the first rate stays.

Loses: each rule gets the rate with the lowest mean on the search set.
Loses: the number reported is the mean on the report set.
Axis: values.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        best, lowest = rates[0], 1e9
        for rate in rates:
            mean = float(sums(name, rate, search).mean())
            if mean < lowest:
                best, lowest = rate, mean
        found[name] = best, float(sums(name, best, report).mean())
    return found
