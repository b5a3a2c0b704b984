"""The exams of momentum, NAG, RMSprop and Adam in exercise 04: each update must be torch's."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ...minimizers import BASELINES
from ..examining import TOLERANCE, Lost, close, error, must_be_kept, rate_near, told
from ..lstm_questions import drawn

#: For each rule, torch's own.
TORCHS = {
    "momentum": BASELINES["momentum"],
    "nag": BASELINES["nag"],
    "rmsprop": BASELINES["rmsprop"],
    "adam": BASELINES["adam"],
}

STEPS = 12

#: Steps of a long run, in which what fades late shows: 0.999^t, or a number of steps that is round.
MANY = 1100

#: The rules are computed in float64, and sums in another order differ by less.
NINE_DIGITS = 1e-9


def torchs_updates(name: str, gradients: Tensor, rates: Tensor | float) -> Tensor:
    """The updates of torch's optimizer, with a rate or one for each step."""
    theta = torch.zeros_like(gradients[0])
    optimizer, found = TORCHS[name]([theta], lr=0.0), []
    for gradient, rate in zip(
        gradients, torch.as_tensor(rates).expand(len(gradients)), strict=True
    ):
        theta.zero_()  # each update is read off by itself, to the last digit
        theta.grad = gradient.clone()
        optimizer.param_groups[0]["lr"] = float(rate)
        optimizer.step()
        found.append(theta.clone())
    return torch.stack(found)


class RuleExam:
    """What the exams of the rules share.

    Args:
        name: the rule. options: for the student's function.
        mistakes: known ones, by what to say of each: the updates that it makes of gradients, at
            rates of as many dimensions. One that has cost a criterion costs no other: from then
            on, its updates are expected.
    """

    def __init__(
        self, name: str, generator: torch.Generator, ask: Callable, mistakes: Callable, **options
    ):
        self.name, self.generator, self.ask, self.options = name, generator, ask, options
        self.mistakes, self.made = mistakes, ""

    def question(self, shape: tuple, sizes: tuple = (0, 2), steps: int = STEPS) -> dict:
        """Gradients with sizes between two powers of ten, and one rate."""
        low, high = sizes
        full = (steps, *shape)
        size = 10 ** (low + (high - low) * torch.rand(full, generator=self.generator).double())
        sign = torch.randint(2, full, generator=self.generator) * 2 - 1
        rate = rate_near(0.1, self.generator).double()
        return {"gradients": sign * size, "rates": rate.repeat(steps)} | self.options

    def special(self) -> Iterator[tuple[dict, str, str]]:
        """Questions that a rule may answer wrongly which is right elsewhere, and what to say.

        The gradients are so large that an epsilon of 1e-8 does not show.
        """
        large = (4, 6)
        asked = self.question((2, 3), large) | {"probe_turned": True}
        yield asked, ", in memory as a transposed view", "view() asks for memory row by row"
        asked = self.question((3,), large)
        asked["rates"] = asked["rates"] * torch.linspace(2, 0, STEPS).double()
        asked["rates"][4:6] = 0
        idea = "the rate belongs to the update of its step; what is remembered has no rate in it"
        yield asked, ", another rate at each step, 0 at steps 5 and 6 and at the last", idea
        asked = self.question((3,), large)
        asked["gradients"][4:8, 1], asked["gradients"][5:7] = 0, 0
        asked["gradients"][9] *= 1e-30
        idea = "a gradient of zero is a gradient like any other: what is remembered goes on"
        words = "the second coordinate's gradient zero in steps 5 to 8, all in 6 and 7; tiny in 10"
        yield asked, ", " + words, idea
        yield (
            self.question((2,), (30, 60)),
            ", very large",
            "1e60 is a number in float64, " + NOT_32,
        )
        asked = self.question((3,), large)
        asked["gradients"][2:, 1] = math.inf
        idea = "a coordinate that has diverged must not reach the others"
        yield (
            asked,
            ", the second coordinate's infinite from step 3 on; the others are judged",
            idea,
        )
        yield self.question((), large, MANY), "", "nothing changes late in a run"
        asked = self.question((3,), large)
        asked["gradients"] = asked["gradients"].abs().float()  # nothing cancels
        yield asked, "", "the gradients are float32 here"

    def judge(self, asked: dict, idea: str, words: str = "", tolerance: float = TOLERANCE) -> dict:
        """Compare every single update: each differs in size, and each must be right."""
        gradients, rates = asked["gradients"], asked["rates"]
        steps, shape = len(gradients), tuple(gradients.shape[1:])
        kind = str(gradients.dtype).removeprefix("torch.")
        given = f"gradients of shape {shape}, {steps} steps, rate {rates[0]:.4g}, {kind}{words}"
        reply = told(self.ask, asked, given)
        got, expected = reply["updates"], torchs_updates(self.name, gradients.double(), rates)
        if _error(got, expected) > tolerance:
            known = self.mistakes(gradients.double(), rates.view(-1, *[1] * len(shape)))
            expected = known.get(self.made, expected)
            idea = self._recognised(got, expected, known) or idea
        if TOLERANCE > _error(got, expected) > tolerance:
            idea = f"this is right to {-math.log10(_error(got, expected)):.0f} digits: {NOT_32}"
        if got[~expected.isfinite()].isfinite().any():
            idea = "torch's update for an infinite gradient is infinite or NaN, and so are the next"
            raise Lost("finite updates after an infinite gradient", "none", given, idea)
        step = _first_wrong(got, expected, tolerance)
        right = expected[step].isfinite()
        scale = expected[step][right].abs().clamp(min=1e-300)
        close(
            got[step][right] / scale,
            expected[step][right] / scale,
            what=f"update {step + 1} (as a share of torch's)",
            given=given,
            idea=idea,
            tolerance=tolerance,
        )
        return reply | {"given": given}

    def _recognised(self, got: Tensor, expected: Tensor, known: dict[str, Tensor]) -> str:
        """What to say of a known mistake, which is remembered, or of the same factor everywhere."""
        for say, wrong in known.items():
            if _same(got, wrong):
                self.made = say
                return say
        factor = float((got * expected).sum() / expected.square().sum())
        if abs(factor - 1) > TOLERANCE and _same(got, factor * expected):
            return (
                f"each update is {factor:.4g} times the right one; the same factor at every step "
                "comes from the rate, which is an argument, or from its sign"
            )
        return ""

    def judge_special(self) -> None:
        """The same for `special` questions."""
        for asked, words, idea in self.special():
            digits = NINE_DIGITS if asked["gradients"].dtype == torch.float64 else TOLERANCE
            self.judge(asked, idea, words, digits)

    def judge_states(self) -> None:
        """Old states stay good, two runs do not mix, nothing given is changed, all is constant."""
        asked = self.question((2, 3))
        asked["probe_other"] = drawn((STEPS, 2), self.generator).double()
        reply = self.judge(
            asked,
            "the updates are wrong once a second run takes its steps in between; or they are wrong "
            "anyway: begin with the criterion above",
        )
        idea = (
            "operations such as mul_(), += or state['t'] = ... write into the state that was "
            "given; compute a new one, and keep nothing outside of it"
        )
        close(
            reply["again"],
            reply["updates"],
            what="the updates of the same steps, from the same states, once more",
            given=reply["given"] + "; once more inside torch.no_grad()",
            idea=idea,
        )
        must_be_kept(
            reply["changed"],
            reply["given"],
            idea + "; gradient *= ... writes into what was given, and out=... into what was "
            "returned before",
        )
        if reply["with_graph"]:
            raise Lost(
                f"with a graph: {' and '.join(reply['with_graph'])}",
                "constants, since the gradients are constants",
                reply["given"],
                "nothing in a rule's state requires a gradient",
            )


#: What to say of too few digits.
NOT_32 = (
    "something on the way is float32, such as float(), a tensor made without the gradient's dtype, "
    "or a count t in a float32 tensor"
)


def _first_wrong(got: Tensor, expected: Tensor, tolerance: float) -> int:
    """The first step with an update that is off, as a share of its own size; 0 if there is none."""
    off = (got - expected).abs() / expected.abs().clamp(min=1e-300)
    wrong = expected.isfinite() & ~(off <= tolerance)
    return int(wrong.view(len(wrong), -1).any(1).int().argmax())


def _error(got: Tensor, expected: Tensor) -> float:
    """How far updates are off, each as a share of its own size."""
    scale = expected.abs().clamp(min=1e-300)
    return error(got / scale, expected / scale)


def _same(got: Tensor, wrong: Tensor) -> bool:
    """Whether all updates agree, each to its own size."""
    return _error(got, wrong) < TOLERANCE


def running(gradients: Tensor, start: Tensor, keep: float, add: float) -> Tensor:
    """x_t = keep * x_{t-1} + add * gradient_t, from a start."""
    found = []
    for gradient in gradients:
        start = keep * start + add * gradient
        found.append(start)
    return torch.stack(found)


def exam_momentum(generator, ask, report):
    """Momentum; NAG; states."""

    def mistakes(gradients: Tensor, rate: Tensor) -> dict[str, Tensor]:
        zero = torch.zeros_like(gradients[0])
        buffers = running(gradients, zero, 0.9, 1.0)
        before = torch.cat([zero[None], buffers[:-1]])
        damped = running(gradients, zero, 0.9, 0.1)
        return {
            "the sign is wrong: updates are added, so they lead downhill": rate * buffers,
            "the gradient enters with the weight 0.1 here; torch's buffer adds it in full": (
                -rate * damped
            ),
            "this update uses the buffer before the gradient was added": -rate * before,
            "this is momentum without the step ahead; NAG adds 0.9 b_t to the gradient": (
                -rate * buffers
            ),
            "this is NAG; momentum without nesterov is the buffer alone": (
                -rate * (gradients + 0.9 * buffers)
            ),
            "the step ahead starts from the new buffer: nabla_t + 0.9 b_t, not nabla_t + "
            "0.9 b_(t-1), which is b_t itself": -rate * (gradients + 0.9 * before),
            "this is b_t + 0.9 b_t; NAG is nabla_t + 0.9 b_t": -rate * 1.9 * buffers,
        }

    idea = (
        "the buffer is 0.9 times the last one plus the gradient, and starts as the first gradient"
    )
    plain, nag = (
        RuleExam("momentum", generator, ask, mistakes),
        RuleExam("nag", generator, ask, mistakes, nesterov=True),
    )
    with report.criterion("momentum is torch's", 0.5):
        for shape in ((3,), (), (2, 2)):
            plain.judge(plain.question(shape), idea)
        plain.judge_special()
    with report.criterion("with nesterov=True it is torch's NAG", 0.25):
        for shape in ((3,), (), (2, 2)):
            nag.judge(nag.question(shape), idea + "; NAG's direction is nabla_t + 0.9 b_t")
        nag.judge_special()
    with report.criterion("momentum leaves old states and other runs alone", 0.25):
        plain.judge_states()
        nag.judge_states()


def exam_rmsprop(generator, ask, report):
    """Its updates; small gradients; states."""

    def mistakes(gradients: Tensor, rate: Tensor) -> dict[str, Tensor]:
        zero = torch.zeros_like(gradients[0])
        square = running(gradients**2, zero, 0.99, 0.01)
        filled = begun(gradients**2, 0.99, 0.01)
        tenth = running(gradients**2, zero, 0.9, 0.1)
        return {
            "the sign is wrong: updates are added": rate * gradients / (square.sqrt() + 1e-8),
            "the running mean starts at zero, not at the first square": (
                -rate * gradients / (filled.sqrt() + 1e-8)
            ),
            "this decays with 0.9, as in the first slides on RMSprop; torch's alpha is 0.99": (
                -rate * gradients / (tenth.sqrt() + 1e-8)
            ),
            "the root is missing": -rate * gradients / (square + 1e-8),
            "the 1e-8 is added to the root, not under it": (
                -rate * gradients / (square + 1e-8).sqrt()
            ),
            "the 1e-8 is missing": -rate * gradients / square.sqrt(),
        }

    exam = RuleExam("rmsprop", generator, ask, mistakes)
    idea = (
        "v is 0.99 v + 0.01 nabla^2 from v = 0; then the update is -rate nabla / (sqrt(v) + 1e-8)"
    )
    with report.criterion("RMSprop is torch's, for small gradients too", 0.25):
        for shape, sizes in (((3,), (0, 2)), ((), (0, 2)), ((2, 2), (-9, -6))):
            exam.judge(exam.question(shape, sizes), idea)
        _at_zero(exam, idea)
        exam.judge_special()
    with report.criterion("RMSprop leaves old states and other runs alone", 0.25):
        exam.judge_states()


def adams_mistakes(gradients: Tensor, rate: Tensor) -> dict[str, Tensor]:
    """What known mistakes make of Adam's updates."""
    zero, squares = torch.zeros_like(gradients[0]), gradients**2
    mean, square = running(gradients, zero, 0.9, 0.1), running(squares, zero, 0.999, 0.001)
    full, full_square = begun(gradients, 0.9, 0.1), begun(squares, 0.999, 0.001)
    t = torch.arange(1, len(gradients) + 1).double().view(-1, *[1] * zero.ndim)

    def updates(
        mean: Tensor = mean, square: Tensor = square, t: Tensor = t, decays: tuple = (0.9, 0.999)
    ) -> Tensor:
        m, v = (x / (1 - b**t) for x, b in zip((mean, square), decays, strict=True))
        return -rate * m / (v.sqrt() + 1e-8)

    v = square / (1 - 0.999**t)
    late = (1 - 0.999**t).sqrt() / (1 - 0.9**t)
    other_decays = running(gradients, zero, 0.999, 0.001), running(squares, zero, 0.9, 0.1)
    return {
        "the sign is wrong: updates are added": -updates(),
        "the correction is missing: divide u by 1 - 0.9^t and v by 1 - 0.999^t": (
            -rate * mean / (square.sqrt() + 1e-8)
        ),
        "the count is one ahead: the first step is t = 1": updates(t=t + 1),
        "the count is one behind: the first step is t = 1": torch.cat(
            [torch.zeros_like(mean[:1]), updates(t=t - 1)[1:]]
        ),
        "u starts at zero, not at the first gradient": updates(mean=full),
        "v starts at zero, not at the first square": updates(square=full_square),
        "u and v start at zero, not at the first gradient and its square": updates(
            full, full_square
        ),
        "the decays have changed places: 0.9 is that of u, 0.999 that of v": updates(
            *other_decays, decays=(0.999, 0.9)
        ),
        "v decays with 0.999 here, not with RMSprop's 0.99": updates(
            square=running(squares, zero, 0.99, 0.01), decays=(0.9, 0.99)
        ),
        "what is remembered are u and v themselves; they are corrected for the update alone": (
            updates(*(corrected(*each) for each in ((gradients, 0.9), (squares, 0.999))))
        ),
        "only v is corrected; u starts too small as well": -rate * mean / (v.sqrt() + 1e-8),
        "only u is corrected; v starts too small as well": (
            -rate * mean / (1 - 0.9**t) / (square.sqrt() + 1e-8)
        ),
        "the root is missing": -rate * mean / (1 - 0.9**t) / (v + 1e-8),
        "the 1e-8 is added to the root, not under it": (
            -rate * mean / (1 - 0.9**t) / (v + 1e-8).sqrt()
        ),
        "the 1e-8 is missing": -rate * mean / (1 - 0.9**t) / v.sqrt(),
        "the 1e-8 is added to the root of the corrected v, not of v itself": (
            -rate * late * mean / (square.sqrt() + 1e-8)
        ),
    }


def begun(values: Tensor, keep: float, add: float) -> Tensor:
    """A running mean that starts as the first value."""
    return torch.cat([values[:1], running(values[1:], values[0], keep, add)])


def corrected(values: Tensor, keep: float) -> Tensor:
    """A running mean, where each step begins with the corrected one; as it is before correction."""
    x, found = torch.zeros_like(values[0]), []
    for t, value in enumerate(values, start=1):
        found.append(keep * x + (1 - keep) * value)
        x = found[-1] / (1 - keep**t)
    return torch.stack(found)


def exam_adam(generator, ask, report):
    """Its updates; small gradients; states."""

    exam = RuleExam("adam", generator, ask, adams_mistakes)
    idea = "u and v start at zero, each step adds to them, and the first step is number t = 1"
    with report.criterion("Adam is torch's", 0.5):
        for shape in ((3,), (), (2, 2)):
            exam.judge(exam.question(shape), idea)
        exam.judge_special()
    with report.criterion("Adam is torch's for very small gradients, and for zero", 0.25):
        idea = (
            "eps = 1e-8 stands outside of the root, beside the root of the corrected v; or Adam is "
            "wrong anyway: begin with the criterion above"
        )
        exam.judge(exam.question((4,), (-10, -7)), idea)
        # Whoever takes no step where all gradients are zero has lost the criterion before.
        _at_zero(exam, idea, rest=0 if report.criteria[0].lost else 2)
    with report.criterion("Adam leaves old states and other runs alone", 0.25):
        exam.judge_states()


def _at_zero(exam: RuleExam, idea: str, rest: int = 2) -> None:
    """A coordinate whose gradient is zero for ever stays where it is, and all do for a while."""
    asked = exam.question((3,))
    asked["gradients"][:, 1], asked["gradients"][:rest] = 0, 0
    exam.judge(asked, idea, f", the second coordinate's zero, as are all in the first {rest} steps")
