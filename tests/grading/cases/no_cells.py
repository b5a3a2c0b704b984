"""The notebook has no cells at all."""


def submit(solution, release):
    return solution | {"cells": []}


EARNS = "none"
STATUS = "failed"
