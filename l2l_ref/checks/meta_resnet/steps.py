"""The questions of exercise 06 on steps in the graph: one, and several with their statistics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..answering import doubled
from ..examining import (
    TOLERANCE,
    Failed,
    Lost,
    error,
    must_be_kept,
    normal,
    rate_near,
    recognise,
    told,
    whole,
)
from ..wire import Tensors
from .building import one_thread
from .exact import (
    EXACT,
    Run,
    agree,
    all_close,
    must_have_none,
    must_not_remember,
    numbers_for,
)
from .networks import KINDS

# 5 and 6. One step, and several

MOMENTA = ([0.1, 0.4], [None, 0.3], [0.25, None])
SHORTCUT = "block.shortcut.weight"
FROZEN = {"residual": {SHORTCUT, "bn1.bias", "fc.weight"}, "deep": {"gains.4.weight"}}
FROZEN_LATER = {"fc.bias", "gains.7.weight"}  # when a network is asked about again

#: What the last layer's weight is multiplied with, in words. At 0 most slopes are exactly 0.
HEADS = {1.0: "", 0.0: ", with a last layer of zeros,", 300.0: ", with weights of some hundreds,"}


@dataclass(frozen=True)
class Case:
    """What a network is, and how it is asked.

    Args:
        kind: of the network. frozen: whether some weights are. head: see `HEADS`.
        rate_is, weights_are, first_order, precision: see `run_loss_after_step`.
        rate: its value; None for one that is drawn. pixel: the same for the first one of x.
        sizes: of the batches. later: whether the question is put again with other weights, of
            which others are frozen.
    """

    kind: str = "residual"
    training: bool = True
    frozen: bool = False
    first_order: bool | None = None
    weights_are: str = "leaves"
    rate_is: str = "a leaf"
    rate: float | None = None
    head: float = 1.0
    pixel: float | None = None
    sizes: tuple = (6, 4)
    precision: str = "float64"
    later: bool = False

    @property
    def given(self) -> str:
        """All of it in words."""
        frozen = " and frozen weights" if self.frozen else ""
        mode = f"in {'training' if self.training else 'eval'} mode"
        order = "" if self.first_order is None else f"first_order={self.first_order}"
        rate = "" if self.rate is None else f" {self.rate:g}"
        sizes = " and ".join(map(str, self.sizes)) if len(self.sizes) < 5 else len(self.sizes)
        pixel = "" if self.pixel is None else f", one pixel of the first is {self.pixel:g}"
        return (
            f"{NETWORKS[self.kind]}{frozen}{HEADS[self.head]} {mode}, in {self.precision}; its "
            f"weights are {self.weights_are}; {order or 'the default order'}; the rate{rate} is "
            f"{self.rate_is}; batches: {sizes or 'none'}{pixel}"
        )

    @property
    def asked(self) -> dict:
        """What the answering side is told, besides a `problem`."""
        names = ("kind", "training", "first_order", "weights_are", "rate_is", "precision")
        return {name: getattr(self, name) for name in names}


NETWORKS = {
    "residual": "a residual network with two batch norms",
    "deep": "a network of many layers with a batch norm",
    "tied": "a network in which two layers have one weight, and two modules one constant",
    "unused": "a network with a weight that no loss reaches, and one that only even batches reach",
    "no_key": "a network with a weight and a statistic that are not in its state dict",
    "renewing": "a network that puts a new tensor in the place of a statistic",
    "mixed": "a network whose batch norm is in the other mode than the rest, which is",
}


def problem(generator, sizes: list[int], frozen: set[str], kind: str = "residual") -> dict:
    """A network and batches of these sizes."""
    network = KINDS[kind]([0.1, 0.1])
    numbers = numbers_for(network, generator, without_key=True)
    # small ones, so that rounding does not grow from layer to layer and from step to step
    numbers |= {name: w / 4 for name, w in numbers.items() if name.startswith("gains")}
    weights = {name for name, b in network.named_buffers() if b.requires_grad}
    weights -= frozen
    return {
        "weights": {name: numbers[name] for name in numbers if name in weights},
        "constants": {name: numbers[name] for name in numbers if name not in weights},
        "x": [torch.randn((size, 2, 6, 5), generator=generator) for size in sizes],
        "y": [torch.randint(5, (size,), generator=generator) for size in sizes],
        "rate": rate_near(0.5, generator).double() * (1 + 2.5e-8),  # float32 rounds it
        "momenta": MOMENTA[whole(0, 2, generator)],
    }


def problem_of(case: Case, generator) -> dict:
    """The network and the batches of a case."""
    frozen = FROZEN[case.kind] if case.frozen else set()
    asked = problem(generator, list(case.sizes), frozen, case.kind)
    if case.rate is not None:
        asked["rate"] = torch.tensor(case.rate)
    if case.pixel is not None:
        asked["x"][0][0, 0, 0, 0] = case.pixel
    if "fc.weight" in asked["weights"]:
        asked["weights"]["fc.weight"] *= case.head
    return asked


def later_of(case: Case, generator) -> dict:
    """Other weights and constants for the network of a case, if it is asked about again."""
    if not case.later:
        return {}
    found = problem(generator, [], FROZEN_LATER, case.kind)
    return {part: found[part] for part in ("weights", "constants")}


def after_step(
    asked: Mapping, training: bool, first_order: bool = False, kind: str = "residual"
) -> dict[str, Tensor]:
    """The loss on the second batch after a step on the first, and its derivatives."""
    run = Run(asked, training, kind)
    run.step(asked["x"][0], asked["y"][0], first_order)
    loss = run.loss(asked["x"][1], asked["y"][1])
    return {"loss": loss.detach(), **run.slopes(loss)}


def mistaken_losses(asked: Mapping, case: Case) -> dict[str, dict[str, Tensor]]:
    """Losses that come from mistakes one knows."""

    def before(batch: int) -> Tensor:
        return Run(asked, case.training, case.kind).loss(*(asked[k][batch] for k in "xy")).detach()

    def after(changed: Mapping, training: bool = case.training) -> Tensor:
        return after_step(changed, training, kind=case.kind)["loss"]

    swapped = {k: asked[k][::-1] if k in "xy" else asked[k] for k in asked}
    one_batch = {k: asked[k][:1] * 2 if k in "xy" else asked[k] for k in asked}
    found = {
        "this is the loss before the step": before(1),
        "this is the loss that the step is taken on": before(0),
        "the two batches have changed places": after(swapped),
        "this is the loss on the batch of the step itself": after(one_batch),
        "the step goes uphill": after(dict(asked) | {"rate": -asked["rate"]}),
        "the network was called in another mode than it is in": after(asked, not case.training),
    }
    return {say: {"loss": loss} for say, loss in found.items()}


STEP = (
    "every weight becomes weight - rate * slope, all at once, and the loss on the other batch is "
    "computed with the new ones"
)
TURNED = "the network is called in the mode that it is in; in eval mode its statistics stay"
AS_IT_WAS = (
    "calling a network moves the running statistics that it finds, where it is in training mode: "
    "whose are they? What you exchange goes back, whatever happens. backward() leaves a .grad"
)
UNREACHED = (
    "a weight that the loss on a batch does not reach has the slope 0 there: what does "
    "autograd.grad do with it unless told otherwise?"
)
AGAIN = "then asked again with other weights in the same network, of which others are frozen"
FORGET = "what is kept outside of the function stays when it returns, and belongs to this call"

DEEP = Case("deep")
LOSSES = (
    Case(),
    Case(training=False, rate_is="a number"),
    Case(frozen=True, first_order=True, rate_is="a constant"),
    Case(weights_are="results"),
    Case("tied"),
    Case("mixed"),
    Case("mixed", training=False, rate_is="a number"),
    Case("no_key"),
    replace(DEEP, frozen=True, training=False, sizes=(1, 1), later=True),
    replace(DEEP, precision="float32", rate_is="a number"),
    replace(DEEP, head=300.0),
    replace(DEEP, rate=float("nan"), rate_is="a number"),
    replace(DEEP, pixel=float("inf")),
)
SECOND_ORDER = (
    Case(),
    Case(training=False, rate=0.0),
    Case(frozen=True, first_order=False),
    replace(DEEP, rate=-0.3, head=0.0),
    replace(DEEP, rate_is="a number"),
    Case("unused", weights_are="results", rate_is="a result", sizes=(3, 4)),
)
FIRST_ORDER = (
    Case(first_order=True),
    Case(first_order=True, training=False, rate=0.0),
    Case(first_order=True, weights_are="results", rate_is="a result"),
    replace(DEEP, first_order=True, rate_is="a constant"),
)


def exam_step(generator, ask, report):
    """The loss; second order; first order."""
    one_thread()
    with report.criterion("one step: the loss after it; the network is as it was", 1):
        for case in LOSSES:
            judge_loss(case, generator, ask, slopes=False)
        for batch in range(2):
            judge_broken(DEEP, batch, generator, ask, probe_later={})
    with report.criterion("one step, second order: the graph leads through the gradient", 1):
        for case in SECOND_ORDER:
            judge_loss(case, generator, ask)
    with report.criterion("one step, first order: the gradient counts as a constant", 1):
        for case in FIRST_ORDER:
            judge_loss(case, generator, ask)


def judge_loss(case: Case, generator, ask, slopes: bool = True) -> None:
    """Ask for the loss after a step, and compare it and its derivatives.

    Raises:
        Lost: they are others, or something has changed.
    """
    asked = problem_of(case, generator)
    later = later_of(case, generator)
    probes = {"probe_later": later, "probe_broken": False, "probe_forgets": case.later}
    reply = asked_of(case, ask, asked | case.asked | probes, f"; {AGAIN}" * case.later)
    compare_loss(case, asked, reply, case.given, slopes)
    if later:
        compare_loss(case, asked | later, reply["later"], f"{case.given}; {AGAIN}", slopes)
    if not slopes:
        must_be_kept(reply["changed"], case.given, AS_IT_WAS)
        must_not_remember(reply["remembered"], "the network or a batch", case.given, FORGET)


def asked_of(case: Case, ask: Callable, asked: dict, more: str = "") -> dict:
    """Put a question about a case.

    Raises:
        Failed: there was no answer.
    """
    try:
        return told(ask, asked, case.given + more)
    except Failed as failed:
        if case.kind == "unused" and "not have been used" in failed.found["came back"]:
            failed.found["look at"] = UNREACHED
        raise


def compare_loss(case: Case, asked: dict, reply: dict, given: str, slopes: bool) -> None:
    """A loss, and its derivatives if they are to be compared, must be those of a `Run`.

    Raises:
        Lost: they are others.
    """
    expected = after_step(asked, case.training, bool(case.first_order), case.kind)
    loss, idea = expected.pop("loss"), STEP
    exactly = EXACT if case.precision == "float64" else TOLERANCE
    if reply["loss"].dtype != getattr(torch, case.precision):
        came_back = f"a loss in {reply['loss'].dtype}"
        raise Lost(came_back, f"in {case.precision}", given, "numbers keep the network's dtype")
    if loss.isfinite() and error(reply["loss"], loss) > exactly:
        idea = recognise(reply, mistaken_losses(asked, case), STEP)
    agree(reply["loss"].double(), loss, "the loss", given, idea, exactly)
    if slopes:
        got = dict(reply["slopes"])
        if case.rate_is in ("a number", "a constant"):  # no graph can lead there
            got["the rate"] = expected["the rate"]
        idea = in_the_other_order(
            got,
            expected,
            lambda: after_step(asked, case.training, not case.first_order, case.kind),
            case.first_order,
        )
        all_close(none_as_zero(got, expected), expected, "d loss / d", given, idea)


def none_as_zero(got: Mapping[str, Tensor | None], expected: Tensors) -> dict[str, Tensor | None]:
    """The derivatives, where none is the same as one that is 0."""
    zero = {n: t for n, t in expected.items() if got[n] is None and not t.any()}
    return dict(got) | zero


def judge_broken(case: Case, batch: int, generator, ask, **probes) -> None:
    """Nothing may have changed when a batch cannot be computed.

    Raises:
        Lost: something has.
    """
    asked = problem_of(case, generator)
    asked["y"][batch] += 100  # there are five classes
    given = f"{case.given}; batch {batch} has labels that do not exist, so an error is raised"
    reply = told(
        ask, asked | case.asked | probes | {"probe_broken": True, "probe_forgets": False}, given
    )
    must_be_kept(reply["changed"], given, AS_IT_WAS)


def in_the_other_order(
    got: Mapping[str, Tensor | None],
    expected: Tensors,
    other: Callable[[], Tensors],
    first_order: bool | None,
) -> str:
    """What to look at when derivatives are wrong; ``other`` computes those of the other order."""
    if any(got[n] is None or error(got[n], expected[n]) > EXACT for n in expected):
        wrong = other()
        mistake = OTHER_ORDER[bool(first_order)]
        return recognise(got, {mistake: {name: wrong[name] for name in expected}}, graph_idea(got))
    return ""


OTHER_ORDER = {
    False: "these numbers take the gradient for a constant; it has a graph where one asks for it",
    True: "these numbers know how the gradient depends on the weights; in first order it counts "
    "as a constant",
}


def graph_idea(got: Mapping[str, Tensor | None]) -> str:
    """What to look at when derivatives are wrong."""
    if all(each is None for each in got.values()):
        return "no graph leads anywhere: detach(), .data, item(), no_grad() and copy_() cut it"
    if got["the rate"] is None:
        return "the rate must enter as the tensor it is: item() and float() give numbers"
    if any(each is None for each in got.values()):
        return "the new weight is computed from the old one, which must not be detached"
    return (
        "the loss depends on the first weights in two ways: through w - ..., and in second order "
        "through the gradient; batch norm's mean and variance belong to it"
    )


LOOPS = (
    Case(sizes=(6, 4, 5)),
    Case(sizes=(6, 4), training=False, rate_is="a number"),
    Case(sizes=(6,), frozen=True, first_order=False),
    Case(sizes=(6, 4, 5), first_order=True),
    Case(sizes=(6, 4, 5, 3), weights_are="results", rate_is="a result"),
    replace(DEEP, sizes=(2,) * 25, rate=0.1),
    replace(DEEP, sizes=(3, 2), first_order=True, head=300.0, rate=0.001),
    replace(DEEP, sizes=(3, 2), frozen=True, training=False, rate=0.0, later=True),
    replace(DEEP, sizes=(3, 2), precision="float32", rate_is="a constant"),
    Case("tied", sizes=(3, 2), rate_is="a number"),
    Case("unused", sizes=(3, 4), head=0.0),
    replace(DEEP, sizes=(2,), first_order=True, pixel=float("inf")),
)
STATISTICS = (
    Case(sizes=(6, 4, 5)),
    Case(sizes=(6, 4), later=True),
    Case(sizes=(6, 4, 5), training=False),
    Case(sizes=(6, 4, 5, 3), frozen=True),
    replace(DEEP, sizes=(2,) * 25, rate=0.1, first_order=True),
    Case("mixed", sizes=(3, 2, 2), training=False),
    Case("mixed", sizes=(3, 2)),
    Case("no_key", sizes=(3, 2)),
    Case("renewing", sizes=(3, 2)),
    Case("deep", sizes=(), frozen=True),
)


def exam_inner_loop(generator, ask, report):
    """The weights and their graph; the statistics."""
    one_thread()
    with report.criterion("inner loop: the weights at the end, and their graph", 1):
        for case in LOOPS:
            asked, reply = loop(case, generator, ask, later_of(case, generator))
            judge_theta(case, asked, reply)
        judge_broken(
            replace(DEEP, sizes=(3, 2)), 1, generator, ask, probes={}, probe_later={}, runs=1
        )
    with report.criterion("inner loop: the statistics go along, and are the run's own", 1):
        for case in STATISTICS:
            asked, reply = loop(case, generator, ask, later={})
            judge_rest(case, asked, reply)


def loop(case: Case, generator, ask, later: dict) -> tuple[dict, dict]:
    """A problem, and what the inner loop made of it, and of later tensors."""
    asked = problem_of(case, generator)
    probes = normal({name: w.shape for name, w in asked["weights"].items()}, generator)
    asked |= {"probes": probes, "probe_later": later, "runs": 2 if case.later else 1}
    probes = {"probe_broken": False, "probe_forgets": case.later}
    reply = asked_of(case, ask, asked | case.asked | probes, f"; {AGAIN}" * bool(later))
    must_be_kept(reply["changed"], case.given, AS_IT_WAS)
    return asked, reply


def ended(case: Case, asked: dict, first_order: bool, turned: bool = False) -> Run:
    """A run, in the other mode if turned."""
    run = Run(asked, case.training != turned, case.kind)
    for x, y in zip(asked["x"], asked["y"], strict=True):
        run.step(x, y, first_order)
    return run


def judge_theta(case: Case, asked: dict, reply: dict) -> None:
    """The weights at the end, and their derivatives, must be those of a `Run`.

    Raises:
        Lost: they are others.
    """

    def slopes(run: Run) -> Tensors:
        return run.slopes(
            sum((asked["probes"][n].double() * w).sum() for n, w in run.theta.items())
        )

    run, given = ended(case, asked, bool(case.first_order)), case.given
    theta, idea = {name: w.detach() for name, w in run.theta.items()}, STEP
    judge_dtypes(case, reply, "theta")
    if case.precision != "float64" or case.pixel is not None:
        for name in theta:
            first = asked["weights"][name].abs()  # which a step may cancel
            scale = float(first.max()) if first.numel() else 0.0
            agree(reply["theta"][name].double(), theta[name], name, given, STEP, TOLERANCE, scale)
        return
    if not case.training:
        mistake = {TURNED: ended(case, asked, False, turned=True).theta}
        idea = recognise(reply["theta"], mistake, STEP)
    all_close(reply["theta"], theta, "theta", given, idea)
    expected, got = slopes(run), dict(reply["slopes"])
    if case.rate_is == "a number" or not case.sizes:
        got["the rate"] = expected["the rate"]  # no graph can lead there
    idea = in_the_other_order(
        got, expected, lambda: slopes(ended(case, asked, not case.first_order)), case.first_order
    )
    all_close(got, expected, "the derivative of theta in", given, idea)
    if case.later:
        other = ended(case, asked | asked["probe_later"], bool(case.first_order)).theta
        theta = {name: w.detach() for name, w in other.items()}
        all_close(doubled(reply["later"]), theta, "theta", f"{given}; {AGAIN}", FORGET)
        must_not_remember(reply["remembered"], "the network or a batch", given, FORGET)


def judge_dtypes(case: Case, reply: dict, part: str) -> None:
    """What a run ends with must have the dtypes with which it began.

    Raises:
        Lost: it has others.
    """
    other = [name for name in reply["other_dtype"] if name in reply[part]]
    keep = "numbers keep the dtype of the network's tensor of that name; counts are whole"
    must_have_none(other, "in another dtype", "in the network's", case.given, keep)


def judge_rest(case: Case, asked: dict, reply: dict) -> None:
    """The other buffers must be as a `Run` leaves them, and the run's own.

    Raises:
        Lost: they are not.
    """
    given = case.given + ("; the loop is run twice" if case.later else "")
    goes_on = (
        "the statistics begin as the network's own, go from step to step, and move once in each; "
        "functional_call leaves in the dict it is given what the call has put there"
    )
    for name, value in ended(case, asked, bool(case.first_order)).rest.items():
        idea = goes_on if case.training else TURNED
        agree(reply["rest"][name].double(), value.double(), name, given, idea, EXACT)
    judge_dtypes(case, reply, "rest")
    must_have_none(reply["with_graph"], "with a graph", "constants", given, "rest holds no weights")
    must_have_none(
        reply["the_networks"],
        "in the memory of the network's own tensors",
        "tensors of the run's own",
        given,
        "the run has tensors of its own from its first step on; detach() alone shares the memory",
    )
