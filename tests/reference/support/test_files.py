"""Files are whole or absent, and JSON reads well."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2l_ref.support.files import LINE, write_json

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.lists(NUMBERS),
    max_leaves=30,
)


@given(VALUES)
def test_json_comes_back_as_it_was(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "value.json"
    write_json(path, value)
    assert json.loads(path.read_text()) == value


def test_lists_of_numbers_fill_their_lines(tmp_path):
    path = tmp_path / "value.json"
    write_json(path, {"short": [1, -2.5e-3], "names": ["1, 2", "[3,  4]"], "long": [0.125] * 40})
    assert path.read_text() == "\n".join(
        [
            "{",
            '  "short": [1, -0.0025],',
            '  "names": [',
            '    "1, 2",',
            '    "[3,  4]"',
            "  ],",
            '  "long": [',
            *["    " + " ".join(["0.125,"] * 13)] * 2,
            "    " + " ".join(["0.125,"] * 13) + " 0.125",
            "  ]",
            "}",
            "",
        ]
    )
    assert max(map(len, path.read_text().splitlines())) <= LINE


@pytest.mark.parametrize("value", [math.nan, [math.inf], {"a": -math.inf}])
def test_what_json_does_not_know_is_refused(tmp_path, value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "value.json", value)
    assert not list(tmp_path.iterdir())
