"""Two answers share a helper that stands in a cell the student added; it must not get lost."""

from battery import after, cell_of, changed, source


def submit(solution, release):
    notebook = after(
        solution,
        "check_put",
        "def ähnlich(modul, werte, x):\n    return functional_call(modul, werte, (x,))",
    )
    return changed(
        notebook,
        **{
            name: source(cell_of(solution, name)).replace(
                "functional_call(module, weights, (x,))", "ähnlich(module, weights, x)"
            )
            for name in ("loss_after", "first_order")
        },
    )


EARNS = "all"
FLAGGED = False
