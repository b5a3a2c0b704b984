"""What answers about modules are made of, in more than one exercise."""

from torch import Tensor, nn

from .answering import NoAnswer, describe, describe_error, kind_of
from .wire import Tensors


def module_from(made: object, what: str) -> nn.Module:
    """What came back, which must be a module.

    Raises:
        NoAnswer: it is something else.
    """
    if not isinstance(made, nn.Module):
        raise NoAnswer(f"{what} gives {describe(made)}", f"{what}: an nn.Module")
    return made


def held(module: nn.Module) -> Tensors:
    """The tensors of a module's state dict, with their graphs."""
    return dict(module.state_dict(keep_vars=True))


def held_as(tensor: Tensor) -> str:
    """What a tensor of a module is: "parameter", or what `kind_of` says."""
    return "parameter" if isinstance(tensor, nn.Parameter) else kind_of(tensor)


def registered(module: nn.Module) -> list[str]:
    """The names under which a module still holds parameters."""
    return [
        f"{path}.{name}".removeprefix(".")
        for path, owner in module.named_modules()
        for name, parameter in owner._parameters.items()
        if parameter is not None
    ]


def put_tensor(module: nn.Module, name: str, tensor: Tensor) -> None:
    """Put a tensor in a place of a module, by its dotted name.

    Raises:
        NoAnswer: the place is a parameter's, which takes no other tensor.
    """
    path, _, last = name.rpartition(".")
    try:
        setattr(module.get_submodule(path), last, tensor)
    except TypeError as error:
        raise NoAnswer(
            f"{name} = tensor is refused: {describe_error(error)}",
            "a weight that takes any tensor",
            "the name of a parameter takes no other tensor; the name of a buffer takes one with "
            "its graph",
        ) from None
