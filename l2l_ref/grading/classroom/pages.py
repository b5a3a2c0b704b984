"""What a browser is shown of a student's notebook: formgrader's pages, and feedback.

nbgrader writes Markdown, raw cells and rich outputs into its pages as they are. A script in an
answer would run as the instructor who opens it, beside the fields for its score. Both parts here
are named in ``nbgrader_config.py``.
"""

import re

import bleach
from nbconvert.preprocessors import Preprocessor

from ..printable import fenced

#: What Markdown makes, and what our exercises use besides.
READABLE = (
    "h1 h2 h3 h4 h5 h6 p br hr div span blockquote pre code a b i em strong del s sub sup img "
    "ul ol li table thead tbody tr th td details summary"
)
TAGS = frozenset(READABLE.split())
IMAGES = ("image/png", "image/jpeg")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


def harmless(html: str) -> str:
    """Keep of a piece of HTML what can only be read.

    No ids and no classes either: formgrader finds its own fields by them. It stands in the place of
    nbconvert's filter ``strip_files_prefix``, the last that Markdown goes through in each template.
    """
    return bleach.clean(html, tags=TAGS, attributes=_may_have, protocols={"http", "https", "data"})


def _may_have(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stay; a picture comes with the notebook, never from elsewhere."""
    if (tag, name) == ("img", "src"):
        return value.startswith(tuple(f"data:{kind};base64," for kind in IMAGES))
    if (tag, name) == ("a", "href"):
        return value.startswith(("http://", "https://", "#"))
    return (tag, name) in {("img", "alt"), ("td", "align"), ("th", "align"), ("a", "title")}


class Harmless(Preprocessor):
    """Leave in a notebook what the page needs, and nothing that the page would run.

    Ids of cells and numbers of outputs need no care, nor do names of languages: nbconvert stops at
    what is not valid, and takes a language that it does not know for plain text.
    """

    def preprocess(self, nb, resources):
        """Go through a notebook; see the class."""
        nb.metadata = type(nb.metadata)(language_info={"name": "python"})
        for cell in nb.cells:
            kept = {key: cell.metadata[key] for key in ("nbgrader",) if key in cell.metadata}
            cell.metadata = type(nb.metadata)(kept)
            if cell.cell_type == "raw":
                cell.cell_type, cell.source = "markdown", fenced(cell.source)
            if cell.cell_type == "code":
                outputs = [_plain(output) for output in cell.outputs]
                cell.outputs = [each for each in outputs if each.get("data") != {}]
        return nb, resources


def _plain(output):
    """An output without what a browser could run: text stays, and pictures made of dots."""
    if "data" in output:
        output.metadata = type(output.data)()
        shown = {kind: data for kind, data in output.data.items() if _shown(kind, data)}
        output.data = type(output.data)(shown)
    return output


def _shown(kind: str, data) -> bool:
    if kind in IMAGES:
        return isinstance(data, str) and BASE64.fullmatch(data) is not None
    return kind == "text/plain"
