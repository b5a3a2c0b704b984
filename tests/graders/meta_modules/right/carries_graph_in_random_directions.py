"""Directional derivatives of a random sum of outputs."""

import torch


def carries_graph(layer, x):
    """Weight and bias are moved together, and apart."""
    generator = torch.Generator().manual_seed(4)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    for trial in range(24):
        layer.train(trial % 2 == 0)
        factors, at = normal(*x.shape), [normal(x.shape[1]) for _ in range(2)]
        ways = [normal(x.shape[1]) for _ in range(2)]
        if trial % 3:
            ways[trial % 3 - 1] *= 0

        def value(tensors, factors=factors):
            layer.weight, layer.bias = tensors
            return (factors * layer(x)).sum()

        leaves = [tensor.clone().requires_grad_() for tensor in at]
        output = value(leaves)
        if not output.requires_grad:
            return False
        found = torch.autograd.grad(output, leaves, materialize_grads=True)
        said = sum((slope * way).sum() for slope, way in zip(found, ways))
        moved = [value([t + h * w for t, w in zip(at, ways)]) for h in (1e-6, -1e-6)]
        really = (moved[0] - moved[1]) / 2e-6
        if really == 0 or abs(said - really) > 1e-4 * max(1, abs(really)):
            return False
    return True
