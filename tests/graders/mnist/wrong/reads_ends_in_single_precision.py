"""An end a billionth above 1 is 1 in float32.

Loses: one baseline: ahead, behind, or neither.
Axis: dtype.
"""

import torch
from answers import solved

right = solved("mnist")["verdict"]


def verdict(claim, seen, fresh=None):
    def single(intervals):
        return intervals and {n: torch.tensor(each).tolist() for n, each in intervals.items()}

    return right(claim, single(seen), single(fresh))
