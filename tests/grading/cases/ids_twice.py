"""All cells have the same id: a notebook put together by a script."""


def submit(solution, release):
    return solution | {"cells": [cell | {"id": "cell"} for cell in solution["cells"]]}


EARNS = "all"
