"""The LSTM optimizer against ``nn.LSTMCell``; saving and loading."""

import json

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.preprocess import log_and_sign
from l2l_ref.support.errors import InputError


def with_torch_cells(optimizer, gradients, state):
    """The same step with torch's cells, coordinates first: an independent computation."""
    x = log_and_sign(gradients, optimizer.p) if optimizer.preprocess else gradients[:, None]
    new_state = []
    for cell, (h, c) in zip(optimizer.cells, state, strict=True):
        h, c = nn.LSTMCell.forward(cell, x, (h.T, c.T))
        new_state.append((h.T, c.T))
        x = h
    return optimizer.output_scale * optimizer.output(x)[:, 0], new_state


@given(st.integers(1, 5), st.integers(1, 3), st.booleans(), st.integers(1, 7), st.floats(0.01, 2))
def test_against_torch(hidden, layers, preprocess, n, output_scale):
    torch.set_default_dtype(torch.float64)
    optimizer = LSTMOptimizer(hidden, layers, preprocess, output_scale=output_scale)
    state = expected_state = optimizer.initial_state(n)
    for _ in range(3):
        gradients = torch.randn(n)
        updates, state = optimizer(gradients, state)
        expected, expected_state = with_torch_cells(optimizer, gradients, expected_state)
        torch.testing.assert_close(updates, expected)
        torch.testing.assert_close(state, expected_state)


def test_sizes_of_the_paper():
    def size(**arguments):
        return sum(weight.numel() for weight in LSTMOptimizer(**arguments).parameters())

    assert size() == 5221
    assert size(preprocess=True) == 5301


def test_coordinates_do_not_see_one_another(device):
    optimizer = LSTMOptimizer().to(device)
    gradients = torch.randn(6, device=device)
    order = torch.randperm(6, device=device)
    updates, state = optimizer(gradients, optimizer.initial_state(6))
    permuted, _ = optimizer(gradients[order], optimizer.initial_state(6))
    torch.testing.assert_close(permuted, updates[order])
    alone, _ = optimizer(gradients[:1], optimizer.initial_state(1))
    torch.testing.assert_close(alone, updates[:1])
    gradients[0] = torch.nan
    spoilt, _ = optimizer(gradients, state)
    assert spoilt[0].isnan()
    assert spoilt[1:].isfinite().all()


def test_save_and_load(tmp_path):
    optimizer = LSTMOptimizer(3, 1, preprocess=True, p=5.0, output_scale=0.3)
    path = tmp_path / "new" / "optimizer.safetensors"
    optimizer.save(path, {"seed": 1})
    loaded = LSTMOptimizer.load(path)
    assert loaded.config == optimizer.config
    assert loaded.provenance == {"seed": 1}
    for mine, theirs in zip(loaded.parameters(), optimizer.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
def test_a_damaged_file(tmp_path, keep):
    path = tmp_path / "optimizer.safetensors"
    LSTMOptimizer().save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"optimizer\.safetensors cannot be read .* damaged"):
        LSTMOptimizer.load(path)


def test_other_files(tmp_path):
    with pytest.raises(InputError, match=r"there is no file .*missing.; name an optimizer"):
        LSTMOptimizer.load(tmp_path / "missing")
    with pytest.raises(InputError, match="is a folder; name the file in it"):
        LSTMOptimizer.load(tmp_path)
    other = tmp_path / "other.safetensors"
    safetensors.torch.save_file({"weight": torch.ones(1)}, other)
    with pytest.raises(InputError, match="not of an LSTMOptimizer"):
        LSTMOptimizer.load(other)
    larger = LSTMOptimizer(30)
    header = {"config": json.dumps(LSTMOptimizer(20).config), "provenance": "{}"}
    safetensors.torch.save_file(dict(larger.state_dict()), other, header)
    with pytest.raises(InputError, match="size mismatch"):
        LSTMOptimizer.load(other)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write .*name a file in a folder"):
        LSTMOptimizer().save(tmp_path / "file" / "optimizer.safetensors")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="each must be 1 or more"):
        LSTMOptimizer(hidden=0)


def test_every_flipped_bit_of_a_file_is_noticed(tmp_path):
    path, optimizer = tmp_path / "optimizer.safetensors", LSTMOptimizer()
    optimizer.save(path)
    whole = path.read_bytes()
    for bit in torch.randint(8 * len(whole), (60,)).tolist():
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        try:
            loaded = LSTMOptimizer.load(path)
        except InputError:
            continue
        assert (loaded.digest(), loaded.config) == (optimizer.digest(), optimizer.config)


def test_a_file_keeps_the_dtype(tmp_path):
    optimizer = LSTMOptimizer().double()
    optimizer.save(tmp_path / "optimizer.safetensors")
    assert LSTMOptimizer.load(tmp_path / "optimizer.safetensors").digest() == optimizer.digest()
