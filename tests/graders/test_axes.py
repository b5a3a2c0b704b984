"""Every question of every unit is crossed with every axis."""

from collections import Counter

import pytest
from answers import FOLDER, answer_files, run
from axes import AXES, axes_of, cannot

from l2l_ref.checks import NAMES, get_check


@pytest.mark.parametrize("name", NAMES)
def test_every_question_is_crossed_with_every_axis(name):
    questions, reasons, crossed = get_check(name).points, cannot(name), Counter()
    for parameter in answer_files("wrong"):
        unit, path = parameter.values
        if unit == name and (axes := axes_of(path)):
            assert axes <= AXES.keys(), f"{path} names an axis that does not exist"
            crossed.update(
                (q, axis) for q in run(path.read_text()).keys() & questions for axis in axes
            )
    for question in questions:
        cannot_apply = reasons.get(question, {})
        assert all(len(reason.split()) > 3 for reason in cannot_apply.values()), "a sentence each"
        found = {axis for q, axis in crossed if q == question}
        missing = AXES.keys() - found - cannot_apply.keys()
        assert not missing, f"{question}: no wrong answer, and no reason, for {sorted(missing)}"
        assert not found & cannot_apply.keys(), f"{question}: there is one after all"
    assert reasons.keys() <= set(questions)


def test_what_there_is(capsys):
    """The counts, for whoever wants to know."""
    with capsys.disabled():
        for name in NAMES:
            paths = sorted((FOLDER / name / "wrong").glob("*.py"))
            by_axis = Counter(axis for path in paths for axis in axes_of(path))
            right = len(list((FOLDER / name / "right").glob("*.py")))
            counts = ", ".join(f"{axis} {by_axis[axis]}" for axis in AXES)
            print(f"\n{name}: {len(paths)} wrong answers ({counts}), {right} right ones", end="")
        print()
