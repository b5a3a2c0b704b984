"""Log-and-sign against the two cases of appendix A, at its edges, and in its gradient's sign."""

import math

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from l2l_ref.preprocess import log_and_sign


def appendix_a(g: float, p: float) -> tuple[float, float]:
    """The paper's definition, case by case, in Python floats; NaN is nowhere in it and stays."""
    if math.isnan(g):
        return g, g
    if abs(g) >= math.exp(-p):
        return math.log(abs(g)) / p, math.copysign(1, g)
    return -1, math.exp(p) * g


@given(
    st.lists(st.floats() | st.floats(-1, 1), min_size=1, max_size=5),
    st.sampled_from([1.0, 5.0, 10.0, 30.0]),
)
@example([0.0, -0.0, math.inf, -math.inf, math.nan], 10.0)
@example([math.nan], 10.0)
def test_against_the_definition(values, p):
    gradients = torch.tensor(values, dtype=torch.float64)
    expected = torch.tensor([appendix_a(g, p) for g in values], dtype=torch.float64)
    torch.testing.assert_close(
        log_and_sign(gradients, p), expected, rtol=1e-9, atol=1e-12, equal_nan=True
    )


@given(st.floats(0.5, 80), st.floats(-1e-12, 1e-12))
def test_both_cases_meet_at_the_threshold(p, away):
    threshold = math.exp(-p)
    around = torch.tensor([threshold * (1 - away), threshold, threshold * (1 + away)]).double()
    for g in (around, -around):
        features = log_and_sign(g, p)
        torch.testing.assert_close(features[:, 0], torch.full((3,), -1.0).double())
        torch.testing.assert_close(features[:, 1], g.sign())


def test_edges():
    features = log_and_sign(torch.tensor([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan]))
    assert features[:2].tolist() == [[-1, 0], [-1, 0]]
    assert features[2].tolist() == [0, 1]
    assert features[3].tolist() == [math.inf, 1]
    assert features[4].tolist() == [math.inf, -1]
    assert features[5].isnan().all()


@given(st.lists(st.integers(0, 3), max_size=3))
def test_any_shape_one_element_and_none(shape):
    gradients = torch.randn(shape)
    features = log_and_sign(gradients)
    assert features.shape == (*shape, 2)
    torch.testing.assert_close(log_and_sign(gradients, dim=0).movedim(0, -1), features)


def test_it_can_be_differentiated_at_zero():
    gradients = torch.zeros(2, requires_grad=True)
    log_and_sign(gradients).sum().backward()
    torch.testing.assert_close(gradients.grad, torch.full((2,), math.exp(10)))


@pytest.mark.parametrize("p", [0.0, -1.0, math.nan, 100.0])
def test_p_must_make_sense(p):
    with pytest.raises(ValueError, match=r"p must lie in \(0, 87\]"):
        log_and_sign(torch.ones(1), p)
