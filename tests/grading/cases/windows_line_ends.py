"""The file went through an old editor: CRLF everywhere, in the cells too, and Latin-1 umlauts."""

import json

from battery import cell_of, changed, source


def submit(solution, release):
    commented = source(cell_of(solution, "kind")) + "\n# für die Übung\n"
    notebook = changed(solution, kind=commented.replace("\n", "\r\n"))
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    return text.replace("\n", "\r\n").encode("latin-1")


EARNS = "all"
