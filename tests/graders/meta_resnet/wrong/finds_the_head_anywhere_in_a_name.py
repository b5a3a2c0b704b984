"""trunk.fc is not the head.

Loses: load: all but the head; the names that were not loaded.
Axis: structure.
"""


def load_pretrained(network, state, head):
    """Load all but the head, strictly, in place.

    network: a meta network. state: a state dict. head: a dotted name. Returns the names not loaded.
    """
    own, prefix = network.state_dict(), head + "."
    mine = {name for name in own if prefix not in name}
    theirs = {name for name in state if prefix not in name}
    if mine != theirs:
        raise KeyError(f"only on one side: {sorted(mine ^ theirs)}")
    for name in mine:
        if own[name].shape != state[name].shape:
            raise ValueError(f"{name} has the shape {tuple(own[name].shape)}")
    for name in mine:
        own[name].copy_(state[name])
    return [name for name in own if name not in mine]
