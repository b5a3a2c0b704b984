"""What a cell prints reaches the page as it was printed.

A kernel sends its output in pieces, cut wherever it happens to be when it sends, and on a busy
machine that may be inside a line. myst_nb puts a line break after each piece. Here the pieces are
joined as they are before myst_nb sees them.
"""

from myst_nb.core import render


def joined(outputs: list) -> list:
    """The outputs of a cell with all pieces of a stream in the place of its first."""
    kept, streams = [], {}
    for output in outputs:
        name = output["name"] if output["output_type"] == "stream" else None
        if name in streams:
            streams[name]["text"] += output["text"]
            continue
        kept.append(output)
        if name is not None:
            streams[name] = output
    return kept


def setup(app):
    """For Sphinx."""
    theirs = render.coalesce_streams
    render.coalesce_streams = lambda outputs: theirs(joined(outputs))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
