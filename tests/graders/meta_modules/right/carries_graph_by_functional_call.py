"""Tensors are handed over by functional_call; each entry of the outputs is looked at."""

import torch
from torch.func import functional_call


def carries_graph(layer, x):
    weights = {name: getattr(layer, name).detach() * 1.5 + 0.1 for name in ("weight", "bias")}
    for mode in (True, False):
        layer.train(mode)
        for name, tensor in weights.items():

            def outputs(each, name=name):
                return functional_call(layer, {name: each}, (x,)).flatten()

            leaf = tensor.clone().requires_grad_()
            y = outputs(leaf)
            columns = []
            for step in 1e-6 * torch.eye(len(leaf), dtype=leaf.dtype):
                columns.append((outputs(leaf + step) - outputs(leaf - step)).detach() / 2e-6)
            J = torch.stack(columns, dim=1)
            if not y.requires_grad or not J.any():
                return False
            for row, entry in zip(J, y):
                (found,) = torch.autograd.grad(
                    entry, leaf, retain_graph=True, materialize_grads=True
                )
                if not torch.allclose(found, row, rtol=1e-3, atol=1e-8 * float(y.abs().max())):
                    return False
    return True
