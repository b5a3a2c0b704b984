"""Works for head.bias, not for encoder.0.weight.

Loses: dotted names reach inner layers.
"""


def put(module, name, tensor):
    if name not in dict(module.named_parameters()):
        raise KeyError(name)
    path, _, last = name.partition(".")
    owner = getattr(module, path) if last else module
    last = last or path
    if last in owner._parameters:
        owner._parameters[last] = tensor
