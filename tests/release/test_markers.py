"""A marker that is not exactly one never passes in silence."""

from itertools import product

import pytest

from l2l_ref.grading.release.markers import BadMarker, regions, squeeze, telling

MARKERS = [
    f"{verb} {region}"
    for verb, region in product(("BEGIN", "END"), ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME"))
]


def edits(text: str):
    """All misspellings by one letter: left out, doubled, swapped, replaced."""
    for k in range(len(text)):
        yield text[:k] + text[k + 1 :]
        yield text[:k] + text[k] + text[k:]
        yield text[:k] + text[k + 1 : k + 2] + text[k : k + 1] + text[k + 2 :]
        yield text[:k] + "X" + text[k + 1 :]


@pytest.mark.parametrize("marker", MARKERS)
def test_exact_markers(marker):
    other = (
        marker.replace("BEGIN", "END") if "BEGIN" in marker else marker.replace("END", "BEGIN", 1)
    )
    first, last = (marker, other) if "BEGIN" in marker else (other, marker)
    for begin, end in ((f"    ### {first}", f"    ### {last}"), (f"# {first}", f"# {last}")):
        (found,) = regions(f"x\n{begin}\ny\n{end}\nz", is_code=True)
        assert (found.kind, found.first, found.last) == (marker.split(" ", 1)[1], 1, 3)
    (found,) = regions(f"=== {first} ===\ny\n=== {last} ===", is_code=False)
    assert (found.first, found.last) == (0, 2)


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("style", ["### {}", "    # {}", "#{}", "{}", "x = 1  # {}", "### {} here"])
def test_every_misspelling_by_one_letter_is_caught(marker, style):
    for wrong in edits(marker):
        for text in (wrong, wrong.lower(), wrong.title(), wrong.replace(" ", "_")):
            if text == marker:  # two equal letters, swapped
                continue
            with pytest.raises(BadMarker, match="resembles a marker"):
                regions(f"first\n{style.format(text)}\nlast", is_code=style != "{}")


@pytest.mark.parametrize(
    "line",
    [
        "### BEGIN SOLUTOIN",
        "### BEGIN HIDDEN TEST",
        "# begin solution",
        "### Begin Solution",
        "### BEGIN  SOLUTION",
        "### BEGINSOLUTION",
        "### BEGIN-SOLUTION",
        "### BEGIN THE SOLUTION",
        "### BEGIN SOLUTIONS",
        "### BEGIN HIDDEN",
        "### BEGIN MARKSCHEME",
        "### BEGIN MARKING SCHEME",
        "### START SOLUTION",
        "### STOP SOLUTION",
        "### END OF SOLUTION",
        "x = 1  ### BEGIN SOLUTION",
        "### BEGIN SOLUTION of the first part",
        "'BEGIN SOLUTION'",
        "### AUTOTEST x",
    ],
)
def test_lines_that_resemble_a_marker(line):
    with pytest.raises(BadMarker):
        regions(f"{line}\nx\n### END SOLUTION", is_code=True)


@pytest.mark.parametrize(
    "line",
    [
        "# The solution begins with the weights",
        "# begin with copies of the rates",
        "# solution of the linear system",
        "end = solution",
        "begin, end = solution.span()",
        "# in the end, tests compare both",
        "## Solutions",
        "In the end, a solution is a function.",
        "The hidden layer has 20 units.",
        "Hidden tests are not used in this course.",
        "Mark every leaf in the graph.",
        "# END",
        "THE END",
    ],
)
def test_other_lines_are_none(line):
    is_code = line.startswith("# ") or "=" in line
    assert regions(line, is_code) == []


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("### BEGIN SOLUTION\nx", 0, "without its END"),
        ("x\n### END SOLUTION", 1, "without its BEGIN"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", 1, "inside a region"),
        ("### BEGIN SOLUTION\n### END HIDDEN TESTS", 1, "without its BEGIN"),
        ("### BEGIN SOLUTION\n### END SOLUTION\n### END SOLUTION", 2, "without its BEGIN"),
    ],
)
def test_unbalanced(source, line, problem):
    with pytest.raises(BadMarker, match=problem) as bad:
        regions(source, is_code=True)
    assert bad.value.line == line


def test_telling_lines():
    for line in ("", "else:", "return loss", 'return "leaf"', "import torch", "x = 1", "]", "# so"):
        assert not telling(line)
    assert telling("    if not tensor.requires_grad:  # a constant\n") == {
        "ifnottensor.requires_grad:aconstant",
        "ifnottensor.requires_grad:",
    }
    assert not telling("if not tensor.requires_grad:  # in a hint")
    assert squeeze("`a  = b`\n# * c") == "a=bc"
