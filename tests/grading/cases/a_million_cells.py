"""A script pasted a million cells into the notebook."""

import json


def submit(solution, release):
    text = json.dumps(solution)
    cell = json.dumps({"cell_type": "code", "source": "1", "metadata": {}})
    before, mark, behind = text.partition('"cells": [')
    return f"{before}{mark}{f'{cell}, ' * 1_000_000}{behind}".encode()


EARNS = "none"
STATUS = "failed"
SECONDS = 30
