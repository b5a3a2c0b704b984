"""The questions of exercise 05 on data: one scale for all parts, and minibatches that are drawn."""

import itertools
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ..answering import doubled
from ..examining import (
    SIGMAS,
    Lost,
    close,
    must_be_kept,
    recognise,
    whole,
)
from ..wire import Tensors

# 2. standardise

NAMES = ("train", "tune", "report")

MEASURE = "measure on train, pixel by pixel, and use these numbers for all three parts"


def exam_standardise(generator, ask, report):
    """Where mean and deviation are measured; pixels that never change."""

    def question(sizes: tuple, pixels: int, step: float = 1 / 16, dtype=torch.float32) -> dict:
        asked = {}
        for shift, (name, size) in enumerate(zip(NAMES, sizes, strict=True)):
            levels = torch.randint(1 + shift, 12 + 2 * shift, (size, pixels), generator=generator)
            asked[name] = levels.to(dtype) * step
        return asked

    with report.criterion("what is measured comes from the training part alone", 0.5):
        judge_standardised(ask, question((20, 7, 5), 4) | {"contiguous": False})
        judge_standardised(ask, question((6, 6, 6), 6))
        judge_standardised(ask, question((6, 6, 6), 6))
        judge_standardised(ask, question((20, 1, 5), 1))
        judge_standardised(ask, question((300, 3, 2), 2))
        asked = question((20, 7, 5), 4, step=1, dtype=torch.float64)
        for images in asked.values():
            images += 1e8
        judge_standardised(
            ask,
            asked,
            "numbers of 1e8 that differ by 1 need float64, and the mean subtracted before they are "
            "squared",
        )
    with report.criterion("a pixel that never changes in training is only shifted", 0.5):
        asked = question((11, 5, 9), 10)
        asked["train"][:, 1] = 0
        asked["train"][5, 1] = 2**-17  # nearly constant, and 2.4e-6 is its deviation
        asked["train"][:, 5] = 0.5
        asked["train"][3, 5] += 1 / 16  # and one that hardly ever does
        values = (0, whole(1, 15, generator) / 16, 0.1, 1 / 3, whole(1, 254, generator) / 255, 0.7)
        for pixel, value in zip((2, 4, 6, 7, 8, 9), values, strict=True):
            asked["train"][:, pixel] = value
        judge_constant_pixels(ask, asked)
        judge_constant_pixels(ask, question((1, 3, 2), 3))
        judge_constant_pixels(ask, question((8, 5, 9), 3, step=1e-15, dtype=torch.float64))
        if report.criteria[0].lost:  # who has no digits to spare has paid for it there
            return
        for dtype in (torch.float32, torch.float64):  # two last digits apart, with exact means
            asked = question((4, 5, 9), 3, dtype=dtype)
            asked["train"][:, 0] = 2.0 ** whole(-6, 6, generator)
            asked["train"][torch.randperm(4, generator=generator)[:2], 0] *= (
                1 + 2 * torch.finfo(dtype).eps
            )
            judge_constant_pixels(ask, asked)


def judge_standardised(ask, asked: dict, idea: str = MEASURE) -> None:
    """All numbers, and once more when the pixels are in reversed order.

    Raises:
        Lost: some are others, or something given has changed.
    """
    reply = ask(**asked)
    x = doubled({name: asked[name] for name in NAMES})
    every, expected = torch.cat(list(x.values())), standardised(x, x["train"])
    wrong = {
        "a later call wrote into what this one had returned; make new tensors": {
            name: part.flip(1) for name, part in expected.items()
        },
        "mean and deviation were measured on all three parts together": standardised(x, every),
        "each part was measured by itself": {n: standardised(x, x[n])[n] for n in NAMES},
        "the deviation was computed with n - 1": standardised(x, x["train"], correction=1),
        "this divides by the variance": standardised(x, x["train"], power=2),
        "one mean and one deviation for all pixels; each pixel has its own": standardised(
            x, x["train"].reshape(-1, 1)
        ),
    }
    given = _described(asked)
    idea = recognise(reply, wrong, idea)
    for name in NAMES:
        for pixel in range(x[name].shape[1]):
            words = {"what": f"{name}, pixel {pixel}", "given": given, "idea": idea}
            close(reply[name][:, pixel], expected[name][:, pixel], **words)
    for name in NAMES:
        close(
            reply[f"{name} again"],
            expected[name].flip(1),
            what=f"{name}, the second time",
            given=f"{given}; then the same tensors with their pixels in reversed order",
            idea="measure anew each time, and keep nothing of an earlier call",
        )
    must_be_kept(reply["changed"], given, "images -= mean writes into what was given")


def judge_constant_pixels(ask, asked: dict) -> None:
    """Pixels that never change in training are shifted, and all others divided.

    By what the others are divided is judged elsewhere; here it may be half as much, or twice.

    Raises:
        Lost: some are not.
    """
    x, reply, given = doubled(asked), ask(**asked, twice=False), _described(asked)
    expected = standardised(x, x["train"])
    for pixel in range(x["train"].shape[1]):
        known, factor = x["train"][:, pixel], 1.0
        if not (known == known[0]).all():
            largest = int(expected["train"][:, pixel].abs().argmax())
            factor = float(reply["train"][largest, pixel] / expected["train"][largest, pixel])
            factor = factor if 0.5 < factor < 2 else 1.0
        values = f"from {known.min():.6g} to {known.max():.6g}"
        for name in NAMES:
            close(
                reply[name][:, pixel],
                factor * expected[name][:, pixel],
                what=f"{name}, pixel {pixel}",
                given=f"{given}; in train this pixel is {values}",
                idea="x - m, and s = 1, where all training images have the same number, and "
                "nowhere else; a computed s may be 1e-8 where it should be 0: compare the pixels",
                scale=1.0,
            )


def _described(asked: Mapping[str, Tensor]) -> str:
    sizes = ", ".join(str(len(asked[name])) for name in NAMES)
    train = asked["train"]
    return f"parts of {sizes} images of {train.shape[1]} pixels, {str(train.dtype)[6:]}"


def standardised(
    parts: Mapping[str, Tensor], measured: Tensor, correction: int = 0, power: int = 1
) -> Tensors:
    """All parts, with mean and deviation of some images."""
    mean, deviation = measured.mean(0), measured.std(0, correction=correction) ** power
    same = (measured == measured[0]).all(0)
    mean, deviation = torch.where(same, measured[0], mean), torch.where(same, 1, deviation)
    return {name: (part - mean) / deviation for name, part in parts.items()}


# 3. minibatch

#: Seeds, runs and steps that are crossed with one another.
VALUES = (0, 1, 2, 3, 7, 10, 100, 1000)

#: And some beside zeros: a stream that repeats does so after a round number of them.
ROUND = (*(2**k for k in range(2, 17)), *(10**k for k in range(1, 6)), 12, 25, 37, 50, 250, 500)


def exam_minibatch(generator, ask, report):
    """The draw; what it depends on."""

    def question(count: int, size: int | None, names: Tensor, kind: str) -> tuple[dict, str]:
        order = torch.randperm(count, generator=generator)
        asked = {
            "images": IMAGES[kind](order),
            "labels": torch.randint(10, (count,), generator=generator),
            "size": size,
            "probe_names": names,
            "contiguous": kind != "bytes",
        }
        return asked, f"{count} images ({kind}), size {'left out' if size is None else size}"

    with report.criterion("images with their labels, uniform and with replacement", 1):
        names = torch.randint(200, (1100, 3), generator=generator)
        for count, size, batches, kind in (
            (37, 24, 500, "floats"),
            (101, 24, 30, "bytes"),
            (50, 24, 30, "doubles"),
            (23, 60, 30, "floats"),
            (300, 128, 60, "one pixel"),
            (9, 1, 30, "floats"),
            (1, 5, 2, "floats"),
            (2**16 + whole(5000, 30_000, generator), 128, 100, "one pixel"),
            (50, None, 30, "floats"),
        ):
            asked, given = question(count, size, names[:batches], kind)
            names = names[batches:]
            index = drawn_from(ask(**asked), asked, given)
            if count > 1:
                judge_uniform(index, count, given)
            if batches == 500:
                judge_places(index, given)
    with report.criterion("a draw depends on seed, run and step, and on nothing else", 1):
        grid = list(itertools.product(VALUES, repeat=3))
        beside = [row for value in ROUND for row in (torch.eye(3).long() * value).tolist()]
        names = torch.tensor([*grid, *beside])
        order = torch.randperm(len(names), generator=generator)
        asked, given = question(41, 24, names[order], "floats")
        reply = ask(**asked)
        index = drawn_from(reply, asked, given)
        judge_dependence(reply, asked, index, given)
        asked, given = question(90, 24, names[order[:8]], "floats")
        if drawn_from(ask(**asked), asked, given).max() < 41:
            raise Lost(
                "the first 41 images alone",
                "draws from all images",
                f"{given}; the same seeds, runs and steps as before, when there were 41 images",
                "keep nothing of an earlier call",
            )
        judge_different(index, names[order].tolist())
        many = torch.cat(
            [torch.randint(LARGEST + 1, (5000, 3), generator=generator), packed_alike(generator)]
        )
        asked, given = question(1000, 8, many, "one pixel")
        drawn = drawn_from(ask(**asked), asked, given)
        judge_different(drawn, many.tolist(), by_chance=1)  # seeds have 32 bits
        index = index[order.argsort()][: len(grid)]
        judge_unrelated(index.view(*[len(VALUES)] * 3, -1), 41, given)


def packed_alike(generator: torch.Generator) -> Tensor:
    """Pairs of names that are one number where they are packed into too few bits, (names, 3).

    One who packs two numbers as ``one * stride + other``, of which a generator uses 32 bits or the
    rest of a division, packs ``one + few`` and ``other - more`` into the same number if
    ``few * stride`` is ``more``, but for whole turns.
    """
    found, few = [], torch.arange(1, LARGEST + 1)
    for turn, stride in itertools.product(TURNS, STRIDES):
        more = (few * stride + turn // 2) % turn - turn // 2
        where = (more.abs() <= LARGEST).nonzero()
        if not len(where):
            continue
        place = where[0, 0]
        for one, other in itertools.permutations(range(3), 2):
            pair = torch.zeros(2, 3, dtype=torch.int64)
            pair[0, one], pair[int(more[place] > 0), other] = few[place], more[place].abs()
            room = LARGEST - pair.amax(0)
            found.append(pair + (torch.rand(3, generator=generator) * (room + 1)).long())
    return torch.cat(found)


#: Seeds, runs and steps go up to here.
LARGEST = 100_000

#: By what one of them is multiplied where they are packed into one number; and what is left of it.
STRIDES = (31, 101, 1001, 1009, 10**4 + 7, 10**5 + 1, 10**5 + 3, 10**6, 10**6 + 3, 10**7, 10**9 + 7)
STRIDES += (2**16 + 1, 2**17, 2**20)
TURNS = (2**32, 2**31 - 1)

#: Kinds of images, by what is made of whole numbers, each there once.
IMAGES = {
    "floats": lambda order: torch.stack([order, order**2, -order], dim=1).float(),
    "bytes": lambda order: torch.stack([order, 255 - order], dim=1).to(torch.uint8),
    "doubles": lambda order: 1 + torch.stack([order, -order], dim=1).double() * 2**-40,
    "one pixel": lambda order: order[:, None].float(),
}


def judge_dependence(reply: dict, asked: dict, index: Tensor, given: str) -> None:
    """The same three numbers give the same, whatever else is different.

    Raises:
        Lost: they do not, or torch's global generator has moved.
    """
    for what in ("images", "labels"):
        if not torch.equal(reply[what], reply[f"{what} again"]):
            raise Lost(
                f"other {what} the second time",
                "the same, whoever asks and in whatever order",
                "the same seeds, runs and steps, in another order, under float64 as default dtype",
                "make a generator inside, seeded from the three numbers, and draw whole numbers: "
                "torch.rand draws others in another dtype",
            )
    if not torch.equal(reply["images"][:3], reply["images elsewhere"]):
        raise Lost(
            "other images when Python is started anew",
            "the same, today and tomorrow",
            "the same seeds, runs and steps",
            "Python's hash of a text is another one in each process; that of a tuple of whole "
            "numbers is not; nor may the time decide, or where a tensor lies in memory",
        )
    if not torch.equal(reply["images turned"], asked["images"].flip(0)[index[:3]]):
        raise Lost(
            "images of an earlier call, or from other places",
            "the places that the three numbers give, in the images that are given",
            "the same seeds, runs and steps, and the same tensor with its images in reversed order",
            "keep nothing of an earlier call, and draw places, whatever the images show",
        )
    if reply["moved"]:
        raise Lost(
            "torch's global generator has moved, or was seeded",
            "it is as it was",
            given,
            "torch.Generator() makes one of your own; torch.manual_seed seeds everybody's",
        )


def drawn_from(reply: dict, asked: dict, given: str) -> Tensor:
    """Which images were drawn, (minibatches, size).

    Raises:
        Lost: they are not from the data, or have other labels.
    """
    must_be_kept(reply["changed"], given, "what was given stays as it is")
    images, labels = asked["images"].double(), asked["labels"]
    drawn, (known, order) = reply["images"].double(), images[:, 0].sort()  # no two begin alike
    place = torch.searchsorted(known, drawn[..., 0].contiguous()).clamp(max=len(known) - 1)
    index = order[place]
    if not torch.equal(images[index], drawn):
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
    stretches = min(count, 300)  # of many images, as many as are met some times
    length = (torch.arange(count) * stretches // count).bincount()
    times = (index.flatten() * stretches // count).bincount(minlength=stretches)
    mean = batches * size * length / count
    chi = ((times - mean).square() / mean).sum() - (stretches - 1)
    if not abs(chi) < (SIGMAS + 2) * (2 * (stretches - 1)) ** 0.5:  # a longer tail than normal
        what = "image" if stretches == count else f"stretch of {length.min()} or so images"
        raise Lost(
            f"one {what} {times.max()} times, another {times.min()} times",
            f"each about {mean.mean():.0f} times, over {batches} minibatches",
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


def judge_places(index: Tensor, given: str) -> None:
    """The places of a minibatch have nothing to do with one another.

    Raises:
        Lost: two of them have.
    """
    related = index.T.double().corrcoef().fill_diagonal_(0).abs()
    if related.max() > (SIGMAS + 1) / len(index) ** 0.5:
        one, other = divmod(int(related.argmax()), len(related))
        raise Lost(
            f"places {other} and {one} of a minibatch, whose images' numbers have a correlation of "
            f"{related.max():.2f}",
            "about 0, as when each place is drawn by itself",
            given,
            "use what the generator draws as it comes, neither sorted nor mirrored",
        )


def judge_different(index: Tensor, names: Sequence[Sequence[int]], by_chance: int = 0) -> None:
    """No two minibatches are the same, in whatever order their images are.

    Args:
        by_chance: how often two may be.

    Raises:
        Lost: two are.
    """
    met: dict[tuple, tuple] = {}
    for row, name in zip(index.tolist(), names, strict=True):
        first, other = met.setdefault(tuple(sorted(row)), (row, name))
        by_chance -= other != name
        if by_chance < 0:
            words = "seed {}, run {}, step {}"
            same = "the same minibatch" if first == row else "the same images in another order"
            raise Lost(
                f"{same} for {words.format(*other)} and {words.format(*name)}",
                "another draw",
                f"seeds, runs and steps from 0 to {max(map(max, names))}",
                "all three numbers must count; a sum of them is the same for other triples, too, "
                "and of a number that packs them torch's generators use the lowest 32 bits",
            )


def judge_unrelated(index: Tensor, count: int, given: str) -> None:
    """Two minibatches that differ in one number only have nothing to do with each other.

    Args:
        index: (seeds, runs, steps, size).
        count: of images.

    Raises:
        Lost: one is the other one shifted or mirrored, or they have more in common than by chance.
    """
    is_there = torch.nn.functional.one_hot(index, count).any(-2)
    by_chance = count * float(is_there.double().mean()) ** 2
    for axis, what in enumerate(("seed", "run", "step")):
        one, other = (index.narrow(axis, k, len(VALUES) - 1).flatten(0, 2) for k in (0, 1))
        same = most_at_one_distance(one, other, count)
        common = (is_there.narrow(axis, 0, len(VALUES) - 1) & is_there.narrow(axis, 1, 7)).sum(-1)
        off = (common.double().mean() - by_chance).abs() / common.double().std().clamp(min=0.5)
        if same > 10:  # of 24; chance does that less than once in a hundred thousand exams
            came_back = f"minibatches with another {what} that have {same} images at one distance"
        elif off > 1.5 * SIGMAS / common.numel() ** 0.5:
            came_back = (
                f"minibatches with another {what} that have {common.double().mean():.1f} different "
                f"images in common, on average, where it would be {by_chance:.1f} by chance"
            )
        else:
            continue
        raise Lost(
            came_back,
            "draws that have nothing to do with each other",
            given,
            "the seed of the generator must depend on all three numbers, and what it draws is used "
            "as it comes: no part of a longer stream, neither shifted nor sorted nor mirrored",
        )


def most_at_one_distance(one: Tensor, other: Tensor, count: int) -> int:
    """The most places of which two minibatches have images at one distance, in the file.

    Args:
        one, other: (pairs, size). A place of the one is compared with the same place of the other,
            and with places up to half a minibatch away.
    """
    most = 0
    for lag in (0, 1, 2, 4, 6, 8, 12):
        for a, b in ((one, other), (other, one)):
            a, b = a[:, lag:], b[:, : b.shape[1] - lag]
            for distance in (b - a, b + a) if lag == 0 else (b - a,):
                times = torch.nn.functional.one_hot(distance.remainder(count), count).sum(1)
                most = max(most, int(times.max()))
    return most
