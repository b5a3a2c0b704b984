"""The other parameters of a part come back in the opposite order.

Loses: the network computes with the tensor, the old parameter is gone.
Axis: structure.
"""


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    for owner in list(module.modules()):
        own = dict(owner._parameters)
        if any(parameter is replaced for parameter in own.values()):
            owner._parameters.clear()
            for last, parameter in reversed(own.items()):
                if parameter is replaced:
                    setattr(owner, last, tensor)
                else:
                    owner.register_parameter(last, parameter)
