"""Streams of random numbers: the same again, and as many as there are keys."""

import pytest
import torch

from l2l_ref.support.randomness import generator


def drawn(seed, *names):
    return torch.rand(4, generator=generator(seed, *names), dtype=torch.float64).tolist()


@pytest.mark.parametrize("seed", [0, "a secret"])
def test_a_stream_depends_on_seed_and_names_alone(seed):
    first = drawn(seed, "train", 17)
    torch.rand(3)
    assert drawn(seed, "train", 17) == first
    others = [drawn(seed, "train", 18), drawn(seed, "train"), drawn(seed, 17, "train")]
    others += [drawn(f"{seed}1", "train", 17), drawn(1, "train", 17)]
    assert all(other != first for other in others)


def test_the_whole_digest_of_a_text_counts():
    """Also where torch's seed, of 32 bits, is the same: no word of the state is left from it."""
    text = generator("a secret", "exam")
    number = torch.Generator().manual_seed(text.initial_seed())
    states = [each.get_state()[24 : 24 + 8 * 624].view(624, 8) for each in (text, number)]
    assert (states[0][:, :4] != states[1][:, :4]).any(1).all()
    assert not states[0][:, 4:].any()  # numbers of 32 bits, as the twister expects


def test_a_text_gives_numbers_as_good_as_a_seed():
    x = torch.randn(100_000, generator=generator("a secret"), dtype=torch.float64)
    assert abs(x.mean().item()) < 0.02
    assert abs(x.std().item() - 1) < 0.02
    lags = torch.corrcoef(torch.stack([x[:-1], x[1:]]))
    assert abs(lags[0, 1].item()) < 0.02
