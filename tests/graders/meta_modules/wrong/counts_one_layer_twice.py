"""A layer that stands in two places is met twice: it moves twice, and has two names.

Loses: a tied weight comes once, under the first of its names.
Loses: tied weights stay tied, whichever name is given.
Loses: tied weights move as one, and unused ones not at all.
Axis: structure.
"""

import torch


def owners(module):
    return module.named_modules(remove_duplicate=False)


def named_weights(module):
    """Equal tensors are met in different layers; the same layer is not thought of."""
    found = {}
    for path, owner in owners(module):
        others = [w for name, w in found.items() if module.get_submodule(rest(name)) is not owner]
        for last, buffer in owner.named_buffers(recurse=False):
            if buffer.requires_grad and not any(buffer is w for w in others):
                found[f"{path}.{last}".removeprefix(".")] = buffer
    return found


def rest(name):
    return name.rpartition(".")[0]


def put_weight(module, name, tensor):
    places = {}
    for path, owner in module.named_modules():
        for last, buffer in owner._buffers.items():
            if buffer is not None and buffer.requires_grad:
                places[f"{path}.{last}".removeprefix(".")] = owner, last
    owner, last = places[name]
    old = owner._buffers[last]
    if old.shape != tensor.shape:
        raise ValueError(name)
    for owner, last in places.values():
        if owner._buffers[last] is old:
            setattr(owner, last, tensor)


def update(module, loss, rate, first_order=False):
    weights = [buffer for buffer in module.buffers() if buffer.requires_grad]
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    step = {w: rate * g for w, g in zip(weights, torch.autograd.grad(loss, weights, **options))}
    new = {w: w - step[w] for w in weights}
    for _, owner in owners(module):
        for last, buffer in list(owner._buffers.items()):
            if buffer in new:
                step.setdefault(new[buffer], step[buffer])
                setattr(owner, last, new[buffer])
            elif buffer in step:
                setattr(owner, last, buffer - step[buffer])
