"""The questions of exercise 05 on data: one scale for all parts, and minibatches that are drawn."""

import itertools
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ..answering import doubled
from ..examining import SIGMAS, Lost, close, must_be_kept, recognise, whole
from ..wire import Tensors

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
        x = doubled(asked)
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
