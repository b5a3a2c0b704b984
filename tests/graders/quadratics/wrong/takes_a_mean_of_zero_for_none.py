"""Once a mean of 0 is the lowest, the next one takes its place.

Loses: each rule gets the rate with the lowest mean on the search set.
Axis: values.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        lowest = best = None
        for rate in rates:
            mean = sums(name, rate, search).mean().item()
            best = rate if not lowest or mean < lowest else best
            lowest = min(lowest or mean, mean)
        found[name] = best, sums(name, best, report).mean().item()
    return found
