"""Predictions: what comes out is what is explained, and no guess costs anything."""

import ast

import pytest
from answers import FOLDER

from l2l_ref.checks import NAMES
from l2l_ref.checks.predicting import Prediction, get_predictions
from l2l_ref.support.errors import InputError

ROOT = FOLDER.parents[1]

ALL = [(name, each) for name in NAMES for each in get_predictions(name).predictions]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_asks_for_each_prediction_once_and_with_dots(name):
    (path,) = (ROOT / "solutions").glob(f"*/{name}.py")
    asked = [
        (node.args[0].value, node.args[1].value)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "predict"
    ]
    assert [each for each, _ in asked] == list(get_predictions(name).predictions)
    assert {guess for _, guess in asked} == {...}
    assert len(asked) >= 2


@pytest.mark.parametrize(("name", "which"), ALL)
def test_what_comes_out_is_a_guess_that_is_right(name, which, capsys):
    predict = get_predictions(name)
    prediction = predict.predictions[which]
    came = prediction.run()
    assert prediction.fits(came)
    assert prediction.agrees(came, came)
    predict(which, came)
    assert "As you said." in capsys.readouterr().out


@pytest.mark.parametrize(("name", "which"), ALL)
def test_every_wrong_guess_is_told_what_it_is_and_why(name, which, capsys):
    predict = get_predictions(name)
    prediction = predict.predictions[which]
    came = prediction.run()
    guesses = prediction.choices or (3 * prediction.factor * came + 1, -came - 1)
    wrong = [guess for guess in guesses if not prediction.agrees(guess, came)]
    assert wrong
    for guess in wrong:
        predict(which, guess)
        said = " ".join(capsys.readouterr().out.split())
        assert "As you said." not in said
        assert "Near enough." not in said
        assert " ".join(prediction.because.split()) in said
    assert set(prediction.misled) <= set(prediction.choices)


@pytest.mark.parametrize(("name", "which"), ALL)
def test_without_a_guess_nothing_is_given_away(name, which, capsys, monkeypatch):
    monkeypatch.setattr(Prediction, "compared", lambda *_: pytest.fail("it was run"))
    predict = get_predictions(name)
    for guess in (..., "nonsense", [["nonsense"]], {}, object()):
        predict(which, guess)
        assert "guess" in capsys.readouterr().out


def test_a_number_may_be_off_by_a_factor():
    prediction = Prediction(lambda: 2.0, "so it is", factor=1.5)
    assert [prediction.agrees(guess, 2.0) for guess in (1.4, 2.9, 1.2, 3.1, -2.0, 0)] == [
        *(True, True),
        *(False, False, False, False),
    ]
    assert not any(map(prediction.fits, ("two", None, float("nan"), [1.0, 2.0])))
    assert "As you said. so it is" in prediction.compared(2)
    assert "Near enough. so it is" in prediction.compared(2.9)


def test_one_choice_is_one_and_none_is_said_without_quotes():
    prediction = Prediction(lambda: "None", "so it is", choices=("None", "0"))
    assert prediction.fits(None)
    assert prediction.fits("0")
    assert not prediction.fits(["None", "0"])
    assert prediction.agrees(None, "None")


def test_an_unknown_prediction_is_refused():
    with pytest.raises(InputError, match="there are"):
        get_predictions("leaf_tensors")("nothing", 1)
