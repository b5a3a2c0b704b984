"""Guesses that a student writes down before something is run.

A prediction costs no points. The guess is compared with what really comes out, and the outcome is
explained, whether the guess was right or not: what one had expected is then on paper.
"""

import math
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from ..support.errors import InputError


@dataclass(frozen=True)
class Prediction:
    """Something that can be run, and what one may think will come out.

    Args:
        run: takes nothing, returns what comes out: a number, or what is right of ``choices``.
        because: why it is so, in a few sentences.
        choices: what one can say; empty where the answer is a number.
        several: whether several of them may be right; guess and outcome are lists.
        misled: for some wrong choices, what leads there.
        factor: how far a number may be off.
    """

    run: Callable[[], object]
    because: str
    choices: tuple[str, ...] = ()
    several: bool = False
    misled: Mapping[str, str] = field(default_factory=dict)
    factor: float = 2.0

    @property
    def wanted(self) -> str:
        """What a guess looks like, in words."""
        if not self.choices:
            return "a number"
        known = ", ".join(map(repr, self.choices))
        return f"a list of some of these: {known}" if self.several else f"one of {known}"

    def fits(self, guess: object) -> bool:
        """Whether it is a guess at all."""
        if self.choices:
            said = _said(guess)
            return said <= set(self.choices) and (self.several or len(said) == 1)
        try:
            return math.isfinite(float(guess))
        except (TypeError, ValueError, RuntimeError):
            return False

    def agrees(self, guess: object, came: object) -> bool:
        """Whether a guess is right: the same choices, or a number that is near enough."""
        if self.choices:
            return _said(guess) == _said(came)
        guess, came = float(guess), float(came)
        near = guess * came > 0 and 1 / self.factor <= guess / came <= self.factor
        return near or guess == came

    def compared(self, guess: object) -> str:
        """The guess beside what came out, and why."""
        came = self.run()
        right = self.agrees(guess, came)
        lines = [f"you said   {_words(guess)}", f"it is      {_words(came)}", ""]
        misled = self.misled.get(_words(guess), "")
        verdict = "As you said." if self.choices or float(guess) == came else "Near enough."
        why = f"{verdict if right else misled} {self.because}".strip()
        return "\n".join(lines + textwrap.wrap(why, 76, break_on_hyphens=False))


def _said(value: object) -> set[str]:
    """A choice, or several, as a set; None and True are said without quotes, too."""
    several = isinstance(value, set | frozenset | list | tuple)
    return set(map(str, value)) if several else {str(value)}


def _words(value: object) -> str:
    """A guess or an outcome, as it is printed."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(sorted(_said(value))) or "none of them"


class Predictions:
    """What a notebook calls: ``predict("rate_grad", "None")``.

    Args:
        exercise: its name.
        predictions: by their names.
    """

    def __init__(self, exercise: str, predictions: Mapping[str, Prediction]):
        self.exercise, self.predictions = exercise, dict(predictions)

    def __call__(self, name: str, guess: object = ...) -> None:
        """Print the guess beside what comes out, and why; nothing is run without a guess.

        Raises:
            InputError: there is no such prediction.
        """
        if name not in self.predictions:
            known = ", ".join(self.predictions)
            raise InputError(f"{self.exercise} has no prediction {name!r}; there are {known}")
        prediction = self.predictions[name]
        if guess is ...:
            print(f"Write down a guess first, in place of the dots: {prediction.wanted}.")
        elif prediction.fits(guess):
            print(prediction.compared(guess))
        else:
            print(f"{guess!r} is no guess that fits here. A guess is {prediction.wanted}.")


def get_predictions(name: str) -> Predictions:
    """The predictions of an exercise, by the name of its room."""
    return import_module(f".{name}.predictions", __package__).predict
