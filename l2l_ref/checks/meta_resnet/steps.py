"""The questions of exercise 06 on steps in the graph: one, and several with their statistics.

What is expected is computed in float64 by `Run`.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from ..answering import doubled
from ..examining import close, error, must_be_kept, normal, rate_near, recognise, told, whole
from ..wire import Tensors
from .exact import EXACT, all_close, must_have_none, numbers_for, slopes_of
from .networks import Network
from .run import one_thread

# 5 and 6. One step, and several

MOMENTA = ([0.1, 0.4], [None, 0.3], [0.25, None])
SHORTCUT = "block.shortcut.weight"


def problem(generator, sizes: list[int], frozen: bool) -> dict:
    """A network and batches of these sizes."""
    network = Network([0.1, 0.1])
    numbers = numbers_for(network, generator)
    weights = {name for name, b in network.named_buffers() if b.requires_grad}
    weights -= {SHORTCUT} if frozen else set()
    return {
        "weights": {name: numbers[name] for name in numbers if name in weights},
        "constants": {name: numbers[name] for name in numbers if name not in weights},
        "x": [torch.randn((size, 2, 6, 5), generator=generator) for size in sizes],
        "y": [torch.randint(5, (size,), generator=generator) for size in sizes],
        "rate": rate_near(0.5, generator),
        "momenta": MOMENTA[whole(0, 2, generator)],
    }


class Run:
    """Gradient descent on the network in float64.

    Args:
        asked: a `problem`. training: the mode.
    """

    def __init__(self, asked: Mapping, training: bool):
        self.sources = {n: w.requires_grad_() for n, w in doubled(asked["weights"]).items()}
        self.theta = dict(self.sources)
        self.rest = {n: c.clone() for n, c in doubled(asked["constants"]).items()}
        self.rate = asked["rate"].double().requires_grad_()
        self.network = Network(asked["momenta"]).train(training)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """The loss on a batch, which moves the statistics in training mode."""
        return F.cross_entropy(
            functional_call(self.network, self.theta | self.rest, (x.double(),)), y
        )

    def step(self, x: Tensor, y: Tensor, first_order: bool = False) -> None:
        """One step on a batch."""
        slopes = torch.autograd.grad(
            self.loss(x, y), list(self.theta.values()), create_graph=not first_order
        )
        self.theta = {
            name: w - self.rate * slope
            for (name, w), slope in zip(self.theta.items(), slopes, strict=True)
        }

    def slopes(self, output: Tensor) -> Tensors:
        """The derivatives of an output in the first weights and in the rate."""
        return slopes_of(output, {**self.sources, "rate": self.rate})


def after_step(asked: Mapping, training: bool, first_order: bool = False) -> dict[str, Tensor]:
    """The loss on the second batch after a step on the first, and its derivatives."""
    run = Run(asked, training)
    run.step(asked["x"][0], asked["y"][0], first_order)
    loss = run.loss(asked["x"][1], asked["y"][1])
    return {"loss": loss.detach(), **run.slopes(loss)}


def mistaken_losses(asked: Mapping, training: bool) -> dict[str, dict[str, Tensor]]:
    """Losses that come from mistakes one knows."""

    def before(batch: int) -> Tensor:
        return Run(asked, training).loss(asked["x"][batch], asked["y"][batch]).detach()

    def swapped() -> dict:
        return {k: asked[k][::-1] if k in "xy" else asked[k] for k in asked}

    def one_batch() -> dict:
        return {k: asked[k][:1] * 2 if k in "xy" else asked[k] for k in asked}

    against = dict(asked) | {"rate": -asked["rate"]}
    found = {
        "this is the loss before the step": before(1),
        "this is the loss that the step is taken on": before(0),
        "the two batches have changed places": after_step(swapped(), training)["loss"],
        "this is the loss on the batch of the step itself": after_step(one_batch(), training)[
            "loss"
        ],
        "the step goes uphill": after_step(against, training)["loss"],
        "the network was called in another mode than it is in": (
            after_step(asked, not training)["loss"]
        ),
    }
    return {say: {"loss": loss} for say, loss in found.items()}


STEP = (
    "every weight becomes weight - rate * slope, all at once, and the loss on the other batch is "
    "computed with the new ones"
)
TURNED = "the network is called in the mode that it is in; in eval mode its statistics stay"
AS_IT_WAS = (
    "calling a network in training mode moves its running statistics in place; give it clones, and "
    "put back what you exchange. backward() leaves a .grad"
)


def exam_step(generator, ask, report):
    """The loss; second order; first order."""
    one_thread()

    def judge(
        given: str,
        *,
        first_order=None,
        training=True,
        frozen=False,
        weights_are="leaves",
        rate_is="a tensor",
        slopes=True,
    ) -> None:
        asked = problem(generator, [6, 4], frozen)
        order = "the default order" if first_order is None else f"first_order={first_order}"
        mode = "training" if training else "eval"
        given = f"{given}, in {mode} mode; {order}, {rate_is} as rate"
        words = {"rate_is": rate_is, "first_order": first_order, "weights_are": weights_are}
        reply = told(ask, asked | words | {"training": training}, given)
        expected = after_step(asked, training, bool(first_order))
        loss = expected.pop("loss")
        idea = STEP
        if error(reply["loss"], loss) > EXACT:
            idea = recognise(reply, mistaken_losses(asked, training), STEP)
        close(reply["loss"], loss, what="the loss", given=given, idea=idea, tolerance=EXACT)
        must_be_kept(reply["changed"], given, AS_IT_WAS)
        if slopes:
            got = reply["by_weight"] | {"rate": reply["by_rate"]}
            idea = in_the_other_order(
                got, expected, lambda: after_step(asked, training, not first_order), first_order
            )
            all_close(got, expected, "d loss / d", given, idea)

    network = "a residual network with two batch norms"
    with report.criterion("one step: the loss after it; the network is as it was", 1):
        judge(network, slopes=False)
        judge(network, training=False, rate_is="a number", slopes=False)
        judge(f"{network} and a frozen weight", first_order=True, frozen=True, slopes=False)
        judge(f"{network}; its weights are results", weights_are="results", slopes=False)
    with report.criterion("one step, second order: the graph leads through the gradient", 1):
        judge(network)
        judge(network, training=False)
        judge(f"{network} and a frozen weight", first_order=False, frozen=True)
        judge(f"{network}; its weights are results", weights_are="results")
    with report.criterion("one step, first order: the gradient counts as a constant", 1):
        judge(network, first_order=True)
        judge(network, first_order=True, training=False)
        judge(f"{network}; its weights are results", first_order=True, weights_are="results")


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
    False: "these numbers take the gradient for a constant; create_graph=True gives it a graph",
    True: "these numbers know how the gradient depends on the weights; in first order it counts "
    "as a constant",
}


def graph_idea(got: Mapping[str, Tensor | None]) -> str:
    """What to look at when derivatives are wrong."""
    if all(each is None for each in got.values()):
        return "no graph leads anywhere: detach(), .data, item(), no_grad() and copy_() cut it"
    if got["rate"] is None:
        return "the rate must enter as the tensor it is: item() and float() give numbers"
    if any(each is None for each in got.values()):
        return "the new weight is computed from the old one, which must not be detached"
    return (
        "the loss depends on the first weights in two ways: through w - ..., and in second order "
        "through the gradient; batch norm's mean and variance belong to it"
    )


def exam_inner_loop(generator, ask, report):
    """The weights and their graph; the statistics."""
    one_thread()

    def judge(
        steps: int,
        given: str,
        *,
        part: str,
        training=True,
        frozen=False,
        weights_are="leaves",
        rate_is="a tensor",
        runs=1,
        first_order=None,
    ) -> None:
        asked = problem(generator, [6, 4, 5, 3][:steps], frozen)
        probes = normal({name: w.shape for name, w in asked["weights"].items()}, generator)
        given = f"{given}, in {'training' if training else 'eval'} mode; {steps} batches"
        words = {"rate_is": rate_is, "first_order": first_order, "weights_are": weights_are}
        words |= {"training": training, "probes": probes, "runs": runs}
        reply = told(ask, asked | words, given)

        def ended(first_order: bool, turned: bool = False) -> tuple[Run, Tensors]:
            """A run, in the other mode if turned, and the derivatives of what it ends with."""
            run = Run(asked, training != turned)
            for x, y in zip(asked["x"], asked["y"], strict=True):
                run.step(x, y, first_order)
            return run, run.slopes(
                sum((probes[n].double() * w).sum() for n, w in run.theta.items())
            )

        run, expected = ended(bool(first_order))
        if part == "theta":
            theta = {name: w.detach() for name, w in run.theta.items()}
            mistake = {TURNED: ended(False, turned=True)[0].theta}
            idea = STEP if training else recognise(reply["theta"], mistake, STEP)
            all_close(reply["theta"], theta, "theta", given, idea)
            got = reply["by_weight"] | {"rate": reply["by_rate"]}
            if rate_is == "a number":
                got["rate"] = expected["rate"]  # no graph can lead there
            idea = in_the_other_order(got, expected, lambda: ended(not first_order)[1], first_order)
            all_close(got, expected, "the derivative of theta in", given, idea)
        else:
            for name, value in run.rest.items():
                close(
                    reply["rest"][name],
                    value.double(),
                    what=name,
                    given=given,
                    idea="the statistics begin as the network's own, go from step to step, and "
                    "move once in each"
                    if training
                    else TURNED,
                    tolerance=EXACT,
                )
            must_have_none(
                reply["with_graph"], "with a graph", "constants", given, "rest holds no weights"
            )
            must_have_none(
                reply["the_networks"],
                "the network's own tensors",
                "tensors of the run's own",
                given,
                "clone them before the first step",
            )
        must_be_kept(reply["changed"], given, AS_IT_WAS)

    network = "a residual network with two batch norms"
    with report.criterion("inner loop: the weights at the end, and their graph", 1):
        judge(3, network, part="theta")
        judge(2, network, part="theta", training=False, rate_is="a number")
        judge(1, f"{network} and a frozen weight", part="theta", frozen=True, first_order=False)
        judge(3, f"{network}; first_order=True", part="theta", first_order=True)
        judge(4, f"{network}; its weights are results", part="theta", weights_are="results")
    with report.criterion("inner loop: the statistics go along, and are the run's own", 1):
        for steps, training, runs in ((3, True, 1), (2, True, 2), (3, False, 1), (4, True, 1)):
            again = "; the loop is run twice" if runs > 1 else ""
            judge(
                steps,
                f"{network}{again}",
                part="rest",
                training=training,
                runs=runs,
                frozen=steps == 4,
            )
