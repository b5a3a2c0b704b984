"""Ids and grade_ids were renamed; the functions in the answers tell which is which."""

import copy


def submit(solution, release):
    notebook = copy.deepcopy(solution)
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"renamed-{number}"
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = f"renamed-{number}"
    return notebook


EARNS = "all"
REPAIRED = True
