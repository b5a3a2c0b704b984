"""Data between the two sides of a check, as text: tensors in safetensors, the rest in JSON.

Reading it runs no code, whoever wrote it. Tensors lose their graph, their strides and what they
share; that is what makes them data.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from numbers import Integral, Real

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

#: Tensors by name, which is what most questions and answers are.
Tensors = dict[str, torch.Tensor]

#: Bytes that the tensors of one question or one answer may have; those of the course need 3 MB.
LIMIT = 8 * 2**20

#: Characters of such a text: base64 takes four for three bytes, and then there is the JSON.
LENGTH = 2 * LIMIT

#: Numbers, texts, lists and dicts in such a text; base64 has no comma and no bracket.
ITEMS = 100_000


#: What JSON knows as it is.
ATOMS = frozenset({type(None), bool, int, float, str})


class NotData(ValueError):
    """Something that cannot be sent, or was not received as it must be."""


def pack(value: object) -> str:
    """Turn data into text.

    Args:
        value: tensors, numbers, text, booleans and None, in dicts (by text), lists and tuples.

    Raises:
        NotData: there is something else in it, or too much.
    """
    tensors: Tensors = {}
    try:
        tree = _plain(value, tensors)
        content = base64.b64encode(save(tensors)).decode()
        text = json.dumps({"data": tree, "tensors": content})
    except (SafetensorError, RuntimeError, TypeError, NotImplementedError, RecursionError) as error:
        raise NotData(f"{type(error).__name__}: {error}") from None
    if len(text) > LENGTH:
        raise NotData(f"{len(text):,} characters are too much; {LENGTH:,} can be sent")
    return text


def _plain(value: object, tensors: Tensors) -> object:
    """The value with what JSON knows in the place of tensors, tuples and dicts."""
    match value:
        case None | bool() | str():
            return value
        case np.generic():
            return _plain(value.item(), tensors)
        case Integral():
            return int(value)
        case Real():
            return float(value)
        case torch.Tensor():
            return {"tensor": _store(value, tensors)}
        case Mapping():
            if strange := [key for key in value if not isinstance(key, str)]:
                raise NotData(f"{strange[0]!r} is a name in a dict and no text")
            return {"dict": {str(key): _plain(value[key], tensors) for key in value}}
        case tuple():
            return {"tuple": _all_plain(value, tensors)}
        case list():
            return _all_plain(value, tensors)
    raise NotData(f"a {type(value).__name__} is no data")


def _all_plain(values: Iterable, tensors: Tensors) -> list:
    """The values as `_plain` makes them; a long list of numbers is gone through quickly."""
    return [each if type(each) in ATOMS else _plain(each, tensors) for each in values]


def _store(tensor: torch.Tensor, tensors: Tensors) -> str:
    """Keep a copy of a tensor; its name among the others."""
    kept = sum(each.nbytes for each in tensors.values())
    if kept + tensor.numel() * tensor.element_size() > LIMIT:  # before an expanded one is copied
        raise NotData(f"a tensor of shape {tuple(tensor.shape)} makes it more than {LIMIT:,} bytes")
    name = str(len(tensors))
    tensors[name] = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
    return name


def unpack(text: str) -> object:
    """Turn text into data again.

    Raises:
        NotData: it is not what `pack` writes.
    """
    if not isinstance(text, str) or len(text) > LENGTH:
        raise NotData("it is no text, or too long")
    if sum(map(text.count, "[{,")) > ITEMS:  # a text of 16 MB can hold lists of a gigabyte
        raise NotData(f"it holds more than {ITEMS:,} items")
    try:
        found = json.loads(text)
        tensors = load(base64.b64decode(found["tensors"], validate=True))
        return _value(found["data"], tensors)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotData(f"{type(error).__name__}: {error}") from None
    except (SafetensorError, RuntimeError, RecursionError, MemoryError) as error:
        raise NotData(f"{type(error).__name__}: {error}") from None


def _value(tree: object, tensors: Mapping[str, torch.Tensor]) -> object:
    """The value that `_plain` made a tree of."""
    match tree:
        case {"tensor": str(name)}:
            return tensors[name]
        case {"dict": dict(inside)}:
            return {key: _value(each, tensors) for key, each in inside.items()}
        case {"tuple": list(inside)}:
            return tuple(_all_values(inside, tensors))
        case list():
            return _all_values(tree, tensors)
        case dict():
            raise NotData("a dict of an unknown kind")
    return tree


def _all_values(trees: list, tensors: Mapping[str, torch.Tensor]) -> list:
    return [each if type(each) in ATOMS else _value(each, tensors) for each in trees]
