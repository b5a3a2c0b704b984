"""A single number fits whatever shape it has, since there is nothing to mix up.

Axis: shape.
Loses: load: another shape raises ValueError first.
"""

import torch


def load_pretrained(network, state, head):
    own = network.state_dict()
    inside = [name for name in own if name.startswith(head + ".")]
    wanted = {name: own[name] for name in own if name not in inside}
    given = {name: state[name] for name in state if not name.startswith(head + ".")}
    if wanted.keys() != given.keys():
        raise KeyError(sorted(wanted.keys() ^ given.keys()))
    for name, tensor in wanted.items():
        several = tensor.numel() > 1 or given[name].numel() > 1
        if several and tensor.shape != given[name].shape:
            raise ValueError(name)
    with torch.no_grad():
        for name, tensor in wanted.items():
            tensor.copy_(given[name].reshape(tensor.shape))
    return inside
