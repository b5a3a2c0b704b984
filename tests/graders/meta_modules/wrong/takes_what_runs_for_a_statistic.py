"""Whatever is called running_ is left out, though the name of a weight does not matter.

Loses: all weights by their dotted names, and nothing else.
Loses: the network computes with the tensor, and its graph leads back.
Loses: the new weights, after one update and after some.
Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: structure.
"""

import torch
from answers import solved
from torch import nn

OWN = solved("meta_modules")


def is_weight(name, buffer):
    return buffer.requires_grad and not name.rpartition(".")[2].startswith("running_")


def named_weights(module):
    return {name: buffer for name, buffer in module.named_buffers() if is_weight(name, buffer)}


def put_weight(module, name, tensor):
    if not is_weight(name, tensor):
        raise KeyError(name)
    OWN["put_weight"](module, name, tensor)


def update(module, loss, rate, first_order=False):
    weights = named_weights(module)
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, list(weights.values()), **options)
    for (name, weight), gradient in zip(weights.items(), gradients):
        OWN["put_weight"](module, name, weight - rate * gradient)


class MetaSequential(OWN["MetaSequential"]):
    def __getitem__(self, index):
        found = super().__getitem__(index)
        return MetaSequential(*found) if isinstance(index, slice) else found

    def named_parameters(self, *arguments, **options):
        yield from nn.Module.named_parameters(self, *arguments, **options)
        yield from (p for p in self.named_buffers(*arguments, **options) if is_weight(*p))
