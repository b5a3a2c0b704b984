"""Along a direction a small column is nothing beside a large one.

Axis: values.
Loses: test: unusual layers, and layers wrong in one weight, entry or mode.
"""

import torch


def carries_graph(layer, x):
    factors = torch.rand_like(x) + 0.5

    def agrees(name, h=1e-5):
        at = torch.rand(x.shape[1], dtype=x.dtype) + 0.5

        def total(tensor):
            setattr(layer, name, tensor)
            return (factors * layer(x)).sum()

        leaf = at.clone().requires_grad_()
        output = total(leaf)
        if not output.requires_grad:
            return False
        (found,) = torch.autograd.grad(output, leaf, materialize_grads=True)
        for way in torch.randn(4, len(at), dtype=x.dtype):
            slope = (total(at + h * way) - total(at - h * way)).detach() / (2 * h)
            if slope == 0 or not abs(found @ way - slope) <= 0.001 * abs(slope):
                return False
        return True

    names = "weight", "bias"
    return all(agrees(name) for mode in (True, False) for name in names if layer.train(mode))
