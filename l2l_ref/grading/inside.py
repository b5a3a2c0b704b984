"""What `l2l check` runs in the notebook's kernel."""

from pathlib import Path

from ..checks import get_check
from ..files import write_json


def examine(exercise: str, question: str, path: str) -> None:
    """Examine the notebook's answer and write the report to a file.

    Args:
        exercise: its name, such as ``leaf_tensors``.
        question: one of its questions.
        path: of the file; printing would mix the report with what the answers print.
    """
    from IPython import get_ipython

    report = get_check(exercise).examine(question, get_ipython().user_ns)
    write_json(Path(path), report.to_json() | {"text": str(report)})
