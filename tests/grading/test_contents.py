"""The package says what is in it."""

import re
from pathlib import Path

from l2l_ref import grading


def test_every_module_is_listed():
    folder = Path(grading.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    listed = re.findall(r"^    (\w+) ", grading.__doc__, re.MULTILINE)
    assert sorted(listed) == sorted((modules - {"extras"}) | {"hub"})
