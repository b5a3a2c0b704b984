"""The test in question 2 of exercise 04: whether an update rule is torch's Adam."""

from collections.abc import Mapping

import torch

from ..examining import Suspect, must_be_kept, must_tell, told

#: What makes a rule a right one in another form.
RIGHT = ({}, {"as_dict": 1.0}, {"until": 1e6})

#: Mistakes that show in any gradients within a few steps, by their names.
PLAIN: dict[str, Mapping[str, float]] = {
    "its updates go uphill": {"sign": 1.0},
    "it corrects nothing": {"correct_m": 0.0, "correct_v": 0.0},
    "it corrects v alone": {"correct_m": 0.0},
    "it corrects m alone": {"correct_v": 0.0},
    "its decays have changed places": {"keep_m": 0.999, "keep_v": 0.9},
    "its v decays with 0.99": {"keep_v": 0.99},
    "its m starts as the first gradient": {"start_m": 1.0},
    "its v starts as the first square": {"start_v": 1.0},
    "its first step is number 2": {"first": 2.0},
    "it remembers what it has corrected": {"remember_corrected": 1.0},
}

#: Mistakes that show only in some gradients, some rates, late, or in a second run.
HIDDEN: dict[str, Mapping[str, float]] = {
    "it adds epsilon under the root, which shows where gradients are tiny": {"under": 1.0},
    "it has no epsilon, which shows where gradients are tiny": {"epsilon": 1e-30},
    "it adds epsilon before v is corrected, which shows where gradients are tiny": {"early": 1.0},
    "it stops to correct after step 12": {"until": 12.0},
    "it keeps the first rate when another one is given": {"first_rate": 1.0},
    "its v never falls, which shows where gradients become smaller": {"largest": 1.0},
    "its second run begins with what the first one remembered": {"forget": 1.0},
}

GIVEN = "update rules of the form of question 2, in float64"
IDEA = (
    "run torch.optim.Adam beside it, on gradients and rates of your choice, and compare each "
    "update with its own size. What do gradients of 1e-9 show, gradients that become small, "
    "other rates, twenty steps, a second run?"
)


def line_up(generator: torch.Generator, mistakes: Mapping[str, Mapping]) -> list[Suspect]:
    """Right rules and wrong ones, in random order."""
    found = [Suspect(dict(form)) for form in RIGHT]
    found += [Suspect(dict(numbers), words) for words, numbers in mistakes.items()]
    return [found[k] for k in torch.randperm(len(found), generator=generator).tolist()]


def exam_is_adam(generator, ask, report):
    """Rules that are plainly something else; rules that are Adam most of the time."""

    def judge(mistakes: Mapping[str, Mapping]) -> list[str]:
        suspects = line_up(generator, mistakes)
        reply = told(ask, {"probe_rules": [each.asked for each in suspects]}, GIVEN)
        must_tell(reply["said"], suspects, GIVEN, IDEA)
        return reply["changed"]

    with report.criterion("Adam passes the test, and plainly wrong rules do not", 1):
        changed = judge(PLAIN)
        must_be_kept(changed, GIVEN, "a test makes tensors of the dtype it needs, and sets nothing")
    with report.criterion("nor do rules that are wrong for some gradients, rates or runs only", 1):
        judge(HIDDEN)
