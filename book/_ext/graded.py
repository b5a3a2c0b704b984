"""The directive ``graded``: how a reader gets at the graded exercise of a chapter.

    :::{graded} 04_quadratics
    :::

It gives the command, the notebook as a download and, where the address of the repository is known
(``L2L_REPOSITORY``, such as ``https://github.com/OWNER/NAME``), links to Colab and Binder.
"""

import os
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

TEXT = """
```
l2l start {exercise}
```

This copies the notebook into `work/{exercise}`, a folder of your own. Or take it from here:
{{download}}`{name}.ipynb <../exercises/{exercise}/{name}.ipynb>`{elsewhere}.
"""

ELSEWHERE = (
    ", or open it in "
    "[Colab](https://colab.research.google.com/github/{place}/blob/HEAD/{path}) or in "
    "[Binder](https://mybinder.org/v2/gh/{place}/HEAD?labpath={path})"
)


def address_of_repository() -> str:
    """Owner and name on GitHub, or nothing where no address is configured.

    Raises:
        ValueError: the address is of another form.
    """
    address = os.environ.get("L2L_REPOSITORY", "").rstrip("/")
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?", address)
    if address and not found:
        raise ValueError(
            f"L2L_REPOSITORY is {address!r}; give https://github.com/OWNER/NAME, or unset it"
        )
    return found[1] if found else ""


class Graded(SphinxDirective):
    """See the module's docstring."""

    required_arguments = 1

    def run(self):
        exercise = self.arguments[0]
        name = exercise.partition("_")[2]
        path = f"exercises/{exercise}/{name}.ipynb"
        place = address_of_repository()
        elsewhere = ELSEWHERE.format(place=place, path=path) if place else ""
        text = TEXT.format(exercise=exercise, name=name, elsewhere=elsewhere)
        parsed = nodes.Element()
        self.state.nested_parse(StringList(text.splitlines(), source=""), 0, parsed)
        return parsed.children


def setup(app):
    """For Sphinx."""
    app.add_directive("graded", Graded)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
