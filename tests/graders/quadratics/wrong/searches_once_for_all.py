"""The rate that suits the first rule is given to all.

Loses: each rule gets the rate with the lowest mean on the search set.
Loses: the number reported is the mean on the report set.
Loses: the report set is opened once for each rule, after the search; what was given stays.
"""


def compare(sums, names, rates, search, report):
    cost = {rate: sums(names[0], rate, search).mean() for rate in rates}
    best = min(cost, key=cost.get)
    return {name: (best, float(sums(name, best, report).mean())) for name in names}
