"""Another tensor is assigned to the other name, too, before each call.

Axis: again.
Loses: test: unusual layers, and layers wrong in one weight, entry or mode.
"""

import torch


def carries_graph(layer, x):
    factors = torch.rand_like(x)

    def agrees(name, h=1e-5):
        def total(tensor):
            for each in ("weight", "bias"):
                setattr(layer, each, tensor if each == name else getattr(layer, each).clone())
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

    for mode in (True, False):
        layer.train(mode)
        if not (agrees("weight") and agrees("bias")):
            return False
    return True
