"""Every small mistake in a solution loses points, or is proved to be none."""

import ast
import runpy

import pytest
from answers import FOLDER, solution, solved
from mutants import mutants

from l2l_ref.checks import NAMES, answering, get_check


def survivors(name: str) -> tuple[list[str], int]:
    """The mutants that keep all points, and how many there were."""
    check, alive, count = get_check(name), [], 0
    for function in solution(name).body:
        if getattr(function, "name", None) not in check.points:
            continue
        for title, mutant in mutants(function):
            count += 1
            code = compile(ast.Module([mutant], []), "mutant", "exec")
            names = solved(name) | {"_same": lambda x: x}
            exec(code, names)
            report = check.examine(function.name, names)
            if report.points == report.out_of:
                alive.append(title)
    return alive, count


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_mutants_lose_points(name, monkeypatch):
    monkeypatch.setattr(answering, "TIME_LIMIT", 2.0)
    equivalent = runpy.run_path(str(FOLDER / name / "equivalent.py"))["EQUIVALENT"]
    alive, count = survivors(name)
    print(f"{name}: {count} mutants, {len(alive)} of them right answers")
    assert set(alive) == set(equivalent)
    assert len(alive) <= 0.07 * count  # the sizes and samples of a test one writes are free
    assert all(equivalent.values()), "each with its proof"
