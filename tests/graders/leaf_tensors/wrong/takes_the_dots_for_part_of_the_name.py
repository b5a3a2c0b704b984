"""Works for the layer itself only.

Loses: dotted names reach inner layers.
"""


def put(module, name, tensor):
    if name not in dict(module.named_parameters()):
        raise KeyError(name)
    if "." in name:
        setattr(module, name.replace(".", "_"), tensor)
    else:
        delattr(module, name)
        setattr(module, name, tensor)
