"""The examining side of exercise 01: questions 4 and 5, on training that is itself differentiated,
and all questions with their points."""

import re
from itertools import zip_longest

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from ..examining import (
    Check,
    Lost,
    Question,
    close,
    recognise,
    show,
    told,
)
from .given import higher
from .kinds import exam_kind
from .networks import build
from .putting import exam_put
from .rates import exam_learn_rates
from .run import (
    run_first_order,
    run_kind,
    run_learn_rates,
    run_loss_after,
    run_put,
    run_sgd_step,
)
from .steps import UPHILL, exam_sgd_step, first_of, must_stay, paid_for, told_why
from .suspects import run_slopes_are_right
from .testing import exam_slopes_are_right
from .trainings import (
    DIVERGING,
    FIRST_ORDER,
    FROZEN,
    HOLDING,
    IN_MIXED_MODES,
    KEPT,
    LOSSES,
    NO_SLOPE,
    NO_STEP,
    PLAIN,
    SLOPES,
    SLOPES_WITH_BUFFERS,
    Training,
)

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = ("l2l_ref.modules", "l2l_ref.unroll")


def unrolled(
    module: nn.Module, x, y, rates, steps, *, as_inputs: bool, connected: int | None = None
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss after gradient descent in float64, and its derivative in each rate.

    Args:
        module: made for this; it is brought to float64.
        as_inputs: whether the gradients count as inputs, without a graph of their own.
        connected: how many of the last steps the derivative knows of; by default all.
    """
    network = module.double()
    now = {name: w.detach().requires_grad_() for name, w in network.named_parameters()}
    rates = {n: r if r.requires_grad else r.detach().requires_grad_() for n, r in rates.items()}
    x, y = x.double(), y.double()
    for step in range(steps):
        if steps - step == connected:
            now = {n: w.detach().requires_grad_() for n, w in now.items()}
        loss = F.mse_loss(functional_call(network, now, (x,)), y)
        gradients = torch.autograd.grad(loss, list(now.values()), create_graph=not as_inputs)
        now = {n: now[n] - rates[n].double() * g for n, g in zip(now, gradients, strict=True)}
    loss = F.mse_loss(functional_call(network, now, (x,)), y)
    by_rate = torch.autograd.grad(
        loss, list(rates.values()), create_graph=not as_inputs, materialize_grads=True
    )
    return loss.detach(), dict(zip(rates, by_rate, strict=True))


def unrolled_for(
    question: dict, steps: int | None = None, by_place: bool = False, **options
) -> tuple[Tensor, dict]:
    """`unrolled`, for the numbers of a question.

    Args:
        by_place: whether the first rate is taken for that of the first parameter, and so on.
    """
    module = build(question["network"], question["weights"])
    steps = question["steps"] if steps is None else steps
    names = question["weights"] if by_place else question["rates"]
    rates = {n: r.double() for n, r in zip(names, question["rates"].values(), strict=True)}
    loss, slopes = unrolled(module, question["x"], question["y"], rates, steps, **options)
    return loss, dict(zip(question["rates"], slopes.values(), strict=True))


#: Mistakes that one knows, in the loss and in its derivatives.
BY_PLACE = "rates were paired with parameters by their places; they belong together by their names"
BEFORE_THE_LAST = (
    "these numbers belong to the loss before the last update; compute the loss once more after it"
)


def judge_derivatives(
    got, question: dict, *, as_inputs: bool, given: str, idea: str, paid: str, **far
) -> None:
    """Compare the derivatives in all rates; a known mistake is called by its name.

    Args:
        paid: a mistake that has cost another criterion; it is as good here.
        far: how far they may be off, for `close`.

    Raises:
        Lost: they differ.
    """
    _, expected = unrolled_for(question, as_inputs=as_inputs)
    largest = max(float(value.abs()) for value in expected.values())
    try:
        for name, value in expected.items():
            words = {"what": f"d loss / d rate of {name}", "given": given, "idea": idea}
            close(got[name], value.detach(), scale=largest, **words, **far)
    except Lost as lost:
        if all(got[name] is None for name in expected):
            idea = "something cuts every path: item(), detach(), nn.Parameter, .data or no_grad()"
        else:
            mistakes = mistaken_derivatives(question, expected, as_inputs)
            if paid in mistakes and recognise(got, {paid: mistakes[paid]}, ""):
                return
            idea = recognise(got, mistakes, idea)
        lost.found["look at"] = idea
        raise


def mistaken_derivatives(question: dict, expected: dict, as_inputs: bool) -> dict[str, dict]:
    """The derivatives that come of known mistakes, by what to say of each."""

    def derivatives(steps=question["steps"], **options) -> dict[str, Tensor]:
        return unrolled_for(question, steps, **options)[1]

    found = {
        BY_PLACE: derivatives(as_inputs=as_inputs, by_place=True),
        "these numbers leave out how the later gradients depend on the rates: a gradient has a "
        "graph of its own only where one asks for it": derivatives(as_inputs=True),
        "these numbers include how the later gradients depend on the rates; here the gradients "
        "count as constants, without a graph": derivatives(as_inputs=False),
        "only one step counts in these numbers; each does, also where nothing moves, since all "
        "weights depend on the rates: nothing may be detached between the steps": derivatives(
            as_inputs=as_inputs, connected=1
        ),
        BEFORE_THE_LAST: derivatives(question["steps"] - 1, as_inputs=as_inputs),
        UPHILL: {name: -value for name, value in expected.items()},
    }
    if as_inputs:
        found[
            "these numbers have the gradient before the last update for a last factor; the loss is "
            "that after it"
        ] = with_an_old_last_factor(question)
    return found


def with_an_old_last_factor(question: dict) -> dict[str, Tensor]:
    """First order by hand, where the last factor is the gradient before the last update."""
    module = build(question["network"], question["weights"]).double()
    x, y, total = question["x"].double(), question["y"].double(), {}
    now = {name: w.detach().requires_grad_() for name, w in module.named_parameters()}
    last = {name: torch.zeros_like(w) for name, w in now.items()}
    for _ in range(question["steps"]):
        loss = F.mse_loss(functional_call(module, now, (x,)), y)
        last = dict(zip(now, torch.autograd.grad(loss, list(now.values())), strict=True))
        total = {name: total.get(name, 0) + gradient for name, gradient in last.items()}
        now = {n: w - question["rates"][n].double() * last[n] for n, w in now.items()}
    return {name: -(last[name] * total[name]).sum() for name in question["rates"]}


def judge_higher(got: list[dict], question: dict, given: str) -> None:
    """The derivatives, in all rates, of the sum of the squares of the derivatives before.

    Args:
        got: those of the second order, the third, and so on; there are less where one has no graph.

    Raises:
        Lost: they differ.
    """
    rates = {n: rate.double().requires_grad_() for n, rate in question["rates"].items()}
    module = build(question["network"], question["weights"])
    x, y, steps = question["x"], question["y"], question["steps"]
    _, by_rate = unrolled(module, x, y, rates, steps, as_inputs=False)
    total = sum(each.square() for each in by_rate.values())
    expected = higher(total, {"rate": rates}, question["orders"] - 1)
    of = "all d loss / d rate"
    for found, right in zip_longest(got, (by["rate"] for by in expected), fillvalue={}):
        largest = max(float(value.abs()) for value in right.values())
        for name, value in right.items():
            what = f"d/d rate of {name} of the sum of the squares of {of}"
            idea = "the derivatives have a graph, too; something in it was saved as a number"
            close(found.get(name), value, what=what, given=given, idea=idea, scale=largest)
        of = "those of their squares in turn"


#: What to look at when something that was given has changed, and is neither of torch nor a buffer.
KEEP = {
    r"^what an earlier call returned": "nothing may be kept from call to call",
    r"^rates \(": "something was written into the dict of rates; make one of your own",
    r"^module.*\.requires_grad$": "requires_grad_() acts on the very tensor it is called on, which "
    "is the module's own here",
    r"\.grad$": "backward() adds to the .grad of all leaves behind a loss; autograd.grad does not",
    r"\.(momentum|track_running_stats)$": "a layer's settings are the module's own, and stay; "
    "functional_call runs it with buffers of yours, which may be written into",
    r"\.training$": "train() and eval() reach all parts of a module; call neither",
    r"^(what is registered in|what module.* holds|module \()": "functional_call runs the module "
    "with the tensors you give it; nothing has to be put into it",
}
BUFFERS = (
    "a forward pass writes into the buffers that it runs with, and where functional_call is given "
    "none, these are the module's own: whose memory does it write into here?"
)
NUMBERS = (
    "functional_call runs the module with the tensors you give it; a step in place, also on what "
    "detach() or .data gives, writes into the caller's memory"
)


def must_be_as_given(reply: dict, question: dict, given: str) -> None:
    """What was given is as it was; the one mistake that shows is named.

    Raises:
        Lost: something has changed.
    """
    changed = reply["changed"]
    own = [f"module.{name}" for name in question["weights"]]
    in_buffers = any(re.fullmatch(r"module\.\S+\.\w+", what) for what in changed)
    in_buffers = in_buffers and not any(what in own for what in changed)
    must_stay(changed, given, first_of(KEEP, changed, BUFFERS if in_buffers else NUMBERS))


#: What makes no difference to the numbers.
ALIKE = [
    (
        "which has frozen parameters",
        {"network": FROZEN},
        "a frozen parameter is trained here as the others are: what is trained is no parameter of "
        "the module or of a copy, it only begins with its numbers",
    ),
    (
        "one of its parts holds results, factors of 1, one as a buffer, and a buffer of 0 that "
        "requires a gradient",
        {"network": HOLDING},
        "a tensor that a module holds is no parameter, also where it requires a gradient; "
        "copy.deepcopy refuses one that has a graph, and backward() fills the .grad of the leaf "
        "behind it",
    ),
    (
        "the rates are results",
        {"rates_are": "results"},
        "a result requires a gradient as well, but backward() gives it no .grad",
    ),
    (
        "every .grad is in use",
        {"planted": True},
        "something may lie in .grad already; autograd.grad neither reads it nor writes to it",
    ),
]


def judge_kept(ask, generator, judge, read, right: set[Training], paid: str) -> None:
    """All that was given is as it was; frozen parameters and a second call.

    Args:
        judge: judges the numbers that came back; those of one plain training must be right here
            too, or whoever does nothing would keep everything as it was.
        read: takes the numbers out of a reply, by name.
        right: the trainings in which they have been right.
        paid: what the criterion above says to look at, where it is lost.

    Raises:
        Lost: something has changed, or numbers differ that should not.
    """
    for training in KEPT:
        if training in IN_MIXED_MODES and training not in right:
            continue  # whoever flips modes has paid for it
        question = training.drawn(generator)
        must_be_as_given(told(ask, question, training.given), question, training.given)
    training = Training(PLAIN, 2)
    question, plain = training.drawn(generator), training.given
    reply = told(ask, question, plain)
    try:
        judge(training, question, reply)
    except Lost as lost:
        if paid:
            lost.found["look at"] = "the numbers are wrong anyway: begin with the criterion above"
        raise
    expected = read(reply)
    for words, options, idea in ALIKE:
        given = f"{plain}, {words}"
        reply = told_why(ask, question | options, given, idea)
        must_be_as_given(reply, question, given)
        same_numbers(read(reply), expected, given, idea)
    other = Training(PLAIN, 2).drawn(generator)["weights"]
    given = "a second call, after the module was given other weights"
    reply = told(ask, question | {"other_weights": other}, given)
    must_be_as_given(reply, question, given)
    idea = "the first call left something behind that the second one started from"
    same_numbers(read(reply["again"]), read(reply["fresh"]), given, idea)


def same_numbers(got: dict, expected: dict, given: str, idea: str) -> None:
    """Compare the numbers of two replies.

    Raises:
        Lost: they differ.
    """
    for name, value in expected.items():
        close(got[name], value, what=name, given=given, idea=idea)


def must_be_nan(found: dict[str, Tensor], given: str) -> None:
    """A training that diverges does so without a rescue.

    Raises:
        Lost: what was found is a number.
    """
    for what, value in found.items():
        if value.isfinite():
            idea = "no step is left out and no number replaced, whatever becomes of the loss"
            raise Lost(f"{what}: {show(value)}", f"{what}: inf or NaN", given, idea)


STEPS = "each step moves every parameter by its own rate; then one more forward pass"
SUMS = (
    "the weights after the last step are theta_0 - rate * (sum of the gradients before), with "
    "numbers for gradients; the last factor of the chain rule is the gradient at those last weights"
)


def exam_loss_after(generator, ask, report):
    """The loss; what was given; the derivative through all steps."""
    right, paid = set(), ""

    def judge(training: Training, question: dict, reply: dict) -> None:
        loss, _ = unrolled_for(question, as_inputs=True)
        words = {"what": "the loss", "given": training.given, "idea": training.idea or STEPS}
        try:
            close(reply["loss"], loss, **words, **training.tolerance)
        except Lost as lost:
            mistakes = mistaken_losses(question)
            if paid in mistakes and recognise(reply, {paid: mistakes[paid]}, ""):
                return
            lost.found["look at"] = recognise(reply, mistakes, words["idea"])
            raise

    with report.criterion("the loss after the last step", 1.5):
        for training in LOSSES:
            question = training.drawn(generator)
            judge(training, question, told(ask, question, training.given))
            right.add(training)
        for training in DIVERGING:
            loss = told(ask, training.drawn(generator), training.given)["loss"]
            must_be_nan({"the loss": loss}, training.given)
    paid = paid_for(report)
    with report.criterion("module, batch and rates stay as they were, frozen or not", 0.5):
        judge_kept(ask, generator, judge, lambda reply: {"the loss": reply["loss"]}, right, paid)
        question = NO_STEP.drawn(generator)
        must_be_as_given(told(ask, question, NO_STEP.given), question, NO_STEP.given)
    with report.criterion("its derivative in each rate, through all steps", 2):
        whole = not any(criterion.lost for criterion in report.criteria[:2])
        for training in SLOPES + (SLOPES_WITH_BUFFERS if whole else []):
            judge_slopes(training, generator, ask, paid)


def mistaken_losses(question: dict) -> dict[str, dict[str, Tensor]]:
    """The losses that come of known mistakes, by what to say of each."""
    found = {BY_PLACE: unrolled_for(question, as_inputs=True, by_place=True)}
    if question["steps"]:
        found[BEFORE_THE_LAST] = unrolled_for(question, question["steps"] - 1, as_inputs=True)
    return {say: {"loss": loss} for say, (loss, _) in found.items()}


def judge_slopes(training: Training, generator, ask, paid: str) -> None:
    """The derivative of the loss in all rates, of higher orders as well where they are asked.

    Raises:
        Lost: it is wrong.
    """
    question = training.drawn(generator)
    reply = told(ask, question, training.given)
    judge_derivatives(
        reply["by_rate"][0],
        question,
        as_inputs=False,
        given=training.given,
        idea=training.idea
        or "a later gradient depends on the rates too, since it is taken at weights that "
        "they have moved; autograd.grad keeps that graph if you ask it to",
        paid=paid,
    )
    if question["orders"] > 1 and paid not in (BY_PLACE, BEFORE_THE_LAST):
        judge_higher(reply["by_rate"][1:], question, training.given)


def exam_first_order(generator, ask, report):
    """The derivative when gradients count as inputs; what was given."""
    right, paid = set(), ""

    def judge(training: Training, question: dict, reply: dict) -> None:
        judge_derivatives(
            reply["by_rate"],
            question,
            as_inputs=True,
            given=training.given,
            idea=training.idea or SUMS,
            paid=paid,
            **training.tolerance,
        )

    with report.criterion("the derivatives, with gradients as inputs", 1.5):
        for training in FIRST_ORDER:
            question = training.drawn(generator)
            judge(training, question, told(ask, question, training.given))
            right.add(training)
        reply = told(ask, NO_SLOPE.drawn(generator), NO_SLOPE.given)
        derivatives = {f"d loss / d rate of {n}": d for n, d in reply["by_rate"].items()}
        must_be_nan(derivatives, NO_SLOPE.given)
    paid = paid_for(report)
    with report.criterion("module and rates stay as they were, and a second call agrees", 0.5):
        judge_kept(ask, generator, judge, lambda reply: reply["by_rate"], right, paid)


check = Check(
    "leaf_tensors",
    version="7",
    questions={
        "kind": Question(2, exam_kind, run_kind),
        "sgd_step": Question(2, exam_sgd_step, run_sgd_step),
        "put": Question(3, exam_put, run_put),
        "loss_after": Question(4, exam_loss_after, run_loss_after),
        "first_order": Question(2, exam_first_order, run_first_order),
        "learn_rates": Question(2, exam_learn_rates, run_learn_rates),
        "slopes_are_right": Question(2, exam_slopes_are_right, run_slopes_are_right),
    },
)
