"""The exam of dealing images out without leakage, in exercise 05."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

from ..examining import SIGMAS, Lost, must_be_kept, seed_from


def exam_deal(generator, ask, report):
    """Every image in one part; no image in two; chance."""

    def question(
        count: int, extra: int, shares: tuple, draws: int, white: int = 1, many: bool = False
    ) -> tuple[dict, Tensor, str]:
        images, which = collection(count, extra, generator)
        if many:
            images, which = copied(images, which, generator)
        images = images.to(torch.uint8) if white == 1 else images.float() / white
        asked = {
            "images": images,
            "shares": shares,
            "probe_seed": seed_from(generator),
            "draws": draws,
        }
        kind = "bytes" if white == 1 else "floats"
        words = f"{count} images ({kind}), {which.unique().numel()} of them distinct"
        return asked, which, f"{words}, shares {', '.join(map(str, shares))}"

    cases = (
        ((0.6, 0.2, 0.2), 1),
        ((0.5, 0.3, 0.2), 16),
        ((0.25, 0.75), 1),
        ((0.4, 0.3, 0.2, 0.1), 1),
    )
    with report.criterion("every image is in one part, and each part has its share", 0.5):
        for shares, white in cases * 2:
            asked, _, given = question(997, 22, shares, 2, white)  # no share is a whole number
            reply = ask(**asked)
            for dealt in reply["first"]:
                judge_dealt(dealt, 997, shares, given)
            must_be_kept(reply["changed"], given, "sort a copy, not the images themselves")
        asked, _, given = question(1000, 22, (0.5, 0.5), 10, many=True)
        for dealt in ask(**asked)["first"]:
            judge_dealt(dealt, 1000, asked["shares"], given)
    with report.criterion("no image is in two parts", 1):
        for shares, white in cases:
            asked, which, given = question(1000, 22, shares, 2, white)
            for dealt in ask(**asked)["first"]:
                judge_dealt(dealt, 1000, shares, given)
                judge_leak(dealt, which, given)
    with report.criterion("chance alone deals, out of the generator", 0.5):
        asked, which, given = question(60, 8, (0.5, 0.3, 0.2), 100)
        reply = ask(**asked)
        judge_chance(reply, which, given)


def collection(count: int, extra: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Images of whole levels in random order, with some copies, and which of them are equal.

    Among them are images that a careless comparison takes for one: mirrored ones, which have the
    same sum, and ones that differ by one level in one pixel.
    """
    images = torch.randint(1, 16, (count, 6), generator=generator)
    images[1::4] = images[::4][: len(images[1::4])].flip(1)
    images[2::4] = images[::4][: len(images[2::4])]
    images[2::4, 3] += 1
    distinct = torch.unique(images, dim=0)
    distinct = distinct[torch.randperm(len(distinct), generator=generator)[: count - extra]]
    missing = count - len(distinct)
    chosen = torch.randperm(len(distinct), generator=generator)[: missing - missing // 3]
    copies = torch.cat([chosen, chosen[: missing // 3]])  # a third of them comes three times
    which = torch.cat([torch.arange(len(distinct)), copies])
    which = which[torch.randperm(count, generator=generator)]
    return distinct[which], which


def copied(
    images: Tensor, which: Tensor, generator: torch.Generator, times: int = 7
) -> tuple[Tensor, Tensor]:
    """The same, but every second place is taken by one of few images, each there many times.

    Whoever cuts the list of distinct images then misses the shares by 2 or 3 %.
    """
    count = len(images)
    few = count // 2 // times
    distinct = which.unique()[: count - few * (times - 1)]
    first = (which == distinct[:, None]).int().argmax(1)  # where each of them lies
    order = torch.cat([first[few:], first[:few].repeat(times)])
    order = order[torch.randperm(count, generator=generator)]
    return images[order], which[order]


def judge_dealt(dealt: list[list[int]], count: int, shares: Sequence[float], given: str) -> None:
    """Every index once; the sizes.

    Raises:
        Lost: some are missing, or twice there, or a part is too large.
    """
    indices = [index for part in dealt for index in part]
    if sorted(indices) != list(range(count)):
        missing = len(set(range(count)) - set(indices))
        twice = len(indices) - len(set(indices))
        raise Lost(
            f"{missing} indices in no part, {twice} more than once",
            f"each index from 0 to {count - 1} once",
            given,
            "duplicates are dealt out as well, all copies of one image to the same part",
        )
    for k, (part, share) in enumerate(zip(dealt, shares, strict=True)):
        if abs(len(part) - share * count) > 0.015 * count + 1:
            raise Lost(
                f"part {k + 1} with {len(part)} images",
                f"{share * count:g}, give or take {0.015 * count:g}",
                given,
                "a coin for each image gives sizes that vary too much, and so does a cut through "
                "the distinct images; put all images in the random order of theirs and cut there; "
                "images that differ in one level are different",
            )


def judge_leak(dealt: list[list[int]], which: Tensor, given: str) -> None:
    """No image in two parts.

    Raises:
        Lost: there are some.
    """
    parts = [set(which[part].tolist()) for part in dealt]
    common = set.union(*(a & b for a, b in itertools.combinations(parts, 2)))
    if common:
        raise Lost(
            f"{len(common)} images lie in more than one part",
            "none",
            given,
            "an image is its pixels, not its index; deal out the distinct images, and let all "
            "copies follow",
        )


def judge_chance(reply: dict, which: Tensor, given: str) -> None:
    """Which images go where, over many draws; how large the parts are is judged elsewhere.

    Raises:
        Lost: something else than the generator decides.
    """
    draws, count = len(reply["first"]), len(which)
    for dealt in reply["first"]:
        judge_dealt(dealt, count, [len(part) / count for part in dealt], given)
    if reply["moved"] or reply["first"] != reply["again"]:
        raise Lost(
            "torch's global generator is used, moved or seeded"
            if reply["moved"]
            else "other parts the second time",
            "parts that depend on the generator that is given, and on nothing else",
            "generators in the same state, twice",
            "hand the generator on: torch.randperm(n, generator=generator)",
        )
    if all(dealt == reply["first"][0] for dealt in reply["first"]):
        raise Lost(
            f"the same parts in all {draws} draws",
            "other parts each time, since the generator moves on",
            given,
            "draw from the generator itself, not from another one with its first seed",
        )
    part_of = torch.zeros(draws, count, dtype=torch.int64)
    for row, dealt in zip(part_of, reply["first"], strict=True):
        for k, part in enumerate(dealt):
            row[part] = k
    cut = "put the distinct images in a random order before the list is cut"
    shares = [(part_of == k).double().mean().item() for k in range(len(reply["first"][0]))]
    for k, share in enumerate(shares):
        times = (part_of == k).sum(0)
        sigma = (draws * share * (1 - share)) ** 0.5
        off = (times - draws * share).abs()
        worst = int(off.argmax())
        if off[worst] > SIGMAS * sigma:
            copied = " (an image that is there more than once)" * int(
                (which == which[worst]).sum() > 1
            )
            raise Lost(
                f"image {worst}{copied} was in part {k + 1} in {times[worst]} of {draws} draws",
                f"in about {draws * share:.0f}, as any other",
                given,
                cut,
            )
    other = which[1:] != which[:-1]
    together = (part_of[:, 1:] == part_of[:, :-1])[:, other].double().mean()
    chance = sum(share**2 for share in shares)
    if together > chance + 0.15:
        raise Lost(
            f"neighbours in the file are in the same part in {100 * together:.0f} % of all cases",
            f"in about {100 * chance:.0f} %",
            given,
            cut,
        )
