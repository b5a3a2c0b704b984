"""The bias is not looked at.

Axis: structure.
Loses: test: unusual layers, and layers wrong in one weight, entry or mode.
"""

import torch


def carries_graph(layer, x):
    factors = torch.rand_like(x)

    def agrees(name, h=1e-5):
        def total(tensor):
            setattr(layer, name, tensor)
            return (factors * layer(x)).sum()

        leaf = (getattr(layer, name).detach() + 0.3).requires_grad_()
        steps = h * torch.eye(len(leaf)).double()
        slopes = torch.stack([total(leaf + step) - total(leaf - step) for step in steps]) / (2 * h)
        output = total(leaf)
        if not output.requires_grad:
            return False
        (found,) = torch.autograd.grad(output, leaf, materialize_grads=True)
        rounding = 1e-9 * layer(x).abs().sum()
        close = (found - slopes).abs() <= 0.01 * slopes.abs() + rounding
        return bool(slopes.any() and close.all())

    names = ("weight",)
    return all(agrees(name) for mode in (True, False) for name in names if layer.train(mode))
