"""What crosses between the two sides arrives as it was sent, and nothing else crosses."""

import base64
import json
import math
import pickle

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from l2l_ref.checks.wire import LENGTH, NotData, pack, unpack

DTYPES = (torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool, torch.bfloat16)

tensors = st.builds(
    lambda shape, dtype, seed: (
        (9 * torch.randn(shape, generator=torch.Generator().manual_seed(seed))).abs().to(dtype)
    ),
    st.lists(st.integers(0, 3), max_size=3),
    st.sampled_from(DTYPES),
    st.integers(0, 99),
)
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | tensors
data = st.recursive(
    plain,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.lists(inside, max_size=3).map(tuple)
        | st.dictionaries(st.text(), inside, max_size=3)
    ),
    max_leaves=12,
)


def same(one: object, other: object) -> bool:
    """Equal in value and in type, all the way down."""
    if type(one) is not type(other):
        return False
    match one:
        case torch.Tensor():
            return one.dtype == other.dtype and torch.equal(one, other)
        case float():
            return one == other or (math.isnan(one) and math.isnan(other))
        case dict():
            return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
        case list() | tuple():
            return len(one) == len(other) and all(map(same, one, other))
    return one == other


@given(data)
@settings(max_examples=150, deadline=None)
def test_what_is_sent_arrives(value):
    assert same(unpack(pack(value)), value)


def test_tensors_arrive_as_numbers_alone():
    """Strides, sharing, graphs and classes stay behind."""
    base = torch.randn(4, 6, requires_grad=True)
    sent = {"turned": base.T[::2], "shared": base, "again": base, "made": 2 * base}
    there = unpack(pack(sent))
    for name, tensor in sent.items():
        assert torch.equal(there[name], tensor)
        assert there[name].is_contiguous()
        assert not there[name].requires_grad
    assert there["shared"] is not there["again"]
    parameter = unpack(pack(torch.nn.Parameter(torch.ones(2))))
    assert type(parameter) is torch.Tensor


def test_numbers_of_numpy_are_numbers():
    sent = {"f": np.float32(0.5), "i": np.int64(3), "b": np.bool_(True)}
    assert same(unpack(pack(sent)), {"f": 0.5, "i": 3, "b": True})


NO_DATA = {
    "an object": object(),
    "a function": len,
    "bytes": b"abc",
    "a set": {1},
    "an array": np.ones(3),
    "a complex number": 1j,
    "names that are numbers": {1: 2},
    "a sparse tensor": torch.eye(3).to_sparse(),
    "a tensor without numbers": torch.ones(3, device="meta"),
    "a large one that takes no memory": torch.ones(1).expand(10**11),
    "a long text": "x" * (LENGTH + 1),
}


@pytest.mark.parametrize("name", NO_DATA)
def test_what_is_no_data_is_not_sent(name):
    with pytest.raises(NotData):
        pack({"it": NO_DATA[name]})


def test_what_holds_itself_is_not_sent():
    loop = []
    loop.append(loop)
    with pytest.raises(NotData, match="RecursionError"):
        pack(loop)


def forged(tree: object, tensors: bytes | None = None) -> str:
    content = tensors if tensors is not None else base64.b64decode(json.loads(pack(0))["tensors"])
    return json.dumps({"data": tree, "tensors": base64.b64encode(content).decode()})


BAD = {
    "nothing": "",
    "no JSON": "{",
    "deep": "[" * 100_000,
    "a list": "[]",
    "without tensors": '{"data": 1}',
    "an unknown tensor": forged({"tensor": "7"}),
    "an unknown kind": forged({"object": "os.system"}),
    "no base64": '{"data": 1, "tensors": "?"}',
    "no safetensors": forged(1, b"\x00" * 5),
    "a header that promises": forged(1, b"\xff" * 16),
    "a pickle": forged(1, pickle.dumps(torch.ones(2))),
    "deep in data": '{"data": ' + "[" * 50_000 + "]" * 50_000 + ', "tensors": ""}',
    "too long": '{"data": "' + "x" * LENGTH + '"}',
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_forged_is_refused(name):
    with pytest.raises(NotData):
        unpack(BAD[name])
