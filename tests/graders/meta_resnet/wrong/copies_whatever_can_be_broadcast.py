"""The shapes are not compared.

Loses: load: another shape raises ValueError first.
Axis: shape.
"""


def load_pretrained(network, state, head):
    """Load all but the head, strictly, in place.

    network: a meta network. state: a state dict. head: a dotted name. Returns the names not loaded.
    """
    own, prefix = network.state_dict(), head + "."
    mine = {name for name in own if not name.startswith(prefix)}
    theirs = {name for name in state if not name.startswith(prefix)}
    if mine != theirs:
        raise KeyError(f"only on one side: {sorted(mine ^ theirs)}")
    for name in mine:
        own[name].copy_(state[name])
    return [name for name in own if name not in mine]
