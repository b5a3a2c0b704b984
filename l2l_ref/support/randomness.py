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
        seed: of the run, or a secret one as text. A number gives one of 2^32 streams, which is all
            that torch makes of a seed on the CPU; a text gives one that nobody can try out.
        names: of the stream, such as ``"train", 17``.
    """
    key = "/".join(map(str, (seed, *names))).encode()
    digest = hashlib.blake2b(key, digest_size=8).digest()
    drawn = torch.Generator().manual_seed(int.from_bytes(digest) >> 1)
    return _filled(drawn, key) if isinstance(seed, str) else drawn


def _filled(generator: torch.Generator, key: bytes) -> torch.Generator:
    """The generator with all words of its state (those of a Mersenne Twister) from a digest.

    They stand in the state that torch writes and reads as 624 whole numbers of 32 bits, each in
    eight bytes, behind the seed and three counters.
    """
    first, words = 24, 624
    state = generator.get_state()
    digest = bytearray(hashlib.shake_256(key).digest(4 * words))
    places = state[first : first + 8 * words].view(words, 8)
    places[:, :4] = torch.frombuffer(digest, dtype=torch.uint8).view(words, 4)
    return generator.set_state(state)


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
