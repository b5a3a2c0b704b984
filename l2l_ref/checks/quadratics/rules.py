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
    """

    def __init__(self, name: str, generator: torch.Generator, ask: Callable, **options):
        self.name, self.generator, self.ask, self.options = name, generator, ask, options

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
        idea = "the rate belongs to the update of its step; what is remembered has no rate in it"
        yield asked, ", another rate at each step, the last one 0", idea
        asked = self.question((3,), large)
        asked["gradients"][4:8, 1] = 0
        idea = "a gradient of zero is a gradient like any other: what is remembered goes on"
        yield asked, ", the second coordinate's gradient zero in steps 5 to 8", idea
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

    def judge(
        self,
        asked: dict,
        mistakes: Callable,
        idea: str,
        words: str = "",
        tolerance: float = TOLERANCE,
    ) -> dict:
        """Compare every single update: each differs in size, and each must be right."""
        gradients, rates = asked["gradients"], asked["rates"]
        steps, shape = len(gradients), tuple(gradients.shape[1:])
        kind = str(gradients.dtype).removeprefix("torch.")
        given = f"gradients of shape {shape}, {steps} steps, rate {rates[0]:.4g}, {kind}{words}"
        reply = told(self.ask, asked, given)
        expected = torchs_updates(self.name, gradients.double(), rates)
        got = reply["updates"]
        known = mistakes(gradients, rates.view(-1, *[1] * len(shape)))
        factor = float((got * expected).sum() / expected.square().sum())
        if abs(factor - 1) > TOLERANCE:
            known[
                f"each update is {factor:.4g} times the right one; the same factor at every step "
                "comes from the rate, which is an argument, or from its sign"
            ] = factor * expected
        idea = next((say for say, wrong in known.items() if _same(got, wrong)), idea)
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

    def judge_special(self) -> None:
        """The same for `special` questions."""
        for asked, words, idea in self.special():
            begin = "; or the updates are wrong anyway: look at what is said of other gradients"
            digits = NINE_DIGITS if asked["gradients"].dtype == torch.float64 else TOLERANCE
            self.judge(asked, lambda gradients, rates: {}, idea + begin, words, digits)

    def judge_states(self) -> None:
        """Old states stay good, two runs do not mix, nothing given is changed, all is constant."""
        asked = self.question((2, 3))
        asked["probe_other"] = drawn((STEPS, 2), self.generator).double()
        reply = self.judge(
            asked,
            lambda gradients, rates: {},
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
        RuleExam("momentum", generator, ask),
        RuleExam("nag", generator, ask, nesterov=True),
    )
    with report.criterion("momentum is torch's", 0.5):
        for shape in ((3,), (), (2, 2)):
            plain.judge(plain.question(shape), mistakes, idea)
        plain.judge_special()
    with report.criterion("with nesterov=True it is torch's NAG", 0.5):
        for shape in ((3,), (), (2, 2)):
            nag.judge(
                nag.question(shape), mistakes, idea + "; NAG's direction is nabla_t + 0.9 b_t"
            )
        nag.judge_special()
    with report.criterion("momentum leaves old states and other runs alone", 0.5):
        plain.judge_states()
        nag.judge_states()


def exam_rmsprop(generator, ask, report):
    """Its updates; small gradients; states."""

    def mistakes(gradients: Tensor, rate: Tensor) -> dict[str, Tensor]:
        zero = torch.zeros_like(gradients[0])
        square = running(gradients**2, zero, 0.99, 0.01)
        filled = running(gradients[1:] ** 2, gradients[0] ** 2, 0.99, 0.01)
        filled = torch.cat([gradients[:1] ** 2, filled])
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

    exam = RuleExam("rmsprop", generator, ask)
    idea = (
        "v is 0.99 v + 0.01 nabla^2 from v = 0; then the update is -rate nabla / (sqrt(v) + 1e-8)"
    )
    with report.criterion("RMSprop is torch's, for small gradients too", 0.5):
        for shape, sizes in (((3,), (0, 2)), ((), (0, 2)), ((2, 2), (-9, -6))):
            exam.judge(exam.question(shape, sizes), mistakes, idea)
        _at_zero(exam, idea)
        exam.judge_special()
    with report.criterion("RMSprop leaves old states and other runs alone", 0.5):
        exam.judge_states()


def exam_adam(generator, ask, report):
    """Its updates; small gradients; states."""

    def mistakes(gradients: Tensor, rate: Tensor) -> dict[str, Tensor]:
        zero = torch.zeros_like(gradients[0])
        mean = running(gradients, zero, 0.9, 0.1)
        square = running(gradients**2, zero, 0.999, 0.001)
        t = torch.arange(1, STEPS + 1).double().view(-1, *[1] * zero.ndim)

        def updates(t: Tensor, eps_inside: bool = False, eps: float = 1e-8) -> Tensor:
            m, v = mean / (1 - 0.9**t), square / (1 - 0.999**t)
            root = (v + eps).sqrt() if eps_inside else v.sqrt() + eps
            return -rate * m / root

        late = (1 - 0.999**t).sqrt() / (1 - 0.9**t)
        return {
            "the sign is wrong: updates are added": -updates(t),
            "the correction is missing: divide m by 1 - 0.9^t and v by 1 - 0.999^t": (
                -rate * mean / (square.sqrt() + 1e-8)
            ),
            "the count is one ahead: the first step is t = 1": updates(t + 1),
            "only v is corrected; m starts too small as well": (
                -rate * mean / ((square / (1 - 0.999**t)).sqrt() + 1e-8)
            ),
            "only m is corrected; v starts too small as well": (
                -rate * mean / (1 - 0.9**t) / (square.sqrt() + 1e-8)
            ),
            "the 1e-8 is added to the root, not under it": updates(t, eps_inside=True),
            "the 1e-8 is missing": updates(t, eps=0.0),
            "the 1e-8 is added to the root of the corrected v, not of v itself": (
                -rate * late * mean / (square.sqrt() + 1e-8)
            ),
        }

    exam = RuleExam("adam", generator, ask)
    idea = "m and v start at zero, each step adds to them, and the first step is number t = 1"
    with report.criterion("Adam is torch's", 0.5):
        for shape in ((3,), (), (2, 2)):
            exam.judge(exam.question(shape), mistakes, idea)
        exam.judge_special()
    with report.criterion("Adam is torch's for very small gradients, and for zero", 0.5):
        idea = (
            "eps = 1e-8 stands outside of the root, beside the root of the corrected v; or Adam is "
            "wrong anyway: begin with the criterion above"
        )
        exam.judge(exam.question((4,), (-10, -7)), mistakes, idea)
        _at_zero(exam, idea)
    with report.criterion("Adam leaves old states and other runs alone", 0.5):
        exam.judge_states()


def _at_zero(exam: RuleExam, idea: str) -> None:
    """A coordinate whose gradient is zero for ever stays where it is."""
    asked = exam.question((3,))
    asked["gradients"][:, 1] = 0
    exam.judge(asked, lambda gradients, rates: {}, idea)
