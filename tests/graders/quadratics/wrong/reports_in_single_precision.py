"""float() of a tensor makes float32 of it.

Loses: the number reported is the mean on the report set.
Axis: dtype.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        cost = {rate: sums(name, rate, search).mean() for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, sums(name, best, report).float().mean()
    return found
