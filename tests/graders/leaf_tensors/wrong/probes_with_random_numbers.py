"""Draws from torch's generator to see what a sum becomes.

Loses: leaves and results are told apart.
Axis: random.
"""

import torch


def kind(tensor):
    if not tensor.requires_grad:
        return "constant"
    with torch.enable_grad():
        probe = torch.rand(()) * tensor
    (behind, _), *_ = [n for n in probe.grad_fn.next_functions if n[0] is not None]
    return "leaf" if type(behind).__name__ == "AccumulateGrad" else "result"
