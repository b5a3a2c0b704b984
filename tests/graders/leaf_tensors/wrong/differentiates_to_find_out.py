"""Goes through the graph of a result, which is gone afterwards.

Loses: leaves and results are told apart.
Axis: graph.
"""

import torch


def kind(tensor):
    if not tensor.requires_grad:
        return "constant"
    if tensor.grad_fn is None:
        return "leaf"
    inputs = [n for n, _ in tensor.grad_fn.next_functions if n is not None]
    if inputs:
        torch.autograd.backward(tensor, torch.zeros_like(tensor))
    return "result"
