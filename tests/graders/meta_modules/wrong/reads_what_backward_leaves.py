"""Gradients of an earlier call are added to.

Axis: before.
Loses: test: right layers pass, and plainly wrong ones do not.
Loses: test: unusual layers, and layers wrong in one weight, entry or mode.
"""

import torch


def carries_graph(layer, x, h=1e-5):
    for mode in (True, False):
        layer.train(mode)
        for name in ("weight", "bias"):
            leaf = getattr(layer, name)
            steps = h * torch.eye(len(leaf)).double()
            slopes = []
            for step in steps:
                values = []
                for sign in (1, -1):
                    setattr(layer, name, leaf + sign * step)
                    values.append(layer(x).sum())
                slopes.append((values[0] - values[1]) / (2 * h))
            setattr(layer, name, leaf)
            output = layer(x).sum()
            if not output.requires_grad:
                return False
            output.backward()
            off = (leaf.grad - torch.stack(slopes)).abs().max() if leaf.grad is not None else 1.0
            if not off < 0.01 * torch.stack(slopes).abs().max():
                return False
    return True
