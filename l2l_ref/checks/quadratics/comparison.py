"""The question of exercise 04 on comparing: rates from one set, the report from another."""

import torch

from ..examining import Lost, close, must_be_kept, recognise, whole
from ..lstm_questions import drawn
from ..wire import Tensors


def exam_compare(generator, ask, report):
    """The choice; the report; what was asked."""

    def question() -> tuple[dict, str]:
        names, grid = ["sgd", "momentum", "adam"], torch.tensor([1.0, 0.3, 0.1, 0.03, 0.01, 0.003])
        names = [names[k] for k in torch.randperm(3, generator=generator)]
        few = whole(4, 6, generator)
        many = whole(12, 19, generator)
        rates = grid[torch.randperm(len(grid), generator=generator)[:few]]
        rates = (rates * (1 + torch.rand(len(rates), generator=generator))).tolist()
        order = torch.randperm(2 * many + 1, generator=generator).tolist()
        # A few functions are much harder than the rest, so that medians choose other rates.
        table = 50 * (1.5 * drawn((len(names), len(rates), len(order)), generator)).exp()
        asked = {
            "names": names,
            "rates": rates,
            "search": sorted(order[: many + 1]),
            "report": sorted(order[many + 1 :]),
            "probe_table": table,
        }
        return asked, (
            f"3 rules, {len(rates)} rates, {many + 1} functions to search on, {many} to report on"
        )

    def answers(asked: dict, search: list, report: list, average=torch.mean):
        """Rates and means for a choice made on some functions and a report on others."""
        table = asked["probe_table"].double()
        rates = table[:, :, search]
        best = (rates.mean(-1) if average is torch.mean else rates.median(-1).values).argmin(-1)
        means = table[:, :, report].mean(-1).gather(1, best[:, None])[:, 0]
        return {"rates": torch.tensor(asked["rates"])[best], "means": means}

    def expected_of(asked: dict) -> tuple[Tensors, dict[str, Tensors]]:
        search, report = asked["search"], asked["report"]
        medians = answers(asked, search, report, torch.median)
        return answers(asked, search, report), {
            "these rates are the best on the report set: choose on the search set": (
                {"rates": answers(asked, report, report)["rates"]}
            ),
            "these rates are the best on both sets together: choose on the search set": (
                {"rates": answers(asked, search + report, report)["rates"]}
            ),
            "these rates have the lowest median; the mean is asked for": (
                {"rates": medians["rates"]}
            ),
        }

    with report.criterion("each rule gets the rate with the lowest mean on the search set", 0.5):
        for _ in range(3):
            asked, given = question()
            reply, (expected, mistakes) = ask(**asked), expected_of(asked)
            idea = recognise(reply, mistakes, "the mean of the sums, for each rule by itself")
            close(
                reply["rates"],
                expected["rates"],
                what="the rates of " + ", ".join(asked["names"]),
                given=given,
                idea=idea,
            )
    with report.criterion("the number reported is the mean on the report set", 0.5):
        for _ in range(3):
            asked, given = question()
            reply, (expected, _) = ask(**asked), expected_of(asked)
            search, held_out = asked["search"], asked["report"]
            mistakes = {
                "these are the means on the search set": answers(asked, search, search),
                "these are the means over all functions": answers(asked, search, search + held_out),
                "these are the best means on the report set, over all rates": (
                    answers(asked, held_out, held_out)
                ),
            }
            known = {say: {"means": each["means"]} for say, each in mistakes.items()}
            idea = recognise(reply, known, "the mean of sums(name, chosen rate, report)")
            close(reply["means"], expected["means"], what="the means", given=given, idea=idea)
    with report.criterion("the report set is opened once for each rule, after the search", 1):
        for _ in range(3):
            asked, given = question()
            reply, (expected, _) = ask(**asked), expected_of(asked)
            for what in ("rates", "means"):
                close(reply[what], expected[what], what=f"the {what}", given=given)
            judge_record(reply["asked"], asked, given)
            must_be_kept(reply["changed"], given, "the lists that were given are as they were")


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
                "all rules must meet the same functions, and the two sets must not mix",
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
                "a number that was picked among several is better than it should be",
            )
