"""Verdicts on made-up results; the stored table is what the stored results say."""

import pytest

from l2l_ref.bench import claims
from l2l_ref.bench.claims import CLAIMS, Claim, best_baseline, evidence, steps_ahead, verdict
from l2l_ref.minimizers import BASELINES
from l2l_ref.support.files import ARTIFACTS


def result(ratios, lstm=(1.0, 1.0, 1.0), other=(2.0, 2.0, 2.0)):
    """A result in which the learned optimizer has these intervals of its ratio to the baselines."""
    over = {
        name: {"ratio": sum(ratio) / 2, "ratio_ci95": list(ratio)}
        for name, ratio in zip(BASELINES, ratios, strict=True)
    }
    entry = {"sum_ci95": [1.0, 3.0], "diverged": 0, "lr": 0.1}
    optimizers = {
        name: entry | {"sum": 2.0 + place, "curve": list(other)}
        for place, name in enumerate(BASELINES)
    }
    optimizers["lstm"] = entry | {"sum": 1.5, "curve": list(lstm), "lr": None}
    return {"steps": 3, "functions": 100, "optimizers": optimizers, "lstm_over": over}


AHEAD, EQUAL, BEHIND = (0.5, 0.9), (0.9, 1.1), (1.1, 1.5)


@pytest.mark.parametrize(
    ("ratios", "claimed_ahead", "expected"),
    [
        ([AHEAD] * 5, True, "holds"),
        ([AHEAD] * 4 + [EQUAL], True, "open"),
        ([AHEAD] * 4 + [BEHIND], True, "does not hold"),
        ([EQUAL] * 4 + [BEHIND], True, "does not hold"),
        ([AHEAD] * 5, False, "does not hold"),
        ([AHEAD] * 4 + [EQUAL], False, "open"),
        ([AHEAD] * 4 + [BEHIND], False, "holds"),
    ],
)
def test_verdicts(ratios, claimed_ahead, expected):
    assert verdict(Claim("", "", "", claimed_ahead), result(ratios)) == expected


@pytest.mark.parametrize(
    ("lstm", "expected"),
    [
        ((1.0, 1.0, 1.0), [(0, 2)]),
        ((3.0, 1.0, 1.0), [(1, 2)]),
        ((1.0, 2.0, 1.0), [(0, 0), (2, 2)]),
        ((2.0, 2.0, 2.0), []),
    ],
)
def test_the_steps_at_which_it_leads(lstm, expected):
    assert steps_ahead(result([AHEAD] * 5, lstm)) == expected


def test_the_evidence():
    line = evidence(result([AHEAD] * 5, lstm=(3.0, 1.0, 1.0)))
    assert best_baseline(result([AHEAD] * 5)) == "adam"
    assert "sum of 3 losses 1.50 [1.00, 3.00]" in line
    assert "best baseline adam at 0.1: 2.00" in line
    assert "paired ratio 0.700 [0.500, 0.900]" in line
    assert line.endswith("at steps 1 to 2")


def test_the_stored_table_is_what_the_stored_results_say(l2l):
    stored = (ARTIFACTS / "claims.md").read_text("utf-8")
    assert stored.endswith(claims.table())
    assert stored.count("\n| ") == len(CLAIMS) + 1
    code, out, _ = l2l("claims")
    assert (code, out) == (0, claims.table())
