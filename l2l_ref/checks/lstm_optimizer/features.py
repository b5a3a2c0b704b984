"""The first question of exercise 03: what the optimizer sees of a gradient."""

import math
from functools import partial

import torch
from torch import Tensor

from ...preprocess import log_and_sign
from ..examining import TOLERANCE, close, must_be_kept, recognise, show
from ..lstm_questions import TEN_DIGITS
from .steps import ABOVE

#: Gradients of float64, some far beyond what float32 holds.
FAR = torch.tensor([0.0, 1e-5, 1e-300, -1e-100, 1e200, -1e300], dtype=torch.float64)

#: How far features are off, at most, that were float32 on the way.
FLOAT32 = 1e-6


def exam_log_and_sign(generator, ask, report):
    """Both branches; the corner cases; p."""

    def of_size(low: int | float, high: int | float, shape: tuple) -> Tensor:
        """Gradients of both signs whose logarithms lie between two bounds."""
        logarithm = low + (high - low) * torch.rand(shape, generator=generator)
        sign = torch.randint(2, shape, generator=generator) * 2 - 1
        return sign * logarithm.exp()

    above = "where |nabla| >= exp(-p), the features are log|nabla| / p and the sign of nabla"
    below = "where |nabla| < exp(-p), the features are -1 and exp(p) * nabla, which is small there"
    judge = partial(judge_features, ask, report)
    with report.criterion("logarithm and sign, above and below the threshold", 0.5):
        large = of_size(-9.5, 3, (3, 2))
        judge(large, f"gradients above exp(-10), {show(large)}", above)
        small = of_size(-13, -10.2, (4,))
        judge(small, f"gradients below exp(-10), {show(small)}", below)
        mixed = torch.cat([of_size(-13, -10.2, (2, 3, 2)), of_size(-9.5, -6, (2, 3, 2))], dim=-1)
        given = f"gradients on both sides of exp(-10), {show(mixed)}"
        cases = "every entry has its own case: torch.where chooses entry by entry"
        must_be_kept(
            judge(mixed, given, cases)["changed"],
            f"{given}; then the same with the other sign",
            "an output that is kept and filled again belongs to whoever got it first, and torch's "
            "settings belong to everybody",
        )
    with report.criterion("zero, very large and very small gradients, and any shape", 0.5):
        scale = 1 + torch.rand((), generator=generator)
        extremes = torch.tensor([0.0, 1e-30, -1e-12, 1e20, -1e30, -1.5e38]) * scale
        for gradient, given, idea in (
            (
                extremes,
                f"the gradients {show(extremes)}, zero among them",
                "both cases hold for numbers of any size: 1e20 is above the threshold, and zero is "
                "below it like every other small number",
            ),
            (
                FAR * scale,
                f"the gradients {', '.join(f'{g:.4g}' for g in (FAR * scale).tolist())} in float64",
                "this gradient is float64, and so must be all that is computed from it: no "
                "float(), no tensor of torch's default dtype on the way",
            ),
        ):
            judge(gradient, given, idea)
        for shape in ((1,), (), (1, 1, 3), (2, 0)):
            judge(of_size(-9, 2, shape), f"a gradient of shape {shape}", ANY_SHAPE)
        for shape in ((3, 2), (4,)):
            given = f"a view of shape {shape}, whose numbers do not lie side by side in memory"
            judge(of_size(-9, 2, shape), given, ANY_SHAPE, views=True)
    with report.criterion("another p", 0.5):
        single = FLOAT32 if report.criteria[1].lost else None  # has been judged there
        for low, high, dtype in (
            (2, 4, torch.float32),
            (0.7, 0.9, torch.float32),
            (28, 30, torch.float32),
            (30, 30, torch.float64),
        ):
            p = low + (high - low) * float(torch.rand((), generator=generator))
            gradient = torch.cat([of_size(-p - 3, -p - 0.2, (3,)), of_size(0.2 - p, 1.2 - p, (3,))])
            judge(
                gradient.to(dtype),
                f"p = {p:.4g}, the gradients {show(gradient)}, {str(dtype)[6:]}",
                "p divides the logarithm, and it also sets the threshold exp(-p) and the factor "
                "exp(p); a constant of your own, such as 1e-8, is too large for some p",
                p,
                tolerance=single if dtype == torch.float64 else None,
            )


ANY_SHAPE = (
    "a shape (...) becomes (..., 2), whatever it is: stack along a new last dimension, and squeeze "
    "nothing; flatten() and reshape() take views too, view() does not"
)


#: What mistakes that one knows make of the features, and what to say.
MISTAKES = {
    "the logarithm comes first and the sign second, along a new last dimension": (
        lambda features: features.flip(-1)
    ),
    "appendix A has the natural logarithm, log": (
        lambda features: features / torch.tensor([math.log(10), 1.0])
    ),
}


def judge_features(
    ask,
    report,
    gradient: Tensor,
    given: str,
    idea: str,
    p: float | None = None,
    views: bool = False,
    tolerance: float | None = None,
) -> dict:
    """Ask for the features of some gradients, and compare. What the first criterion was lost for
    costs no other one: a mistake that one knows, and a gradient that has changed.

    Raises:
        Lost: they differ, or the gradient has changed.
    """
    asked = {"gradient": gradient, "probe_strided": views} | ({} if p is None else {"p": p})
    reply, p = ask(**asked), 10.0 if p is None else p
    expected, mirrored = (log_and_sign(sign * gradient.double(), p) for sign in (1, -1))
    if before := report.criteria[0].lost:
        idea = ABOVE
        if make := MISTAKES.get(before.found["look at"]):
            expected, mirrored = make(expected), make(mirrored)
    words = {"given": given, "idea": idea, "tolerance": tolerance}
    compare(reply["features"], gradient, expected, **words)
    words["given"] = f"{given}; then the same with the other sign"
    if not before:
        words["idea"] = (
            "the second call gets the features of another gradient: keep nothing from the first one"
        )
    compare(reply["mirrored"], -gradient, mirrored, **words)
    keep = "abs_(), clamp_() and *= work in the tensor that was given; abs() makes a new one"
    must_be_kept([] if before else reply["touched"], given, keep)
    return reply


def compare(
    got: Tensor, gradient: Tensor, expected: Tensor, given: str, idea: str, tolerance: float | None
) -> None:
    """The worst of the features; float64 is compared to ten digits, if no ``tolerance`` is given.

    Raises:
        Lost: they differ.
    """
    if not gradient.numel():
        return
    if not got.isfinite().all() and gradient.dtype == torch.float32:
        idea = (
            "log(0) is -inf, and -inf * 0 is NaN: clamp |nabla| from below before the logarithm, "
            "or choose with torch.where; the square of a large number is inf"
        )
    known = {say: {"features": make(expected)} for say, make in MISTAKES.items()}
    idea = recognise({"features": got}, known, idea)
    worst = int((got - expected).abs().nan_to_num(nan=math.inf).argmax()) // 2
    close(
        got.reshape(-1, 2)[worst],
        expected.reshape(-1, 2)[worst],
        what=f"the features of {float(gradient.flatten()[worst]):.4g}",
        given=given,
        idea=idea,
        tolerance=tolerance or (TEN_DIGITS if gradient.dtype == torch.float64 else TOLERANCE),
    )
