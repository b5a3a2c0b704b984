"""The question of exercise 04 on comparing: rates from one set, the report from another."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..examining import TOLERANCE, Lost, close, error, must_be_kept, recognise, told
from ..lstm_questions import drawn
from ..wire import Tensors


def exam_compare(generator, ask, report):
    """The choice; the report; what was asked."""
    with report.criterion("each rule gets the rate with the lowest mean on the search set", 0.5):
        for size in SIZES:
            asked, given = _question(generator, *size)
            reply = told(ask, asked, given)
            expected, mistakes = _expected_rates(asked)
            close(
                reply["rates"],
                expected["rates"],
                what="the rates of " + ", ".join(asked["names"]),
                given=given,
                idea=recognise(reply, mistakes, "the mean of the sums, for each rule by itself"),
            )
            _must_be_of_the_list(reply, asked, given)
        for words, arrange, idea in SPECIAL:
            asked, given = _question(generator, 3, 6, 150)
            better = arrange(asked, generator)
            close(
                told(ask, asked, given)["rates"],
                better,
                what="the rates of " + ", ".join(asked["names"]),
                given=f"{given}, {words}",
                idea=idea,
            )
    with report.criterion("the number reported is the mean on the report set", 0.5):
        for size in SIZES:
            asked, given = _question(generator, *size)
            _judge_means(ask, asked, given)
    with report.criterion(REPORT, 1):
        for nth, size in enumerate(SIZES):
            asked, given = _question(generator, *size)
            shared = asked["search"][:nth]  # the first time the lists have nothing in common
            asked["report"] += shared
            given += f"; {len(shared)} of the search list are in the report list too" if nth else ""
            reply, (expected, mistakes) = told(ask, asked, given), _expected_rates(asked)
            first = report.criteria[0].lost  # a known mistake costs what it spoils, and no more
            slipped = first and first.found["look at"] in mistakes
            judge_record(reply["asked"], asked, given)
            for what in () if slipped else ("rates", "means"):
                close(reply[what], expected[what], what=f"the {what}", given=given)
            idea = (
                "the lists that were given, what sums gave, and what an earlier call of yours has "
                "returned, are as they were"
            )
            must_be_kept(reply["changed"], given, idea)


REPORT = "the report set is opened once for each rule, after the search; what was given stays"

#: Rules, rates, functions to report on, of which there is one more to search on; size of the sums.
SIZES = ((3, 5, 14, 50.0), (3, 6, 17, 50.0), (2, 12, 130, 1e30), (1, 1, 1, 50.0))


def _question(
    generator: torch.Generator, rules: int, few: int, many: int, size: float = 50.0
) -> tuple[dict, str]:
    """Rules with capped sums in float64, so that what is lost in float32 shows."""
    names = ["sgd", "momentum", "adam"]
    names = [names[k] for k in torch.randperm(3, generator=generator)[:rules]]
    rates = (10 ** (-3 * torch.arange(few) / few))[torch.randperm(few, generator=generator)]
    # Products in float64, which float32 cannot hold.
    rates = (rates.double() * (1 + 0.5 * torch.rand(few, generator=generator))).tolist()
    order = torch.randperm(2 * many + 1, generator=generator).tolist()
    # A few functions are much harder than the rest, so that medians choose other rates.
    table = size * (1.5 * drawn((rules, few, len(order)), generator).double()).exp()
    asked = {
        "names": names,
        "rates": rates,
        "search": order[: many + 1],
        "report": order[many + 1 :],
        "probe_table": table,
    }
    plural = "s" if rules > 1 else ""
    return asked, (
        f"{rules} rule{plural}, {few} rate{'s' if few > 1 else ''}, {many + 1} functions to search "
        f"on, {many} to report on, sums around {size:g}; before, another call with other sums"
    )


def _must_be_of_the_list(reply: dict, asked: dict, given: str) -> None:
    """The rates that came back and those that ``sums`` was asked for.

    Raises:
        Lost: one has other digits than in the list.
    """
    used = [*reply["rates"].tolist(), *(rate for _, rate, _ in reply["asked"])]
    for rate in used:
        if rate not in asked["rates"]:
            nearest = min(asked["rates"], key=lambda known: abs(known - rate))
            raise Lost(
                f"the rate {rate!r}",
                f"as it stands in rates, {nearest!r}",
                given,
                "a tensor made of the rates has float32 digits; take the rate from the list itself",
            )


def _nearly_the_same(asked: dict, generator: torch.Generator) -> Tensor:
    """Put the best two rates of each rule next to each other; the better ones."""
    table, search, best = asked["probe_table"], asked["search"], []
    for k, of_rule in enumerate(table):
        pair = torch.randperm(len(of_rule), generator=generator)[:2].sort(descending=k % 2 == 0)
        one, other = pair.values.tolist()  # the first of equals is wrong here, the last one there
        means = of_rule[:, search].mean(1)
        of_rule *= 100 / means[:, None]
        of_rule[one] *= 0.5
        of_rule[other] *= 0.5 * (1 + 1e-8)
        best.append(asked["rates"][one])
    return torch.tensor(best, dtype=torch.float64)


def _with_zeros(asked: dict, generator: torch.Generator) -> Tensor:
    """A rate of 0 that is the best of two rules, before others, and a mean of 0; the best rates."""
    zero, other = torch.randperm(len(asked["rates"]) - 1, generator=generator)[:2].tolist()
    asked["rates"][zero] = 0.0
    table = asked["probe_table"]
    table[:2, zero] *= 1e-9
    table[2, other] = 0
    return torch.tensor([0.0, 0.0, asked["rates"][other]], dtype=torch.float64)


#: What is special about two questions on rates, how they are made so, and what to say.
SPECIAL = (
    (
        "the means of the two best rates a millionth of a percent apart",
        _nearly_the_same,
        "lower is lower, by however little: means are compared as they are, neither rounded nor "
        "put into a float32 tensor",
    ),
    (
        "one of the rates is 0, and one of the best means is",
        _with_zeros,
        "0 is a number like any other, but counts as false: compare with None by 'is'",
    ),
)


def _answers(asked: dict, search: list, report: list, average=torch.mean) -> Tensors:
    """Rates and means for a choice made on some functions and a report on others."""
    table = asked["probe_table"]
    rates = table[:, :, search]
    best = (rates.mean(-1) if average is torch.mean else rates.median(-1).values).argmin(-1)
    means = table[:, :, report].mean(-1).gather(1, best[:, None])[:, 0]
    return {"rates": torch.tensor(asked["rates"])[best], "means": means}


def _expected_rates(asked: dict) -> tuple[Tensors, dict[str, Tensors]]:
    """The right answer, and those of mistakes one knows."""
    search, report = asked["search"], asked["report"]
    mistakes = {
        "these rates are the best on the report set: choose on the search set": (
            _answers(asked, report, report)
        ),
        "these rates are the best on both sets together: choose on the search set": (
            _answers(asked, search + report, report)
        ),
        "these rates have the lowest median; the mean is asked for": (
            _answers(asked, search, report, torch.median)
        ),
    }
    right = _answers(asked, search, report)
    known = {say: {"rates": each["rates"]} for say, each in mistakes.items()}
    places = asked["probe_table"][:, :, search].mean(-1).argmin(-1).double()
    first = torch.tensor(asked["rates"][:1], dtype=torch.float64).expand(len(asked["names"]))
    known[
        "this is the first rate of the list, whatever the means are; how large or small they may "
        "be is not known before"
    ] = {"rates": first}
    known["these are the rates' places in the list; the rates themselves are asked for"] = {
        "rates": places
    }
    return right, known


def _judge_means(ask: Callable, asked: dict, given: str) -> None:
    """What is reported.

    Raises:
        Lost: it is something else.
    """
    reply, search, held_out = told(ask, asked, given), asked["search"], asked["report"]
    mistakes = {
        "these are the means on the search set": _answers(asked, search, search),
        "these are the means over all functions": _answers(asked, search, search + held_out),
        "these are the best means on the report set, over all rates": (
            _answers(asked, held_out, held_out)
        ),
    }
    expected = _answers(asked, search, held_out)["means"]
    known = {say: {"means": each["means"]} for say, each in mistakes.items()}
    idea = recognise(reply, known, "the mean of the sums on the report set, at the chosen rate")
    if NINE_DIGITS < error(reply["means"], expected) < TOLERANCE:
        idea = "the sums are float64 here; something on the way is float32, or the mean is rounded"
    words = {"what": "the means", "given": given, "idea": idea}
    close(reply["means"], expected, **words, tolerance=NINE_DIGITS)


#: In float64, sums in another order differ by less.
NINE_DIGITS = 1e-9


def judge_record(record: list, asked: dict, given: str) -> None:
    """What ``sums`` was asked.

    Raises:
        Lost: the sets were mixed, or one was used for what it is not there for.
    """
    search, report = set(asked["search"]), set(asked["report"])
    opened: dict[str, list[float]] = {name: [] for name in asked["names"]}
    tried: dict[str, set[float]] = {name: set() for name in asked["names"]}
    for name, rate, numbers in record:
        if set(numbers) == search:
            if opened[name]:
                raise Lost(
                    f"{name} was searched on after its report set had been opened",
                    "search first, report afterwards",
                    given,
                    "whoever has seen the report can no longer choose without it",
                )
            tried[name].add(rate)
        elif set(numbers) == report:
            opened[name].append(rate)
        else:
            raise Lost(
                f"sums({name!r}, {rate:g}, {numbers}), which is neither of the two sets",
                f"the search set {sorted(search)} or the report set {sorted(report)}, as a whole",
                given,
                "ask for each list as it is given: all rules must meet the same functions, and no "
                "set is mixed with the other",
            )
    for name, rates in opened.items():
        if len(tried[name]) < len(asked["rates"]):
            raise Lost(
                f"{name} was tried with {len(tried[name])} rates on the search set",
                f"with all {len(asked['rates'])}",
                given,
                "a rival that is tuned less than another is beaten too easily",
            )
        if len(rates) != 1:
            raise Lost(
                f"for {name} the report set was opened {len(rates)} times",
                "once, at the rate that the search has chosen",
                given,
                "a number that was picked among several is better than it should be"
                if rates
                else "the number to report is the mean on the report set, which nobody has seen",
            )
