"""The last chunk is a smaller one, and counts as much as the others.

Loses: the number reported is the mean on the report set.
Loses: the report set is opened once for each rule, after the search; what was given stays.
Axis: shape.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        cost = {rate: sums(name, rate, search).mean() for rate in rates}
        best = min(cost, key=cost.get)
        means = [chunk.mean() for chunk in sums(name, best, report).split(10)]
        found[name] = best, float(sum(means) / len(means))
    return found
