"""The student's name, file and identifiers are not ASCII; there are a BOM and a lone surrogate."""

import json

from battery import after, cell_of, changed, source

STUDENT = "Zoë Ærøskøbing 李"
FILE = "Übung 1 Lösung (final) 李.ipynb"


def submit(solution, release):
    renamed = source(cell_of(solution, "kind")).replace("tensor", "größe_張")
    notebook = after(changed(solution, kind=renamed), "check_kind", 'print("Größe \ud83d")')
    return "\ufeff".encode() + json.dumps(notebook).encode()


EARNS = "all"
FLAGGED = False
