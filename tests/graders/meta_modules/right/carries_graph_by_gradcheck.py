"""torch.autograd.gradcheck compares with differences; outputs must change."""

import torch


def carries_graph(layer, x):
    for mode in (True, False):
        layer.train(mode)
        before = layer(x).detach().clone()
        for name in ("weight", "bias"):

            def output(tensor, name=name):
                setattr(layer, name, tensor)
                return layer(x) + 0 * tensor.sum()

            leaf = (2 * getattr(layer, name).detach() + 0.1).requires_grad_()
            if torch.equal(output(leaf).detach(), before):
                return False
            before = layer(x).detach().clone()
            atol = 1e-8 * float(before.abs().max())
            if not torch.autograd.gradcheck(output, [leaf], atol=atol, raise_exception=False):
                return False
    return True
