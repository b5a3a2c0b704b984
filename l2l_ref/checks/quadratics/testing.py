"""The test in question 2 of exercise 04: whether an update rule is torch's Adam."""

from collections.abc import Mapping

import torch

from ..examining import Suspect, must_be_kept, must_tell, shuffled, told

#: What makes a rule; see `suspects.Rule`.
Numbers = Mapping[str, float | str]

#: Adam, as it may be written, in words.
FORMS: dict[str, Numbers] = {
    "Adam": {},
    "Adam whose state is a dict": {"form": "dict"},
    "Adam that calls its arguments by other names": {"form": "names"},
    "Adam whose state holds the gradient itself, for which it may not be overwritten": {
        "form": "keeps"
    },
    "Adam as an object that remembers in itself, and begins anew where the state is None": {
        "form": "inside"
    },
    "Adam whose updates are off by rounding, in the tenth digit": {"scale": 1 + 2e-10},
    "Adam that corrects for a million steps, after which nothing is left to correct": {
        "until": 1e6
    },
}

#: Mistakes that show in any gradients within a few steps, by their names.
PLAIN: dict[str, Numbers] = {
    "its updates go uphill": {"scale": -1.0},
    "its updates are 2 % too long": {"scale": 1.02},
    "it corrects nothing": {"correct_u": 0.0, "correct_v": 0.0},
    "it corrects v alone": {"correct_u": 0.0},
    "it corrects u alone": {"correct_v": 0.0},
    "its decays have changed places": {"keep_u": 0.999, "keep_v": 0.9},
    "its v decays with 0.99": {"keep_v": 0.99},
    "its u starts as the first gradient": {"start_u": 1.0},
    "its v starts as the first square": {"start_v": 1.0},
    "its first step is number 2": {"first": 2.0},
    "it remembers what it has corrected": {"remember_corrected": 1.0},
}

#: Mistakes that show only in some gradients, some rates, late, or in a second run, by what to look
#: at where one slips through.
TINY: dict[str, Numbers] = {
    "it adds epsilon under the root, which shows where gradients are tiny": {"under": 1.0},
    "it has no epsilon, which shows where gradients are tiny": {"epsilon": 1e-30},
    "its epsilon is 1.2e-8, which shows where gradients are tiny": {"epsilon": 1.2e-8},
    "it adds epsilon before v is corrected, which shows where gradients are tiny": {"early": 1.0},
    "it takes gradients below 3e-9 for zero": {"blind": 3e-9},
}
LEAKS: dict[str, Numbers] = {
    "its second run goes on where the first one of that shape has ended": {"leak": "uvVt"},
    "its second run begins with the u that the first one of that shape has left": {"leak": "u"},
    "its second run begins with the v that the first one of that shape has left": {"leak": "v"},
    "its second run goes on counting the steps of the first one": {"leak": "t"},
}
BY_IDEA: dict[str, dict[str, Numbers]] = {
    "how small are the smallest gradients of your run, and is each update compared with its own "
    "size?": TINY,
    "what does a comparison with NaN give, and to which verdict does that lead?": {
        "its updates are NaN for gradients below 1e-8": {"nan_below": 1e-8}
    },
    "how long is your run?": {"it stops to correct after step 12": {"until": 12.0}},
    "how do the rates of your run change?": {
        "it keeps the first rate when another one is given": {"rates": "first"},
        "it keeps the largest rate when smaller ones are given": {"rates": "largest"},
        "it keeps the smallest rate when larger ones are given": {"rates": "smallest"},
    },
    "how do the gradients of your run change?": {
        "its v never falls, which shows where gradients become smaller": {"largest": 1.0}
    },
    "what does a second run of the same rule show, and with how small gradients does it begin "
    "beside the last ones of the first?": LEAKS,
}
HIDDEN: dict[str, Numbers] = {
    words: numbers for mistakes in BY_IDEA.values() for words, numbers in mistakes.items()
}
IDEAS = {words: idea for idea, mistakes in BY_IDEA.items() for words in mistakes}

GIVEN = "update rules of the form of question 2, in float64"
IDEA = (
    "run torch.optim.Adam beside it, on gradients and rates of your choice, and compare each "
    "update with its own size"
)

#: Adam and a plain mistake, for what is about neither.
PAIR = (Suspect({}, form="Adam"), Suspect(PLAIN["its updates go uphill"], "its updates go uphill"))


def line_up(
    generator: torch.Generator, forms: Mapping[str, Numbers], mistakes: Mapping[str, Numbers]
) -> list[Suspect]:
    """Right rules and wrong ones, in random order."""
    found = [Suspect(dict(numbers), form=words) for words, numbers in forms.items()]
    found += [
        Suspect(dict(numbers), words, idea=IDEAS.get(words, ""))
        for words, numbers in mistakes.items()
    ]
    return shuffled(found, generator)


def exam_is_adam(generator, ask, report):
    """Rules that are plainly something else; rules that are Adam most of the time."""

    def judge(suspects: list[Suspect], words: str = "", idea: str = IDEA, way: str = "") -> list:
        given = GIVEN + words
        rules = [dict(each.asked) for each in suspects]
        reply = told(ask, {"probe_rules": rules, "words": given, "probe_way": way}, given)
        must_tell(reply["said"], suspects, given, idea)
        return reply["changed"]

    with report.criterion("Adam passes the test, and plainly wrong rules do not", 1):
        changed = judge(line_up(generator, FORMS, PLAIN))
        idea = (
            "a test makes tensors of the dtype it needs, and sets nothing; a rule may keep every "
            "tensor that it is given or gives: out=..., copy_(), sub_() and the like write into it"
        )
        must_be_kept(changed, GIVEN, idea)
        judge(list(PAIR), "; the test inside torch.no_grad()", way="no_grad")
    with report.criterion("nor do rules that are wrong for some gradients, rates or runs only", 1):
        judge(line_up(generator, {"Adam": {}}, HIDDEN))
        idea = "a verdict is about the rule as it is now; keep none for another call"
        for suspects in ([*PAIR, PAIR[0]], list(PAIR[::-1])):
            judge(suspects, "; one object that becomes another rule between calls", idea, "one")
