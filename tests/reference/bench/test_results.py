"""What is shipped: optimizers that load, results that are whole, and that come back when measured
again. The slow tests train the quick presets and measure on functions of another seed."""

import json
from pathlib import Path

import pytest
import torch

from l2l_ref.bench.claims import best_baseline
from l2l_ref.evaluation import compare, draw, measure
from l2l_ref.minimizers import BASELINES, RATES, hand_designed, learned
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.presets import FUNCTIONS, get_preset
from l2l_ref.support.files import ARTIFACTS
from l2l_ref.tasks import TASKS, get_sampler, trained_on
from l2l_ref.training import train

RESULTS = sorted(
    path.name.removesuffix(".json")
    for path in ARTIFACTS.iterdir()
    if path.name.endswith(".json") and not path.name.startswith("bench")
)
CPU = torch.device("cpu")
ROOT = Path(__file__).parents[3]


def result_of(name):
    return json.loads((ARTIFACTS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("task", FUNCTIONS)
def test_shipped_optimizers_say_how_they_were_trained(task):
    optimizer = LSTMOptimizer.load(ARTIFACTS / f"{task}.safetensors")
    source = optimizer.provenance
    assert source["task"] == task
    assert source["command"].split()[1:3] == ["train", task]
    assert {"seed", "device", "versions", "time", "preset", "best"} <= source.keys()
    assert source["preset"]["optimizer"].items() <= optimizer.config.items()
    weights = sum(weight.numel() for weight in optimizer.parameters())
    assert weights == (5_221 if task == "quadratics" else 5_301)  # as the paper's


@pytest.mark.parametrize("name", RESULTS)
def test_stored_results_are_whole(name):
    result = result_of(name)
    task, _, steps = name.partition(".")
    assert task in TASKS
    assert (result["task"], result["steps"]) == (task, int(steps or 100))
    assert result["functions"] >= 100
    assert {"command", "seed", "device", "versions", "time"} <= result["provenance"].keys()
    for optimizer, entry in result["optimizers"].items():
        assert len(entry["curve"]) == len(entry["curve_ci95"]) == result["steps"]
        assert sum(entry["curve"]) == pytest.approx(entry["sum"])
        assert (entry["lr"] in RATES) == (optimizer in BASELINES)


def test_what_the_readme_says_of_a_gpu_is_in_the_files():
    summary, benchmark = result_of("gpu/summary"), result_of("gpu/bench.cuda")
    card, tests = summary["device"].removeprefix("cuda (").removesuffix(")"), summary["tests"]
    ends = {job["job"]: job["end"] for job in summary["jobs"]}
    assert ends.pop("tests") == f"exit {min(1, tests['failed'])}"
    assert set(ends.values()) == {"exit 0"}
    (row,) = (
        row
        for row in benchmark["growth"]
        if (row["work"], row["window"], row["captured"]) == ("mnist x4", 20, True)
    )
    torch_version = summary["versions"]["torch"].partition("+")[0]
    sentence = (
        f"On {summary['time'][:10]} it ran on one {card} with torch {torch_version}: "
        f"{tests['passed']} reference tests passed, {tests['failed']} failed and "
        f"{tests['skipped']} were skipped; a training trajectory on four MNIST networks took "
        f"{row['seconds']:.2f} s, and {row['eager_seconds']:.2f} s without the graph."
    )
    assert sentence in " ".join((ROOT / "README.md").read_text("utf-8").split())


def test_what_the_artifacts_readme_says_of_a_gpu_is_in_the_files():
    def best(entry):
        low, high = entry["validation_ci95"]
        return f"{entry['validation']:.1f}", f"{low:.1f} to {high:.1f}"

    there, here = {}, {}
    for task in ("quadratics", "digits"):
        there[task] = best(result_of(f"gpu/{task}/history")["best"])
        shipped = LSTMOptimizer.load(ARTIFACTS / f"{task}.safetensors").provenance["best"]
        here[task] = best(shipped)
    one, other = there["quadratics"], here["quadratics"]
    said = f"on quadratics {one[0]} (95 % interval {one[1]}) on the GPU and {other[0]} ({other[1]})"
    one, other = there["digits"], here["digits"]
    said += f" on the CPU, on digits {one[0]} ({one[1]}) and {other[0]} ({other[1]})."
    ratios = [f"{row['over_jax']:.2f}" for row in result_of("gpu/bench.cuda")["rows"]]
    in_jax = "{} of JAX's time on one quadratic, {} on 128, {} on one digits network, {} on eight"
    text = " ".join((ARTIFACTS / "README.md").read_text("utf-8").split())
    assert said in text
    assert in_jax.format(*ratios[:4]) in text


def test_what_the_readme_says_of_a_step_is_in_the_file():
    few, many = (f"{row['ratio']:.0f}" for row in result_of("bench")["steps"])
    sentence = (
        f"A step takes longer than one of Adam's: {few} times as long for 10,000 weights, {many} "
        "times for a million."
    )
    assert sentence in " ".join((ROOT / "README.md").read_text("utf-8").split())


def test_every_task_has_a_result():
    assert {name.partition(".")[0] for name in RESULTS} == set(TASKS)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in RESULTS if "." not in name])
def test_a_stored_result_comes_back_on_other_functions(name, request):
    """The learned optimizer and the best baseline again: the ratio is the stored one's."""
    if name.startswith("mnist"):
        request.getfixturevalue("real_mnist")
    stored = result_of(name)
    baseline = best_baseline(stored)
    optimizer = LSTMOptimizer.load(ARTIFACTS / f"{trained_on(name)}.safetensors")
    rate = stored["optimizers"][baseline]["lr"]
    functions = 2_000 if name == "quadratics" else 20

    def sums(minimize):
        tasks = draw(get_sampler(name), functions, 99, "again", "report", CPU)
        return measure(minimize, tasks, stored["steps"]).sums

    again = compare(sums(learned(optimizer)), sums(hand_designed(baseline, rate)))
    half = (again["ratio_ci95"][1] - again["ratio_ci95"][0]) / 2
    low, high = stored["lstm_over"][baseline]["ratio_ci95"]
    assert low - 2 * half < again["ratio"] < high + 2 * half  # four standard errors


@pytest.mark.slow
def test_the_quick_preset_beats_every_tuned_baseline():
    """On digits; on quadratics, chapter 4 of the book trains it and asserts the same.

    The functions are ones that neither the training nor the search of the stored rates has seen.
    """
    digits = get_sampler("digits")
    training = train(digits, get_preset("digits", "quick"), task="digits", progress=False)

    def sums(minimize):
        return measure(minimize, draw(digits, 30, 7, "quick", "report", CPU), 100).sums

    lstm, stored = sums(learned(training.best_optimizer())), result_of("digits")["optimizers"]
    for name in BASELINES:
        rival = sums(hand_designed(name, stored[name]["lr"]))
        assert compare(lstm, rival)["ratio_ci95"][1] < 1
