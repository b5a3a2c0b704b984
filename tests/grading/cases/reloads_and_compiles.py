"""Right answers, beside IPython's autoreload and torch's compiler, which look into much."""

from battery import at_the_top

BESIDES = """
%load_ext autoreload
%autoreload 2
import torch._dynamo
"""


def submit(solution, release):
    return at_the_top(solution, BESIDES)


EARNS = "all"
