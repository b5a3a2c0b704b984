"""Two partners merged with git; the markers stand in the file's JSON, around lines of an answer."""

import json


def submit(solution, release):
    notebook = solution | {
        "cells": [
            cell | {"source": "".join(cell["source"]).splitlines(keepends=True)}
            for cell in solution["cells"]
        ]
    }
    lines = json.dumps(notebook, indent=1).splitlines()
    place = next(k for k, line in enumerate(lines) if 'return \\"constant\\"' in line)
    lines[place : place + 1] = [
        "<<<<<<< HEAD",
        lines[place],
        "=======",
        lines[place].replace('return \\"constant\\"', 'return (\\"constant\\"'),
        ">>>>>>> partner",
    ]
    return "\n".join(lines).encode()


EARNS = "all"
REPAIRED = True
SAYS = ["merge|conflict"]
