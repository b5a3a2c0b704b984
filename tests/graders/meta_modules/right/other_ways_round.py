"""Buffers found by their names, sums written out, and all weights updated as one long vector."""

import torch
import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    """The buffers of a twin's numbers; `compute` says what they are for."""

    def __init__(self, twin):
        super().__init__()
        for name, tensor in twin.state_dict().items():
            trained = name in dict(twin.named_parameters())
            self.register_buffer(name, tensor.clone().requires_grad_(trained))

    def held(self, name):
        return self._buffers.get(name)


class MetaLinear(Plain):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(nn.Linear(in_features, out_features, bias))

    def forward(self, x):
        y = (x.unsqueeze(-2) * self.weight).sum(-1)
        return y if self.held("bias") is None else y + self.bias


class MetaBatchNorm2d(Plain):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__(nn.BatchNorm2d(num_features, eps, momentum, affine, track_running_stats))
        self.eps, self.momentum = eps, momentum

    def forward(self, x):
        mean, var = self.held("running_mean"), self.held("running_var")
        if self.training and mean is not None:
            self.num_batches_tracked = self.num_batches_tracked + 1
            m = self.momentum
            m = 1 / int(self.num_batches_tracked) if m is None else m
            new = torch.var_mean(x.detach(), (0, 2, 3))
            self.running_var, self.running_mean = (
                var + m * (new[0] - var),
                mean + m * (new[1] - mean),
            )
        weight, bias = self.held("weight"), self.held("bias")
        if self.training or mean is None:
            return F.batch_norm(x, None, None, weight, bias, True, 0.0, self.eps)
        return F.batch_norm(x, mean, var, weight, bias, False, 0.0, self.eps)


def named_weights(module):
    weights = {}
    for path, part in module.named_modules():
        for name in part._buffers:
            tensor = getattr(part, name)
            if tensor is not None and tensor.requires_grad:
                weights.setdefault(id(tensor), (f"{path}.{name}".lstrip("."), tensor))
    return dict(weights.values())


def update(module, loss, rate, first_order=False):
    """All weights as one long vector."""
    weights = list(named_weights(module).values())
    gradients = torch.autograd.grad(
        loss, weights, retain_graph=True, create_graph=not first_order, allow_unused=True
    )
    used = [(w, g) for w, g in zip(weights, gradients) if g is not None]
    flat = torch.cat([w.flatten() for w, _ in used])
    flat = flat - rate * torch.cat([g.flatten() for _, g in used])
    pieces = flat.split([w.numel() for w, _ in used])
    new = {id(w): piece.view(w.shape) for (w, _), piece in zip(used, pieces)}
    for part in module.modules():
        for name, buffer in part._buffers.items():
            part._buffers[name] = new.get(id(buffer), buffer)
