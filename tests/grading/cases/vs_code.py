"""Saved in VS Code: new ids, its own metadata, a cell edited that must not be, no nbgrader."""

import hashlib


def submit(solution, release):
    cells = []
    for cell in solution["cells"]:
        text = "".join(cell["source"])
        if text == 'check("put")':
            text = 'print(check("put"))  # still 0??'
        name = hashlib.sha256(text.encode()).hexdigest()[:8]
        metadata = {"vscode": {"languageId": "python"}}
        cells.append(cell | {"id": name, "metadata": metadata, "source": [text]})
    metadata = {"kernelspec": {"display_name": ".venv", "language": "python", "name": "python3"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


EARNS = "all"
REPAIRED = True
