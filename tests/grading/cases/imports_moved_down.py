"""The first cell, which imports, was dragged to the end."""


def submit(solution, release):
    cells = list(solution["cells"])
    first = next(cell for cell in cells if cell["cell_type"] == "code")
    cells.remove(first)
    return solution | {"cells": [*cells, first]}


EARNS = "all"
REPAIRED = True
