"""An answer warns on stderr, which costs all points in stock nbgrader."""

from battery import cell_of, changed, source


def submit(solution, release):
    answer = source(cell_of(solution, "kind")).replace(
        "    if not",
        "    import sys\n    import warnings\n\n"
        '    warnings.warn("deprecated")\n    print("careful", file=sys.stderr)\n    if not',
    )
    assert "deprecated" in answer
    return changed(solution, kind=answer)


EARNS = "all"
