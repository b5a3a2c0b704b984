"""The cells stand the other way round; each answer is there, each check comes before its answer."""


def submit(solution, release):
    first, *rest = solution["cells"][1:]
    return solution | {"cells": [solution["cells"][0], first, *reversed(rest)]}


EARNS = "all"
REPAIRED = True
SAYS = ["order"]
