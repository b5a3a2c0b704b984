"""Exercise 01: tensors with and without a graph.

No file needs one below it:

    run             the answering side
    exam            all six questions
"""

from .. import check_on_demand

__getattr__ = check_on_demand(__name__)
