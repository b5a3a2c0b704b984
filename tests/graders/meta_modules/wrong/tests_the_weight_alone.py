"""The bias is not looked at.

Axis: structure.
Loses: test: nor do layers that are wrong in one weight, entry or mode.
"""

import torch


def carries_graph(layer, x):
    def agrees(name, h=1e-5):
        def total(tensor):
            setattr(layer, name, tensor)
            return layer(x).sum()

        leaf = (getattr(layer, name).detach() + 0.3).requires_grad_()
        steps = h * torch.eye(len(leaf)).double()
        slopes = torch.stack([total(leaf + step) - total(leaf - step) for step in steps]) / (2 * h)
        output = total(leaf)
        if not output.requires_grad:
            return False
        (found,) = torch.autograd.grad(output, leaf, materialize_grads=True)
        return bool((found - slopes).abs().max() < 0.01 * slopes.abs().max())

    names = ("weight",)
    return all(agrees(name) for mode in (True, False) for name in names if layer.train(mode))
