"""The examining side of exercise 05: networks, images, minibatches, paired runs, claims.

All data are small and drawn here, so that the exam is the same with MNIST and without. Dealing
images out and the verdict have modules of their own.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..evaluation import CAP, cap
from .examining import (
    SIGMAS,
    Check,
    Lost,
    Question,
    close,
    error,
    must_be_kept,
    recognise,
    seed_from,
    show,
    whole,
)
from .lstm_questions import digits, drawn
from .mnist_deal import exam_deal
from .mnist_run import (
    ACTIVATIONS,
    INTERVALS,
    run_compare,
    run_deal,
    run_family,
    run_minibatch,
    run_paired_sums,
    run_perceptron,
    run_standardise,
    run_verdict,
)
from .mnist_verdict import exam_verdict

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.tasks",
    "l2l_ref.evaluation",
    "l2l_ref.claims",
    "l2l_ref.minimizers",
    "l2l_ref.checks.mnist_run",
)

Tensors = dict[str, Tensor]


# 1. Perceptron


def exam_perceptron(generator, ask, report):
    """The outputs; steps in the graph; the start."""

    def weights_of(sizes: Sequence[int]) -> Tensors:
        shapes = {}
        for k, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            shapes |= {f"matrix {k + 1}": (outputs, inputs), f"bias {k + 1}": (outputs,)}
        return {name: drawn(shape, generator, 0.7) for name, shape in shapes.items()}

    with report.criterion("the outputs, for any layers and any activation", 1):
        for sizes, activation, batch in (
            ((5, 4, 3), None, 6),
            ((4, 3, 5, 2), "tanh", 3),
            ((3, 4), "relu", 5),
            ((4, 4, 4, 4, 4), "wave", 4),
            ((2, 6, 10), "relu", 1),
        ):
            asked = {
                "part": "outputs",
                "sizes": sizes,
                "activation": activation,
                "x": drawn((batch, sizes[0]), generator),
                "probe_weights": weights_of(sizes),
            }
            given = f"sizes {sizes}, activation {activation or 'left out'}, {batch} inputs"
            reply = ask(**asked)
            x, weights = asked["x"].double(), doubles(asked["probe_weights"])
            between = ACTIVATIONS[activation or "sigmoid"]
            expected = computed(weights, x, between)
            wrong = {
                "the activation was applied after the last layer, too": between(expected),
                "the activation was applied to the inputs": computed(weights, between(x), between),
                "there is no activation between the layers": computed(weights, x, lambda x: x),
                "these are sigmoids; the activation is the one that was given": (
                    computed(weights, x, torch.sigmoid)
                ),
                "these are probabilities; the cross entropy wants what comes before": (
                    expected.softmax(1)
                ),
            }
            wrong = {say: each for say, each in wrong.items() if error(each, expected) > 1e-3}
            idea = recognise(
                reply,
                {say: {"outputs": each} for say, each in wrong.items()},
                "x times the matrix, plus the bias, then the activation, and so on; after the last "
                "layer there is no activation",
            )
            close(reply["outputs"], expected, what="the outputs", given=given, idea=idea)
            must_be_kept(reply["changed"], given, "x *= ... and activations in place change x")
    with report.criterion("steps stay in the graph", 1):
        for sizes, activation, steps in (((4, 3, 5), "sigmoid", 3), ((3, 4, 4, 2), "tanh", 2)):
            labels = torch.randint(sizes[-1], (steps, 6), generator=generator)
            asked = {
                "part": "steps",
                "sizes": sizes,
                "activation": activation,
                "probe_weights": weights_of(sizes),
                "probe_images": drawn((steps, 6, sizes[0]), generator),
                "probe_labels": labels,
                "rate": 0.3 + float(torch.rand((), generator=generator)),
            }
            given = f"sizes {sizes}, {activation}, {steps} minibatches, float64"
            reply, expected = ask(**asked), stepped(asked)
            words = {
                "given": given,
                "idea": "after each step the weights were replaced by results; forward must use "
                "them as they are, with their graph, and keep nothing of an earlier call",
            }
            for name in ("losses", "by_rate"):
                got = {name: reply[name]}
                digits(got, {name: expected[name]}, what="what came of the steps,", **words)
            digits(reply["by_weight"], expected["by_weight"], what="the derivative in", **words)
    with report.criterion("the start is uniform and comes from the generator", 1):
        asked = {"sizes": (9, 400, 300, 200), "probe_seed": seed_from(generator)}
        reply = ask(part="start", **asked)
        judge_start(reply, asked["sizes"])


def doubles(tensors: Mapping[str, Tensor]) -> Tensors:
    """The same in float64."""
    return {name: tensor.double() for name, tensor in tensors.items()}


def computed(weights: Mapping[str, Tensor], x: Tensor, between) -> Tensor:
    """What a perceptron makes of x."""
    each = list(weights.values())
    for k in range(0, len(each), 2):
        x = x @ each[k].mT + each[k + 1]
        x = between(x) if k + 2 < len(each) else x
    return x


def stepped(asked: dict) -> dict:
    """The losses before each step, and the derivatives of their sum."""
    first = {n: w.double().requires_grad_() for n, w in asked["probe_weights"].items()}
    rate = torch.tensor(asked["rate"], dtype=torch.float64, requires_grad=True)
    weights, losses, between = first, [], ACTIVATIONS[asked["activation"]]
    for x, labels in zip(asked["probe_images"].double(), asked["probe_labels"], strict=True):
        losses.append(F.cross_entropy(computed(weights, x, between), labels))
        gradients = torch.autograd.grad(losses[-1], list(weights.values()), create_graph=True)
        moved = zip(weights.items(), gradients, strict=True)
        weights = {name: w - rate * g for (name, w), g in moved}
    total = torch.stack(losses).sum()
    by_rate, *by_weight = torch.autograd.grad(total, [rate, *first.values()])
    return {
        "losses": torch.stack(losses).detach(),
        "by_rate": by_rate,
        "by_weight": dict(zip(first, by_weight, strict=True)),
    }


def judge_start(reply: dict, sizes: Sequence[int]) -> None:
    """The first weights of some networks.

    Raises:
        Lost: they are not what they should be.
    """
    given = f"sizes {tuple(sizes)}, two networks from one generator"
    fan_in = [inputs for inputs in sizes[:-1] for _ in ("matrix", "bias")]
    all_weights = []
    for k, (weight, inputs) in enumerate(zip(reply["first"], fan_in, strict=True)):
        u = weight.double().flatten() * inputs**0.5
        all_weights.append(u)
        what = f"{'bias' if k % 2 else 'matrix'} {k // 2 + 1}, times the root of its inputs"
        within = f"{inputs**-0.5:.4g}"
        idea = f"this layer has {inputs} inputs: its matrix and its bias lie within {within}"
        largest, off = float(u.abs().max()), 20 / len(u)
        if not 1 - off <= largest <= 1 + 1e-5:
            raise Lost(f"{what}: the largest is {largest:.4g}", "close to 1, below it", given, idea)
        for name, found, mean, spread in (
            ("mean", u.mean(), 0, 1 / 3),
            ("mean square", u.square().mean(), 1 / 3, 4 / 45),
        ):
            if not abs(found - mean) < SIGMAS * (spread / len(u)) ** 0.5:
                came_back = f"{what}: the {name} is {show(found)}"
                raise Lost(came_back, f"about {mean:.3g}, as for a uniform draw", given, idea)
    everything = torch.cat(all_weights)
    if len(everything.unique()) < 0.97 * len(everything):
        raise Lost(
            f"{len(everything)} weights with {len(everything.unique())} different numbers",
            "every weight is drawn for itself",
            given,
            "expand(), repeat(), or a generator that was put back between two layers",
        )
    for one, other in itertools.combinations(all_weights, 2):
        n = min(len(one), len(other))
        if ((one[:n] - other[:n]).abs() < 1e-6).double().mean() > 0.5:
            raise Lost(
                "two tensors that begin with the same numbers, but for their bounds",
                "every weight is drawn for itself",
                given,
                "one generator draws for all tensors in turn; a new one with the same seed begins "
                "again",
            )
    judge_source(reply, given)
    if set(reply["kinds"]) != {"leaf"}:
        raise Lost(
            "weights that are " + " and ".join(sorted(set(reply["kinds"]) - {"leaf"})) + "s",
            "trainable leaves",
            given,
            "assign nn.Parameter(numbers); a MetaModule turns it into a weight",
        )


def judge_source(reply: dict, given: str) -> None:
    """Whether networks depend on the generator, and on nothing else.

    Raises:
        Lost: they do not.
    """
    from_it = "draw every number with generator=generator; nn.Linear draws from the global one"
    for first, again, following in zip(
        reply["first"], reply["again"], reply["first next"], strict=True
    ):
        if not torch.equal(first, again):
            came_back = f"{show(first.flatten()[:2])} at first, then {show(again.flatten()[:2])}"
            said = "generators in the same state, twice"
            raise Lost(came_back, "the same weights", said, from_it)
        if torch.equal(first, following):
            idea = "the generator moves on as numbers are drawn; do not put it back"
            raise Lost("the same weights in both", "other weights in the second", given, idea)
    if reply["moved"]:
        raise Lost("torch's global generator has moved, or was seeded", "it stays", given, from_it)


# 2. standardise


def exam_standardise(generator, ask, report):
    """Where mean and deviation are measured; pixels that never change."""
    names = ("train", "tune", "report")

    def question(sizes: tuple, pixels: int) -> dict:
        asked = {}
        for shift, (name, size) in enumerate(zip(names, sizes, strict=True)):
            levels = torch.randint(1 + shift, 12 + 2 * shift, (size, pixels), generator=generator)
            asked[name] = levels.float() / 16
        return asked

    def judge(asked: dict, idea: str) -> None:
        x = doubles(asked)
        reply, every = ask(**asked), torch.cat(list(x.values()))
        expected = standardised(x, x["train"])
        wrong = {
            "mean and deviation were measured on all three parts together": standardised(x, every),
            "each part was measured by itself": {n: standardised(x, x[n])[n] for n in names},
            "the deviation was computed with n - 1": standardised(x, x["train"], correction=1),
            "this divides by the variance": standardised(x, x["train"], power=2),
            "one mean and one deviation for all pixels; each pixel has its own": standardised(
                x, x["train"].reshape(-1, 1)
            ),
        }
        given = f"parts of {', '.join(str(len(each)) for each in x.values())} images"
        idea = recognise(reply, wrong, idea)
        for name in names:
            for pixel in range(x[name].shape[1]):
                close(
                    reply[name][:, pixel],
                    expected[name][:, pixel],
                    what=f"{name}, pixel {pixel}",
                    given=given,
                    idea=idea,
                )
        must_be_kept(reply["changed"], given, "images -= mean writes into what was given")

    idea = "measure on train, pixel by pixel, and use these numbers for all three parts"
    with report.criterion("what is measured comes from the training part alone", 0.5):
        judge(question((20, 7, 5), 4), idea)
        judge(question((6, 6, 6), 6), idea)
    with report.criterion("a pixel that never changes in training is only shifted", 0.5):
        asked = question((8, 5, 9), 6)
        asked["train"][:, 1] = 0
        asked["train"][5, 1] = 2**-17  # nearly constant, and 2.4e-6 is its deviation
        asked["train"][:, 2] = 0
        asked["train"][:, 4] = whole(1, 15, generator) / 16
        asked["train"][:, 5] = 0.5
        asked["train"][3, 5] += 1 / 16  # and one that hardly ever does
        judge(asked, idea + "; where the deviation is 0, take 1, and no other one is touched")


def standardised(
    parts: Mapping[str, Tensor], measured: Tensor, correction: int = 0, power: int = 1
) -> Tensors:
    """All parts, with mean and deviation of some images."""
    mean, deviation = measured.mean(0), measured.std(0, correction=correction) ** power
    deviation = torch.where(deviation == 0, 1, deviation)
    return {name: (part - mean) / deviation for name, part in parts.items()}


# 3. minibatch


def exam_minibatch(generator, ask, report):
    """The draw; what it depends on."""

    def question(count: int, size: int | None, names: Tensor) -> tuple[dict, str]:
        order = torch.randperm(count, generator=generator).float()
        asked = {
            "images": torch.stack([order, order**2, -order], dim=1),
            "labels": torch.randint(10, (count,), generator=generator),
            "size": size,
            "probe_names": names,
        }
        return asked, f"{count} images, size {'left out' if size is None else size}"

    with report.criterion("images with their labels, uniform and with replacement", 1):
        for count, size, batches in ((37, 24, 500), (23, 60, 30), (9, 1, 30), (50, None, 30)):
            names = torch.randint(200, (batches, 3), generator=generator)
            asked, given = question(count, size, names)
            index = drawn_from(ask(**asked), asked, given)
            judge_uniform(index, count, given)
    with report.criterion("a draw depends on seed, run and step, and on nothing else", 1):
        values = (0, 1, 2, 3, 7, 10, 100, 1000)
        names = torch.tensor(list(itertools.product(values, repeat=3)))
        order = torch.randperm(len(names), generator=generator)
        names = names[order]
        asked, given = question(41, 24, names)
        reply = ask(**asked)
        index = drawn_from(reply, asked, given)
        for what in ("images", "labels"):
            if not torch.equal(reply[what], reply[f"{what} again"]):
                raise Lost(
                    f"other {what} the second time",
                    "the same, whoever asks and in whatever order",
                    "the same seeds, runs and steps, in another order",
                    "make a generator inside, seeded from the three numbers",
                )
        if not torch.equal(reply["images"][:3], reply["images elsewhere"]):
            raise Lost(
                "other images when Python is started anew",
                "the same, today and tomorrow",
                "the same seeds, runs and steps",
                "Python's hash of a text is another one in each process; that of a tuple of whole "
                "numbers is not",
            )
        if reply["moved"]:
            raise Lost(
                "torch's global generator has moved, or was seeded",
                "it is as it was",
                given,
                "torch.Generator() makes one of your own; torch.manual_seed seeds everybody's",
            )
        judge_different(index, names.tolist())
        judge_unrelated(index[order.argsort()].view(*[len(values)] * 3, -1), given)


def drawn_from(reply: dict, asked: dict, given: str) -> Tensor:
    """Which images were drawn, (minibatches, size).

    Raises:
        Lost: they are not from the data, or have other labels.
    """
    must_be_kept(reply["changed"], given, "what was given stays as it is")
    images, labels = asked["images"], asked["labels"]
    distance = (reply["images"][..., None, :] - images).abs().sum(-1)  # (minibatches, size, count)
    nearest, index = distance.min(-1)
    if nearest.max() != 0:
        idea = "images[index], with one index for images and labels"
        raise Lost("images that are not among those given", "rows of images", given, idea)
    if not torch.equal(reply["labels"], labels[index]):
        idea = "images[index] and labels[index], with the same index"
        raise Lost("labels of other images", "each image's own label", given, idea)
    return index


def judge_uniform(index: Tensor, count: int, given: str) -> None:
    """Each place of each minibatch is drawn by itself from all images.

    Raises:
        Lost: images are not equally frequent, or too few or too many come twice.
    """
    batches, size = index.shape
    times = index.flatten().bincount(minlength=count).double()
    mean = batches * size / count
    chi = ((times - mean).square().sum() / mean - (count - 1)) / (2 * (count - 1)) ** 0.5
    if not abs(chi) < SIGMAS + 2:  # its tail is longer than the normal one
        raise Lost(
            f"one image {int(times.max())} times, another {int(times.min())} times",
            f"each about {mean:.0f} times, over {batches} minibatches",
            given,
            "torch.randint(len(images), (size,), generator=...) draws each place by itself",
        )
    distinct = torch.tensor([len(row.unique()) for row in index]).double()
    expected = count * (1 - (1 - 1 / count) ** size)
    spread = max(float(distinct.std()), 0.1)
    if not abs(distinct.mean() - expected) < SIGMAS * spread / batches**0.5:
        raise Lost(
            f"{distinct.mean():.1f} different images in a minibatch, on average",
            f"{expected:.1f}, as in draws with replacement",
            given,
            "randperm draws without replacement, and neighbours in the file are no draw at all",
        )


def judge_different(index: Tensor, names: Sequence[Sequence[int]]) -> None:
    """No two minibatches are the same, in whatever order their images are.

    Raises:
        Lost: two are.
    """
    met: dict[tuple, Sequence[int]] = {}
    for row, name in zip(index.sort(1).values.tolist(), names, strict=True):
        other = met.setdefault(tuple(row), name)
        if other != name:
            words = "seed {}, run {}, step {}"
            raise Lost(
                f"the same minibatch for {words.format(*other)} and {words.format(*name)}",
                "another draw",
                f"seeds, runs and steps from 0 to {max(map(max, names))}",
                "all three numbers must count, and no sum of them will do: hash((seed, run, step))",
            )


def judge_unrelated(index: Tensor, given: str) -> None:
    """Of two minibatches that differ in one number only, one is not the other one shifted.

    Args:
        index: (seeds, runs, steps, size).

    Raises:
        Lost: the places of one lie at one distance from those of the other.
    """
    count = int(index.max()) + 1
    for axis, what in enumerate(("seed", "run", "step")):
        distances = index.diff(dim=axis).remainder(count).flatten(0, 2)
        same = max(int(row.bincount().max()) for row in distances)
        if same > 10:  # of 24; chance does that less than once in a hundred thousand exams
            raise Lost(
                f"minibatches with another {what} that have {same} of 24 images at one distance",
                "draws that have nothing to do with each other",
                given,
                "the seed of the generator must depend on all three numbers, and what it draws "
                "is used as it comes, neither shifted nor sorted",
            )


# 4. paired_sums


def exam_paired_sums(generator, ask, report):
    """The sums of one rule; several rules; the cap."""

    def question(names: Sequence[str], batches: Sequence[int], steps: int) -> dict:
        total = sum(batches)
        rates, decays = torch.rand(2, len(names), generator=generator).double()
        return {
            "names": list(names),
            "probe_rates": (0.01 + 0.03 * rates).tolist(),
            "probe_decays": (0.4 + 0.4 * decays).tolist(),
            "batches": list(batches),
            "steps": steps,
            "probe_W": drawn((total, 4, 3), generator, 0.5).double(),
            "probe_y": drawn((1, total, 4), generator, 3.0).double()
            + drawn((steps + 2, total, 4), generator, 0.3).double(),
            "probe_theta": drawn((total, 3), generator).double(),
        }

    def judge(asked: dict, idea: str) -> None:
        sizes, steps = asked["batches"], asked["steps"]
        given = f"{len(asked['names'])} rules, batches of {sizes} functions, {steps} steps"
        reply = ask(**asked)
        for name in asked["names"]:
            (sums, count), got = ran(asked, name), reply["sums"][name]
            scale = sums.abs()
            wrong = {say: {name: each} for say, each in mistakes_in_sums(asked, name).items()}
            say = recognise({name: got}, wrong, idea)
            what = f"the sums of {name}, as a share of the right ones,"
            close(got / scale, sums / scale, what=what, given=given, idea=say)
            close(
                1 + reply["counts"][name],  # so that none has a scale, too
                torch.tensor(1.0 + count),
                what=f"one more than the count of {name}",
                given=given,
                idea="count the functions, each once, that had a loss above the cap before one of "
                "the updates",
            )
        idea = "theta += update writes into theta_0, and the next rule starts elsewhere"
        must_be_kept(reply["changed"], given, idea)

    before = (
        "the losses at theta_0 and after each update but the last; step counts from 0 each time"
    )
    with report.criterion("the sums of one rule, batch by batch", 1):
        for batches, steps in (((3, 1, 2), 5), ((2, 2), 1), ((4,), 3), ((1, 1, 1), 7)):
            judge(question(["rule"], batches, steps), before)
    with report.criterion("several rules meet the same functions", 1):
        for names, batches in ((("b", "a", "c"), (2, 2, 2)), (("one", "other"), (3, 1))):
            asked = question(names, batches, 4)
            asked["probe_rates"][-1] = asked["probe_rates"][0]
            judge(asked, "go through the batches once, and run every rule on each of them")
    with report.criterion("losses above the cap are capped, and their functions counted", 1):
        for rate in (0.02, 1e6):
            asked = question(["rule"], (3, 4), 60)
            asked["probe_rates"] = [rate]
            asked["probe_W"][1::3] *= 1e-5  # these do not diverge
            jump = torch.zeros(62, 7, dtype=torch.bool)
            jump[[20, 40], 1] = jump[[30], 5] = jump[[60], 4] = True  # the last one comes too late
            asked["probe_y"][jump] *= 20  # a loss far above the cap, once or twice
            asked["probe_y"][25, 0], asked["probe_y"][35, 6] = math.inf, math.nan  # at one stroke
            judge(asked, "a loss counts at most ten times the first loss of its own function")


def losses_of(asked: dict, name: str, *, skip=0, first_step=0, forget=False, sign=1) -> Tensor:
    """The losses of a rule before each update, with mistakes as one likes."""
    place = asked["names"].index(name)
    rate, decay = asked["probe_rates"][place], asked["probe_decays"][place]
    W, y, theta = asked["probe_W"], asked["probe_y"], asked["probe_theta"]
    buffer, losses = torch.zeros_like(theta), []
    for t in range(asked["steps"] + skip):
        residual = torch.einsum("fmn,fn->fm", W, theta) - y[(t + first_step) % len(y)]
        losses.append(residual.square().sum(1))
        gradient = 2 * torch.einsum("fmn,fm->fn", W, residual)
        buffer = gradient if forget else decay * buffer + gradient
        theta = theta - sign * rate * (2 if forget else 1 + 1 / (1 + t)) * buffer
    return torch.stack(losses)


def ran(asked: dict, name: str) -> tuple[Tensor, int]:
    """The capped sums, and how many functions met the cap."""
    outcome = cap(losses_of(asked, name))
    return outcome.losses.sum(0), int(outcome.diverged.sum())


def mistakes_in_sums(asked: dict, name: str) -> Tensors:
    """What known mistakes make of the sums."""

    def capped(losses: Tensor) -> Tensor:
        return cap(losses).losses.sum(0)

    losses = losses_of(asked, name)
    first = losses[0]
    after = losses_of(asked, name, skip=1)
    late = torch.minimum(after[1:].nan_to_num(nan=math.inf), CAP * first).sum(0)
    wrong = {
        "these are the losses after each update; the first one belongs to theta_0": late,
        "the rule was given None at every step; hand its state on": (
            capped(losses_of(asked, name, forget=True))
        ),
        "the update was subtracted; it is added": capped(losses_of(asked, name, sign=-1)),
        "the steps were counted from 1; the first is step 0": (
            capped(losses_of(asked, name, first_step=1))
        ),
        "no loss was capped": losses.sum(0),
        "the sum was capped, not each loss": losses.nan_to_num(nan=math.inf)
        .sum(0)
        .minimum(CAP * first),
        "NaN counts as zero here; it must count as the cap": (
            losses.nan_to_num(nan=0.0, posinf=math.inf).minimum(CAP * first).sum(0)
        ),
    }
    right = capped(losses)
    return {say: each for say, each in wrong.items() if not error(each, right) < 1e-3}


# 5. compare


def exam_compare(generator, ask, report):
    """The numbers; the two intervals; the gain."""

    def question(count: int, shared: float) -> tuple[dict, str]:
        """Sums that have some luck in common, or the opposite."""
        luck, own, its = (drawn((count,), generator).double() for _ in range(3))
        a = (3 + 0.3 * own + shared * luck).exp()
        b = (3.4 + 0.2 * its + abs(shared) * luck).exp()
        return {"a": a, "b": b}, f"{count} pairs, {'alike' if shared > 0 else 'opposed'}"

    cases = ((12, 0.5), (2, 0.3), (40, -0.4), (7, 0.6))
    with report.criterion("the difference and the ratio of the means", 0.5):
        for asked, given in itertools.starmap(question, cases):
            reply, expected = ask(**asked), compared(**asked)
            a, b = asked["a"], asked["b"]
            wrong = {
                "this is the mean of the ratios": {"ratio": (a / b).mean()},
                "the ratio is upside down": {"ratio": 1 / expected["ratio"]},
                "the difference has the wrong sign": {"difference": -expected["difference"]},
                "these are medians": {"ratio": a.median() / b.median()},
            }
            idea = recognise(reply, wrong, "the difference of the means, a - b; their ratio, a / b")
            for name in ("difference", "ratio"):
                close(reply[name], expected[name], what=f"the {name}", given=given, idea=idea)
            must_be_kept(reply["changed"], given, "a -= b writes into what was given")
    for name, title in zip(
        INTERVALS, ("the interval of the difference", "the interval of the ratio"), strict=True
    ):
        with report.criterion(title, 1):
            for asked, given in itertools.starmap(question, cases):
                reply, expected = ask(**asked), compared(**asked)
                judge_interval(reply[name], expected[name], mistakes_in(asked, name), name, given)
    with report.criterion("what pairing buys", 0.5):
        for asked, given in itertools.starmap(question, cases):
            reply, expected = ask(**asked), compared(**asked)
            gain = expected["gain"]
            wrong = {
                "this is its root; the gain is in runs, which go with the variance": gain.sqrt(),
                "the gain is upside down": 1 / gain,
                "the variance without pairing is the sum of both, not their mean": gain / 2,
            }
            idea = recognise(
                reply,
                {say: {"gain": each} for say, each in wrong.items()},
                "the variances of a and b, added up, over the variance of a - b",
            )
            close(reply["gain"], gain, what="the gain", given=given, idea=idea)


def compared(a: Tensor, b: Tensor) -> Tensors:
    """The answer, written with sums over the pairs."""
    n, mean_a, mean_b = len(a), a.mean(), b.mean()
    centred = torch.stack([a - mean_a, b - mean_b])
    (aa, ab), (_, bb) = centred @ centred.T / (n - 1)
    ratio, difference = mean_a / mean_b, mean_a - mean_b
    apart = aa + bb - 2 * ab
    along = (aa - 2 * ratio * ab + ratio**2 * bb) / mean_b**2
    return {
        "difference": difference,
        "difference_ci95": _around(difference, apart, n),
        "ratio": ratio,
        "ratio_ci95": _around(ratio, along, n),
        "gain": (aa + bb) / apart,
    }


def _around(middle: Tensor, variance: Tensor, n: int) -> Tensor:
    half = 1.96 * (variance / n).sqrt()
    return torch.stack([middle - half, middle + half])


def mistakes_in(asked: dict, name: str) -> dict[str, Tensor]:
    """Intervals that known mistakes give."""
    a, b = asked["a"], asked["b"]
    n, ratio = len(a), a.mean() / b.mean()
    if name == "difference_ci95":
        middle, unpaired = (a - b).mean(), a.var() + b.var()
        z = a - b
    else:
        middle = ratio
        unpaired = (a.var() + ratio**2 * b.var()) / b.mean() ** 2
        z = ratio + (a - ratio * b) / b.mean()
    return {
        "this is the interval without pairing; it is much the same as if the two had met other "
        "functions": _around(middle, unpaired, n),
        "this is the spread of single runs; that of their mean is smaller by the root of n": (
            _around(middle, z.var() * n, n)
        ),
        "the root over the variance is missing": _around(middle, z.var() ** 2, n),
        "the sum of squares is divided by n - 1, not by n": (
            _around(middle, z.var() * (n - 1) / n, n)
        ),
        "b was taken for a constant here; its mean is uncertain, too": (
            _around(middle, a.var() / b.mean() ** (2 if name == "ratio_ci95" else 0), n)
        ),
        "this is the interval of the mean of the ratios": (
            _around((a / b).mean(), (a / b).var(), n)
        ),
        "this reaches one standard error to each side": _around(middle, z.var() / 1.96**2, n),
    }


def judge_interval(
    got: Tensor, expected: Tensor, mistakes: Mapping[str, Tensor], name: str, given: str
) -> None:
    """Compare the middles and the half widths, each at its own scale.

    Raises:
        Lost: they differ.
    """

    def middle_and_half(ends: Tensor) -> Tensor:
        return torch.stack([ends.sum() / 2, (ends[1] - ends[0]) / 2])

    got, right = middle_and_half(got), middle_and_half(expected)
    known = {say: {name: middle_and_half(each)} for say, each in mistakes.items()}
    idea = "middle and half width: the mean of z, and 1.96 s over the root of n, with z as defined"
    idea = recognise({name: got}, known, idea)
    for place, what in enumerate(("the middle", "half the width")):
        close(got[place], right[place], what=f"{name}, {what}", given=given, idea=idea)


# 6. family


def exam_family(generator, ask, report):
    """Sizes and activations."""
    hidden = {"home": (20,), "40 units": (40,), "two layers": (20, 20), "ReLU": (20,)}
    with report.criterion("the sizes and the activation of each kind", 0.5):
        for kind, units in hidden.items():
            for inputs, scale in ((64, 1.0), (784, 1.0), (whole(2, 500, generator), 15.0)):
                probe = drawn((40, 3), generator, scale)
                given = f"{kind!r}, {inputs} inputs"
                reply, expected = ask(kind=kind, inputs=inputs, probe=probe), [inputs, *units, 10]
                if reply["sizes"] != expected:
                    came_back = f"sizes {reply['sizes']}"
                    idea = "inputs, the units of each hidden layer, 10 outputs"
                    raise Lost(came_back, f"sizes {expected}", given, idea)
                between = torch.relu if kind == "ReLU" else torch.sigmoid
                at = probe.double().requires_grad_()
                expected = between(at)
                (slope,) = torch.autograd.grad(expected.sum(), at)
                for what, right in (("activation", expected.detach()), ("slope", slope)):
                    close(
                        reply[what],
                        right,
                        what=f"the {what} at {show(probe.flatten()[:3])}",
                        given=given,
                        idea="ReLU for one kind, sigmoids for the others; the function, uncalled",
                    )


check = Check(
    "mnist",
    version="3",
    questions={
        "Perceptron": Question(3, exam_perceptron, run_perceptron),
        "deal": Question(2, exam_deal, run_deal),
        "standardise": Question(1, exam_standardise, run_standardise),
        "minibatch": Question(2, exam_minibatch, run_minibatch),
        "paired_sums": Question(3, exam_paired_sums, run_paired_sums),
        "compare": Question(3, exam_compare, run_compare),
        "family": Question(0.5, exam_family, run_family),
        "verdict": Question(2.5, exam_verdict, run_verdict),
    },
)
