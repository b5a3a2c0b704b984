"""The paper's claims about quadratics and MNIST beside the stored results."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ..minimizers import BASELINES
from ..support.files import ARTIFACTS


@dataclass(frozen=True)
class Claim:
    """What the paper says of one experiment.

    Args:
        text: the claim.
        source: the figure.
        result: the stored result to judge it by, a JSON file of ``artifacts/`` without its ending.
        ahead: whether the paper sees the learned optimizer ahead of every baseline, or not.
    """

    text: str
    source: str
    result: str
    ahead: bool = True


CLAIMS = (
    Claim("Quadratics: ahead of every tuned baseline", "figure 4, left", "quadratics"),
    Claim("MNIST: ahead of every tuned baseline", "figure 4, centre", "mnist"),
    Claim("MNIST, 200 steps: still ahead", "figure 4, right", "mnist.200"),
    Claim("MNIST, 40 units: ahead", "figure 5, left", "mnist-40"),
    Claim("MNIST, two layers: ahead", "figure 5, centre", "mnist-2layer"),
    Claim("MNIST, ReLU: the learned optimizer fails", "figure 5, right", "mnist-relu", False),
)


def load(name: str) -> dict:
    """A stored result of ``artifacts/``, as `evaluation.evaluate` gave it."""
    return json.loads((ARTIFACTS / f"{name}.json").read_text("utf-8"))


def best_baseline(result: Mapping) -> str:
    """The tuned baseline with the lowest sum of losses."""
    return min(BASELINES, key=lambda name: result["optimizers"][name]["sum"])


def verdict(claim: Claim, result: Mapping) -> str:
    """Whether a result bears a claim out: ``holds``, ``does not hold`` or ``open``.

    The learned optimizer is ahead if its sum of losses is below every baseline's by more than the
    paired 95 % interval, behind if it is above one of them by more than that.
    """
    intervals = [result["lstm_over"][name]["ratio_ci95"] for name in BASELINES]
    ahead = all(high < 1 for _, high in intervals)
    behind = any(low > 1 for low, _ in intervals)
    if not ahead and not behind:
        return "open"
    return "holds" if ahead == claim.ahead else "does not hold"


def steps_ahead(result: Mapping) -> list[tuple[int, int]]:
    """The spans of steps, first and last, in which the mean loss is below every baseline's."""
    curves = [result["optimizers"][name]["curve"] for name in BASELINES]
    lowest = [min(losses) for losses in zip(*curves, strict=True)]
    spans = []
    for step, (mine, theirs) in enumerate(
        zip(result["optimizers"]["lstm"]["curve"], lowest, strict=True)
    ):
        if mine < theirs and spans and spans[-1][1] == step - 1:
            spans[-1] = (spans[-1][0], step)
        elif mine < theirs:
            spans.append((step, step))
    return spans


def evidence(result: Mapping) -> str:
    """The numbers a claim is judged by, in one line."""
    name = best_baseline(result)
    lstm, best, over = (
        result["optimizers"]["lstm"],
        result["optimizers"][name],
        result["lstm_over"][name],
    )
    spans = [
        f"{first}" if first == last else f"{first} to {last}" for first, last in steps_ahead(result)
    ]
    return (
        f"sum of {result['steps']} losses {_with_interval(lstm['sum'], lstm['sum_ci95'])}, "
        f"{lstm['diverged']} of {result['functions']:,} runs capped; best baseline {name} at "
        f"{best['lr']:g}: {_with_interval(best['sum'], best['sum_ci95'])}; paired ratio "
        f"{_with_interval(over['ratio'], over['ratio_ci95'], 3)}; mean loss below every "
        f"baseline's at steps {', '.join(spans) or 'none'}"
    )


def judged() -> list[dict]:
    """All claims with their verdicts and the numbers behind them, ready for JSON."""
    judgements = []
    for claim in CLAIMS:
        result = load(claim.result)
        name = best_baseline(result)
        judgements.append(
            asdict(claim)
            | {
                "verdict": verdict(claim, result),
                "steps": result["steps"],
                "functions": result["functions"],
                "sums": {each: result["optimizers"][each]["sum_ci95"] for each in ("lstm", name)},
                "best_baseline": name,
                "over_best": result["lstm_over"][name],
                "steps_ahead": steps_ahead(result),
            }
        )
    return judgements


def table() -> str:
    """All claims with verdict and evidence, as a Markdown table."""
    rows = ["| the paper's claim | where | ours | evidence |", "|---|---|---|---|"]
    for claim in CLAIMS:
        result = load(claim.result)
        file = f"`{claim.result}.json`"
        rows.append(
            f"| {claim.text} | {claim.source} | {verdict(claim, result)} | "
            f"{evidence(result)} ({file}) |"
        )
    return "\n".join(rows) + "\n"


def _with_interval(value: float, interval: list[float], digits: int = 2) -> str:
    low, high = interval
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
