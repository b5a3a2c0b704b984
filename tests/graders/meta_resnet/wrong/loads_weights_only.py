"""Statistics belong to the pretrained network as well.

Loses: load: all but the head; the names that were not loaded.
Loses: load: the tensors stay what they are, apart from the file's.
Loses: load: a name too few or too many raises KeyError first.
Loses: load: another shape raises ValueError first.
"""


def load_pretrained(network, state, head):
    own, prefix = network.state_dict(), head + "."
    mine = {name for name in own if not name.startswith(prefix)}
    theirs = {name for name in state if not name.startswith(prefix)}
    if mine != theirs:
        raise KeyError(mine ^ theirs)
    for name in mine:
        if own[name].shape != state[name].shape:
            raise ValueError(name)
    for name, buffer in network.named_buffers():
        if name in mine and buffer.requires_grad:
            own[name].copy_(state[name])
    return [name for name in own if name not in mine]
