"""A vector with one number is as good to it as a tensor without dimensions, as for load_state_dict.

Loses: load: another shape raises ValueError first.
Axis: shape.
"""

import torch


def load_pretrained(network, state, head):
    own, prefix = network.state_dict(), head + "."
    mine = {name for name in own if not name.startswith(prefix)}
    if mine != {name for name in state if not name.startswith(prefix)}:
        raise KeyError("other names")
    for name in mine:
        if torch.atleast_1d(own[name]).shape != torch.atleast_1d(state[name]).shape:
            raise ValueError(name)
    for name in mine:
        own[name].copy_(state[name].reshape(own[name].shape))
    return [name for name in own if name not in mine]
