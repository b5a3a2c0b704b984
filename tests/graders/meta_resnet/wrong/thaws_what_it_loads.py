"""Frozen weights are trainable afterwards.

Loses: load: the tensors stay what they are, apart from the file's.
Axis: ties.
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
        if own[name].shape != state[name].shape:
            raise ValueError(f"{name} has the shape {tuple(own[name].shape)}")
    for name in mine:
        own[name].copy_(state[name])
    for name, buffer in network.named_buffers():
        if buffer.is_floating_point() and "running" not in name and name != "centre":
            buffer.requires_grad_()
    return [name for name in own if name not in mine]
