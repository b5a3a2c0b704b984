"""Saved in Colab: nbgrader's metadata gone, ids moved into metadata, format 4.0, its own keys."""


def submit(solution, release):
    cells = []
    for number, cell in enumerate(solution["cells"]):
        metadata = {"id": f"aB{number:010d}"}
        if cell["cell_type"] == "code":
            metadata["colab"] = {"base_uri": "https://localhost:8080/"}
        kept = {key: value for key, value in cell.items() if key != "id"}
        cells.append(kept | {"metadata": metadata})
    metadata = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    return {"nbformat": 4, "nbformat_minor": 0, "metadata": metadata, "cells": cells}


EARNS = "all"
REPAIRED = True
