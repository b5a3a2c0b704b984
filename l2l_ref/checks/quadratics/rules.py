"""The exams of momentum, NAG, RMSprop and Adam in exercise 04: each update must be torch's."""

from collections.abc import Callable

import torch
from torch import Tensor

from ...minimizers import BASELINES
from ..examining import TOLERANCE, close, error, must_be_kept, rate_near
from ..lstm_questions import drawn

#: For each rule, torch's own.
TORCHS = {
    "momentum": BASELINES["momentum"],
    "nag": BASELINES["nag"],
    "rmsprop": BASELINES["rmsprop"],
    "adam": BASELINES["adam"],
}

STEPS = 12


def torchs_updates(name: str, gradients: Tensor, rate: float) -> Tensor:
    """The updates of torch's optimizer, in float64."""
    theta = torch.zeros_like(gradients[0])
    optimizer, found = TORCHS[name]([theta], lr=rate), []
    for gradient in gradients:
        theta.zero_()  # each update is read off by itself, to the last digit
        theta.grad = gradient.clone()
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

    def question(self, shape: tuple, sizes: tuple = (0, 2)) -> dict:
        """Gradients with sizes between two powers of ten, and a second run of another shape."""
        low, high = sizes
        full = (STEPS, *shape)
        size = 10 ** (low + (high - low) * torch.rand(full, generator=self.generator).double())
        sign = torch.randint(2, full, generator=self.generator) * 2 - 1
        return {
            "gradients": sign * size,
            "rate": float(rate_near(0.1, self.generator)),
            "probe_other": drawn((STEPS, 2), self.generator).double(),
        } | self.options

    def judge(self, asked: dict, mistakes: Callable, idea: str) -> dict:
        """Compare every single update: each differs in size, and each must be right."""
        reply = self.ask(**asked)
        gradients = asked["gradients"]
        expected = torchs_updates(self.name, gradients, asked["rate"])
        shape = tuple(gradients.shape[1:])
        given = f"gradients of shape {shape}, {STEPS} steps, rate {asked['rate']:.4g}, float64"
        got = reply["updates"]
        known = mistakes(gradients, asked["rate"])
        factor = float((got * expected).sum() / expected.square().sum())
        if abs(factor - 1) > TOLERANCE:
            known[
                f"each update is {factor:.4g} times the right one; the same factor at every step "
                "comes from the rate, which is an argument, or from its sign"
            ] = factor * expected
        for say, wrong in known.items():
            if _same(got, wrong):
                idea = say
                break
        for step in range(STEPS):
            scale = expected[step].abs().clamp(min=1e-300)
            close(
                got[step] / scale,
                expected[step] / scale,
                what=f"update {step + 1} (as a share of torch's)",
                given=given,
                idea=idea,
            )
        return reply | {"given": given}

    def judge_states(self) -> None:
        """Old states stay good, two runs do not mix, nothing given is changed."""
        asked = self.question((2, 3))
        reply = self.judge(
            asked,
            lambda gradients, rate: {},
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
            given=reply["given"],
            idea=idea,
        )
        must_be_kept(reply["changed"], reply["given"], "gradient *= ... writes into what was given")


def _same(got: Tensor, wrong: Tensor) -> bool:
    """Whether all updates agree, each to its own size."""
    scale = wrong.abs().clamp(min=1e-300)
    return error(got / scale, wrong / scale) < TOLERANCE


def running(gradients: Tensor, start: Tensor, keep: float, add: float) -> Tensor:
    """x_t = keep * x_{t-1} + add * gradient_t, from a start."""
    found = []
    for gradient in gradients:
        start = keep * start + add * gradient
        found.append(start)
    return torch.stack(found)


def exam_momentum(generator, ask, report):
    """Momentum; NAG; states."""

    def mistakes(gradients: Tensor, rate: float) -> dict[str, Tensor]:
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
            "the step ahead starts from the new buffer: g + 0.9 b_t, not g + 0.9 b_(t-1), which is "
            "b_t itself": -rate * (gradients + 0.9 * before),
            "this is b_t + 0.9 b_t; NAG is g_t + 0.9 b_t": -rate * 1.9 * buffers,
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
    with report.criterion("with nesterov=True it is torch's NAG", 0.5):
        for shape in ((3,), (), (2, 2)):
            nag.judge(nag.question(shape), mistakes, idea + "; NAG's direction is g_t + 0.9 b_t")
    with report.criterion("momentum leaves old states and other runs alone", 0.5):
        plain.judge_states()
        nag.judge_states()


def exam_rmsprop(generator, ask, report):
    """Its updates; small gradients; states."""

    def mistakes(gradients: Tensor, rate: float) -> dict[str, Tensor]:
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
    idea = "v is 0.99 v + 0.01 g^2 from v = 0, and then the update is -rate g / (sqrt(v) + 1e-8)"
    with report.criterion("RMSprop is torch's, for small gradients too", 0.5):
        for shape, sizes in (((3,), (0, 2)), ((), (0, 2)), ((2, 2), (-9, -6))):
            exam.judge(exam.question(shape, sizes), mistakes, idea)
        _at_zero(exam, idea)
    with report.criterion("RMSprop leaves old states and other runs alone", 0.5):
        exam.judge_states()


def exam_adam(generator, ask, report):
    """Its updates; small gradients; states."""

    def mistakes(gradients: Tensor, rate: float) -> dict[str, Tensor]:
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
    exam.judge(asked, lambda gradients, rate: {}, idea)
