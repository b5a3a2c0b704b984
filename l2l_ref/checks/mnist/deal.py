"""The exam of dealing images out without leakage, in exercise 05."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

from ..examining import SIGMAS, Lost, must_be_kept, seed_from, whole

#: Kinds of images, by what is made of levels from 1 to 16.
KINDS = {
    "bytes": lambda levels: levels.to(torch.uint8),
    "bright bytes": lambda levels: (239 + levels).to(torch.uint8),
    "floats": lambda levels: levels.float() / 16 - 1 / 16,
    "doubles close to 0.1": lambda levels: 0.1 + 1e-11 * levels.double(),
}


OWN_COPY = "sort a copy of the images, and take no share off the caller's list"


def exam_deal(generator, ask, report):
    """Every image in one part; no image in two; chance."""

    def question(
        count: int, extra: int, shares: Sequence, draws: int, kind: str = "bytes", times: int = 0
    ) -> tuple[dict, Tensor, str]:
        levels, which = collection(count, extra, generator)
        if times:
            levels, which = copied(levels, which, generator, times)
        asked = {
            "images": KINDS[kind](levels),
            "shares": shares,
            "probe_seed": seed_from(generator),
            "draws": draws,
            "contiguous": kind != "bytes" or count != 997,
        }
        words = f"{count} images ({kind}), {which.unique().numel()} of them distinct"
        return asked, which, f"{words}, shares {', '.join(f'{share:.3g}' for share in shares)}"

    cases = (
        ((0.6, 0.2, 0.2), "bytes"),
        ((0.5, 0.3, 0.2), "floats"),
        ((0.25, 0.75), "bright bytes"),
        ((0.4, 0.3, 0.2, 0.1), "doubles close to 0.1"),
    )
    with report.criterion("every image is in one part, and each part has its share", 0.5):
        for shares, kind in cases:
            asked, _, given = question(997, 22, shares, 2, kind)  # no share is a whole number
            reply = ask(**asked)
            for dealt in reply["first"]:
                judge_dealt(dealt, 997, shares, given)
            must_be_kept(reply["changed"], given, OWN_COPY)
        many, each = whole(26, 40, generator), whole(8, 9, generator)
        for count, extra, shares, draws, times in (
            (1000, 22, (0.5, 0.5), 8, 7),
            (1000, 22, (0.7, 0.2, 0.1), 8, 0),
            (1000, 22, [1 / 12] * 12, 24, 10),
            *((many * each + more, 0, [1 / many] * many, 2, 0) for more in (1, many // 2, -1)),
        ):
            asked, _, given = question(count, extra, shares, draws, times=times)
            for dealt in ask(**asked)["first"]:
                judge_dealt(dealt, count, shares, given)
    with report.criterion("no image is in two parts", 0.5):
        for shares, kind in cases:
            asked, which, given = question(1000, 22, shares, 2, kind)
            if kind == "floats":  # equal in every pixel, whatever the sign of a zero
                minus = torch.randint(2, asked["images"].shape, generator=generator).bool()
                asked["images"][minus & (asked["images"] == 0)] = -0.0
                given += "; some zeros are 0.0 and some -0.0, which are equal"
            reply = ask(**asked)
            for dealt in reply["first"]:
                judge_leak(dealt, which, given)
            if not report.criteria[0].lost:  # who sorts what was given has paid for it there
                must_be_kept(reply["changed"], given, "-0.0 and 0.0 are equal, and not the same")
            given += "; then the same tensor with its images in reversed order"
            judge_leak(reply["turned"][0], which.flip(0), given)
    with report.criterion("chance alone deals, out of the generator", 0.5):
        asked, which, given = question(300, 30, (0.5, 0.3, 0.2), 100)
        reply = ask(**asked)
        judge_source(reply, given)
        judge_chance(reply["first"], which, given)


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
    copies = torch.randperm(len(distinct), generator=generator)[:missing]
    copies[1:2] = copies[:1]  # one of them comes three times, as no other
    which = torch.cat([torch.arange(len(distinct)), copies])
    which = which[torch.randperm(count, generator=generator)]
    return distinct[which], which


def copied(
    images: Tensor, which: Tensor, generator: torch.Generator, times: int
) -> tuple[Tensor, Tensor]:
    """The same, but every second place is taken by one of few images, each there many times.

    Whoever cuts the list of distinct images then misses the shares, and so does whoever moves each
    cut on from the last one.
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
            "copies are dealt out as well, each index once, and the last part reaches to the "
            "end: a sum of shares may be rounded to a little less than 1",
        )
    for k, (part, share) in enumerate(zip(dealt, shares, strict=True)):
        if abs(len(part) - share * count) > 0.015 * count:
            raise Lost(
                f"part {k + 1} with {len(part)} images",
                f"{share * count:g}, give or take {0.015 * count:g}",
                given,
                "images that hardly differ are different, in their own dtype"
                if "close" in given
                else "a coin for each image gives sizes that vary too much, and so does a cut "
                "through the distinct images; and what is rounded part by part adds up",
            )


def judge_leak(dealt: list[list[int]], which: Tensor, given: str) -> None:
    """No image in two parts.

    Raises:
        Lost: there are some.
    """
    judge_dealt(dealt, len(which), [len(part) / len(which) for part in dealt], given)
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


def judge_source(reply: dict, given: str) -> None:
    """What the deal depends on.

    Raises:
        Lost: something else than the generator decides.
    """
    draws, expected = len(reply["first"]), "parts that depend on the generator, and on nothing else"
    different = len({repr(dealt) for dealt in reply["first"]})
    if reply["moved"] or not reply["again"]:
        raise Lost(
            "torch's global generator has moved, or was seeded"
            if reply["moved"]
            else "other parts the second time",
            expected,
            "generators in the same state, twice, the second time under float64 as default dtype",
            "give the generator to what draws, as in torch.randperm(n, generator=generator); "
            "torch.rand draws other numbers in another dtype",
        )
    if not reply["elsewhere"]:
        raise Lost(
            "other parts when Python is started anew",
            expected,
            "a generator in the same state, in another process",
            "the hash of bytes and of texts is another one in each process, and so is the order "
            "of a set of them; that of a dict is the order in which they came",
        )
    if different < draws:
        raise Lost(
            f"{different} different deal{'s' * (different > 1)} in {draws} draws",
            "other parts each time, since the generator moves on",
            given,
            "draw from the generator itself, not from another one with its first seed, or with one "
            "of few seeds",
        )


def judge_chance(deals: list[list[list[int]]], which: Tensor, given: str) -> None:
    """Which images go where, over many draws; how large the parts are is judged elsewhere.

    Raises:
        Lost: some images prefer a part, or the company of others.
    """
    draws, count = len(deals), len(which)
    part_of = torch.zeros(draws, count, dtype=torch.int64)
    for row, dealt in zip(part_of, deals, strict=True):
        judge_dealt(dealt, count, [len(part) / count for part in dealt], given)
        for k, part in enumerate(dealt):
            row[part] = k
    cut = "put the distinct images in a random order before the list is cut"
    shares = [(part_of == k).double().mean().item() for k in range(len(deals[0]))]
    for k, share in enumerate(shares):
        times = (part_of == k).sum(0)
        sigma = (draws * share * (1 - share)) ** 0.5
        off = (times - draws * share).abs()
        worst = int(off.argmax())
        if off[worst] > SIGMAS * sigma:
            copies = int((which == which[worst]).sum())
            copied = f" (an image that is there {copies} times)" * (copies > 1)
            raise Lost(
                f"image {worst}{copied} was in part {k + 1} in {times[worst]} of {draws} draws",
                f"in about {draws * share:.0f}, as any other",
                given,
                cut,
            )
    judge_company(part_of, which, sum(share**2 for share in shares), given, cut)


def judge_stretches(together: Tensor, differ: Tensor, given: str) -> None:
    """Images that lie near each other in the file are together as often as any others.

    Args:
        together: the share of draws in which two images were in one part, (images, images).
        differ: whether they are two different images.

    Raises:
        Lost: they are so more often, or less.
    """
    place = torch.arange(len(together))
    distance = (place - place[:, None]).abs()
    near = differ & (distance <= 10)
    found, usual = together[near].mean(), together[differ].mean()
    if abs(found - usual) > 0.015:
        raise Lost(
            f"images that lie within ten places of each other were in one part in "
            f"{100 * found:.1f} % of all cases",
            f"in about {100 * usual:.1f} %, as any two",
            given,
            "put all distinct images in one random order; deal no stretch of the file by itself",
        )


def judge_company(part_of: Tensor, which: Tensor, chance: float, given: str, cut: str) -> None:
    """How often two different images are in the same part.

    Args:
        part_of: (draws, images).
        chance: of being in the same part.

    Raises:
        Lost: neighbours are so more often, or some two more or less often, than by chance.
    """
    draws = len(part_of)
    other = which[1:] != which[:-1]
    together = (part_of[:, 1:] == part_of[:, :-1])[:, other].double().mean()
    if together > chance + 0.15:
        raise Lost(
            f"neighbours in the file are in the same part in {100 * together:.0f} % of all cases",
            f"in about {100 * chance:.0f} %",
            given,
            cut,
        )
    is_in = torch.nn.functional.one_hot(part_of).double().permute(1, 0, 2).flatten(1)
    times = is_in @ is_in.T
    differ = which != which[:, None]
    judge_stretches(times / draws, differ, given)
    off = (times - draws * chance).abs() * differ
    worst = divmod(int(off.argmax()), len(which))
    if off[worst] > (SIGMAS + 2) * (draws * chance * (1 - chance)) ** 0.5:  # of 45,000 pairs
        raise Lost(
            f"images {worst[0]} and {worst[1]}, which differ, were in the same part in "
            f"{times[worst]:.0f} of {draws} draws",
            f"in about {draws * chance:.0f}",
            given,
            "images are copies if they are equal in every pixel, and whether two others stay "
            "together is chance",
        )
