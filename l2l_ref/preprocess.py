"""Log-and-sign: how the optimizer sees gradients of very different sizes (appendix A)."""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def log_and_sign(
    gradient: Float[Tensor, "*shape"], p: float = 10.0, dim: int = -1
) -> Float[Tensor, "*out"]:
    """Split each gradient into a scaled logarithm and a sign.

    Appendix A of the paper:

        (log|g| / p, sign g)   where |g| >= exp(-p)
        (-1, exp(p) g)         elsewhere

    Both cases meet at the threshold, so two clamps say the same without a branch, and nothing
    infinite is ever computed and thrown away, not even at g = 0.

    Args:
        gradient: gradients of any shape ``(...)``.
        p: how small a gradient still counts; ``exp(-p)`` is the threshold.
        dim: where the new dimension of size 2 goes; the default makes it the last, ``(..., 2)``.

    Returns:
        The two features stacked along ``dim``. NaN stays NaN; an infinite gradient gives
        ``(inf, sign)``.

    Raises:
        ValueError: p is not positive, or so large that ``exp(-p)`` underflows in this dtype.
    """
    largest = -math.log(torch.finfo(gradient.dtype).tiny)
    if not 0 < p <= largest:
        raise ValueError(
            f"log_and_sign got p = {p}; p must lie in (0, {largest:.0f}] for {gradient.dtype}, "
            "the paper uses 10"
        )
    threshold = math.exp(-p)
    logarithm = gradient.abs().clamp(min=threshold).log() / p
    sign = (gradient / threshold).clamp(-1, 1)
    return torch.stack([logarithm, sign], dim=dim)
