"""Every random number comes from a seed and a name."""

import hashlib
import operator

import torch

from .errors import InputError


def generator(seed: int | str, *names: str | int) -> torch.Generator:
    """A generator on the CPU that depends on the seed and on the names, and on nothing before.

    What is drawn for trajectory 17 of the training is thus the same whether 16 others were
    drawn first or the run was resumed there, and no stream overlaps another.

    Args:
        seed: of the run, or a secret one as text.
        names: of the stream, such as ``"train", 17``.
    """
    key = "/".join(map(str, (seed, *names)))
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest) >> 1)


def as_seed(seed: object) -> int:
    """A seed as results keep it.

    Raises:
        InputError: it is no whole number from 0.
    """
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if number < 0:
        raise InputError(f"got seed={seed!r}; it must be a whole number, 0 or more")
    return number
