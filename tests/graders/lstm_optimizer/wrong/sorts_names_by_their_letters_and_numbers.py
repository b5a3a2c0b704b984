"""Names in the order a person would count them in; w10 and w010 come as the dict has them.

Loses: each state follows its coordinate from step to step.
Axis: structure.
"""

import re

import torch


def counted(name):
    return "".join(re.findall("[^0-9]", name)), [int(n) for n in re.findall("[0-9]+", name)]


def step_all(optimizer, gradients, states):
    names = sorted(gradients, key=counted)
    rows = [gradients[name].flatten() for name in names]
    state = states or optimizer.initial_state(sum(map(len, rows)))
    found, state = optimizer(torch.cat(rows), state)
    parts = zip(names, found.split([len(row) for row in rows]))
    return {name: part.reshape(gradients[name].shape) for name, part in parts}, state
