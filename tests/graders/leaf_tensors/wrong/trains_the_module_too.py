"""The graph is right, but the module walks away with the new weights.

Loses: the loss after the last step; all that was given stays as it was.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    weights = {name: w.detach().clone().requires_grad_() for name, w in module.named_parameters()}
    for _ in range(steps):
        loss = F.mse_loss(functional_call(module, weights, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    module.load_state_dict({name: weight.detach() for name, weight in weights.items()})
    return F.mse_loss(functional_call(module, weights, (x,)), y)
