"""The command line: what it writes, and that bad input ends in a line or two and exit code 2."""

import json
import os
import signal

import pytest
import torch

from l2l_ref import presets
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.tasks import TASKS
from l2l_ref.training import Preset

TINY = Preset(
    trajectories=2,
    functions=2,
    optimizer={"hidden": 3},
    validate_every=1,
    validation_functions=2,
)


@pytest.fixture(autouse=True)
def tiny_presets(monkeypatch):
    """Training that takes seconds."""
    for task in presets.PRESETS:
        monkeypatch.setitem(presets.PRESETS[task], "quick", TINY)


@pytest.mark.parametrize("task", ["quadratics", "digits"])
def test_train_then_evaluate(l2l, tmp_path, task):
    code, out, err = l2l("train", task, "--out", "run", "--seed", 3, "--json", "train.json")
    assert code == 0, err
    assert "best validation: sum of losses" in out
    trained = json.loads((tmp_path / "train.json").read_text())
    assert (trained["task"], trained["seed"]) == (task, 3)
    assert trained["command"].startswith(f"l2l train {task}")
    assert len(trained["history"]) == 2

    arguments = ["--optimizer", "run/optimizer.safetensors", "--functions", 3, "--steps", 5]
    files = ["--json", "new/result.json", "--plot", "new/curves.png"]
    code, out, err = l2l("evaluate", task, *arguments, *files)
    assert code == 0, err
    result = json.loads((tmp_path / "new/result.json").read_text())
    assert {"task", "steps", "functions", "seed", "device", "optimizers"} <= result.keys()
    assert (result["task"], result["steps"], result["functions"]) == (task, 5, 3)
    assert result["provenance"]["versions"]["torch"] == torch.__version__
    assert ("cg" in result["optimizers"]) == (task == "quadratics")
    for name, entry in result["optimizers"].items():
        assert f"{entry['sum']:.2f}" in out
        assert name in out
    assert (tmp_path / "new/curves.png").stat().st_size > 1000


def test_start(l2l, tmp_path):
    assert l2l("train", "quadratics", "--out", "first")[0] == 0
    first = tmp_path / "first" / "optimizer.safetensors"
    code, _, err = l2l("train", "quadratics", "--out", "second", "--start", first)
    assert code == 0, err
    second = LSTMOptimizer.load(tmp_path / "second" / "optimizer.safetensors")
    assert second.provenance["start"] == LSTMOptimizer.load(first).digest()


def test_resume(l2l):
    assert l2l("train", "quadratics", "--out", "run")[0] == 0
    code, _, err = l2l("train", "quadratics", "--out", "run")
    assert code == 2
    assert "run already holds a training; give --resume" in err
    code, out, _ = l2l("train", "quadratics", "--out", "run", "--resume")
    assert code == 0
    assert "after" in out


@pytest.mark.parametrize("task", TASKS)
def test_evaluate_takes_the_shipped_optimizer_by_default(l2l, request, task):
    if task.startswith("mnist"):
        request.getfixturevalue("real_mnist")
    code, _, err = l2l("evaluate", task, "--functions", 2, "--steps", 2)
    assert code == 0, err


def damaged(folder):
    path = folder / "damaged.safetensors"
    LSTMOptimizer().save(path)
    path.write_bytes(path.read_bytes()[:-10])


BAD = {
    "unknown task": (["train", "quadratic", "--out", "run"], "no task 'quadratic'"),
    "unknown task to evaluate": (["evaluate", "mnist-50"], "no task 'mnist-50'"),
    "unknown preset": (["train", "digits", "--out", "run", "--preset", "slow"], "quick, paper"),
    "missing optimizer": (["evaluate", "quadratics", "--optimizer", "no.safetensors"], "no file"),
    "damaged optimizer": (
        ["evaluate", "quadratics", "--optimizer", "damaged.safetensors"],
        "may be damaged",
    ),
    "a folder for an optimizer": (
        ["evaluate", "quadratics", "--optimizer", "."],
        "is a folder; name the file in it",
    ),
    "another shape": (
        ["evaluate", "quadratics", "--optimizer", "shape.safetensors"],
        "size mismatch",
    ),
    "nothing to resume": (["train", "digits", "--out", "run", "--resume"], "no checkpoint"),
    "a file for a folder": (
        ["train", "digits", "--out", "file/run"],
        "file is a file, not a folder",
    ),
    "json in a file": (
        ["evaluate", "digits", "--json", "file/x.json"],
        "file is a file, not a folder",
    ),
    "no folder": (["train", "digits", "--out", ""], "got an empty name"),
    "json over the optimizer": (
        ["evaluate", "quadratics", "--optimizer=shape.safetensors", "--json=shape.safetensors"],
        "would write over the optimizer",
    ),
    "json is a folder": (["evaluate", "digits", "--json", "."], "Is a directory"),
    "unknown ending": (["evaluate", "digits", "--plot", "x.doc"], "must end in one of"),
    "unknown device": (["evaluate", "digits", "--device", "tpu"], "auto, cpu or cuda"),
    "no functions": (["evaluate", "digits", "--functions", "1"], "Invalid value for '--functions'"),
    "no such option": (["evaluate", "digits", "--optimiser", "x"], "No such option"),
}
if not torch.cuda.is_available():
    BAD["no GPU"] = (["bench", "--device", "cuda"], "finds no GPU here; use --device cpu")


@pytest.mark.parametrize("case", BAD)
def test_bad_input(l2l, tmp_path, case):
    arguments, message = BAD[case]
    (tmp_path / "file").write_text("")
    damaged(tmp_path)
    import safetensors.torch

    header = {"config": json.dumps(LSTMOptimizer().config), "provenance": "{}"}
    tensors = dict(LSTMOptimizer(hidden=30).state_dict())
    safetensors.torch.save_file(tensors, tmp_path / "shape.safetensors", header)
    before = sorted(os.listdir(tmp_path))
    code, _, err = l2l(*arguments)
    assert code == 2
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert len(err.splitlines()) <= 2 or "Usage" in err
    assert sorted(os.listdir(tmp_path)) == before  # nothing is left behind


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(l2l, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    code, _, err = l2l("train", "digits", "--out", "closed/run")
    assert code == 2
    assert "cannot write" in err


def test_bench(l2l, tmp_path, monkeypatch):
    from l2l_ref.bench import benchmark

    monkeypatch.setattr(benchmark, "WORK", (("quadratics", 1),))
    monkeypatch.setitem(benchmark.GROWTH, "cpu", (("quadratics", 2, 50),))
    monkeypatch.setattr(benchmark, "SATURATED", "digits")
    monkeypatch.setattr(benchmark, "WEIGHTS", (1_000,))
    monkeypatch.setattr(benchmark, "peak_of", lambda *_: 600.0)  # another test starts its process
    code, out, err = l2l("bench", "--repeats", 1, "--device", "cpu", "--json", "bench.json")
    assert code == 0, err
    result = json.loads((tmp_path / "bench.json").read_text())
    assert result.keys() == {
        "machine",
        "device",
        "rows",
        "growth",
        "denormals",
        "steps",
        "provenance",
    }
    assert result["denormals"]["seconds"] > 0
    assert "digits x1, saturated: " in out
    assert [row["weights"] for row in result["steps"]] == [1_000]
    assert "one step on 1,000 weights: " in out
    (row,), (larger,) = result["rows"], result["growth"]
    assert (larger["work"], larger["window"]) == ("quadratics x2", 50)
    wanted = {"work", "seconds", "baseline_seconds", "ratio", "floor_seconds", "peak_mb"}
    assert row.keys() >= wanted
    assert "quadratics x1" in out


def test_help_names_every_command(l2l):
    code, out, _ = l2l("--help")
    assert code == 0
    for command in ("train", "evaluate", "bench", "claims"):
        assert command in out


def test_version(l2l):
    code, out, _ = l2l("--version")
    assert code == 0
    assert f"torch {torch.__version__.partition('+')[0]}" in out
    assert "l2l-course" in out


def test_claims_as_json(l2l, tmp_path):
    code, out, err = l2l("claims", "--json", "claims.json")
    assert code == 0, err
    claims = json.loads((tmp_path / "claims.json").read_text())["claims"]
    rows = out.splitlines()[2:]
    assert len(claims) == len(rows) == 6
    for claim, row in zip(claims, rows, strict=True):
        assert row.startswith(f"| {claim['text']} | {claim['source']} | {claim['verdict']} |")
        low, high = claim["over_best"]["ratio_ci95"]
        assert f"[{low:.3f}, {high:.3f}]" in row
    code, _, err = l2l("claims", "--json", ".")
    assert code == 2


@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(l2l, tmp_path, monkeypatch, request_to_end):
    from l2l_ref.training import Training

    train_on_one_batch, handler = Training.train_on_one_batch, signal.getsignal(signal.SIGTERM)

    def interrupted(self):
        train_on_one_batch(self)
        os.kill(os.getpid(), request_to_end)

    monkeypatch.setattr(Training, "train_on_one_batch", interrupted)
    code, _, err = l2l("train", "quadratics", "--out", "run")
    assert code == 130
    assert "l2l: interrupted after 1 of 2 trajectories; run holds them: give --resume" in err
    assert "Traceback" not in err
    assert signal.getsignal(signal.SIGTERM) is handler
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(presets.PRESETS["quadratics"], "quick", TINY)
    code, _, err = l2l("train", "quadratics", "--out", "run", "--resume")
    assert code == 0, err
