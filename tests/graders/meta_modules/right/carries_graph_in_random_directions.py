"""Directional derivatives of a random sum of outputs."""

import torch


def carries_graph(layer, x):
    """Weight and bias are moved together, and apart."""
    generator = torch.Generator().manual_seed(4)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    for trial in range(24):
        layer.train(trial % 2 == 0)
        factors = normal(*x.shape)
        names = [["weight", "bias"], ["weight"], ["bias"]][trial % 3]
        at, ways = ([normal(x.shape[1]) for _ in names] for _ in range(2))

        def value(tensors, factors=factors, names=names):
            for name, tensor in zip(names, tensors):
                setattr(layer, name, tensor)
            return (factors * layer(x)).sum()

        leaves = [tensor.clone().requires_grad_() for tensor in at]
        output = value(leaves)
        size = (factors * layer(x)).abs().sum()
        if not output.requires_grad:
            return False
        found = torch.autograd.grad(output, leaves, materialize_grads=True)
        said = sum((slope * way).sum() for slope, way in zip(found, ways))
        moved = [value([t + h * w for t, w in zip(at, ways)]) for h in (1e-6, -1e-6)]
        really = (moved[0] - moved[1]) / 2e-6
        if really == 0 or not abs(said - really) < 1e-7 * size:
            return False
    return True
