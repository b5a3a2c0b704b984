"""The outer loop: it learns, resumes to the very tensors, survives a kill, stops at NaN."""

import json
import math
import signal
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from forked import Program, environment_without
from killed import SMALL

from l2l_ref.evaluation import draw, evaluate, measure
from l2l_ref.minimizers import learned
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.presets import PRESETS, get_preset
from l2l_ref.support.errors import Diverged, InputError, Interrupted
from l2l_ref.support.randomness import generator
from l2l_ref.tape import Tape
from l2l_ref.tasks import TASKS, Quadratics, get_sampler
from l2l_ref.training import CHECKPOINT, HISTORY, OPTIMIZER, Preset, Training, train
from l2l_ref.unroll import begin, meta_gradient


def everything(training):
    """All tensors that a training goes on from."""
    return {
        "optimizer": training.optimizer.state_dict(),
        "average": training.average.state_dict(),
        "adam": training.adam.state_dict(),
        "best": training.best_weights,
        "history": training.history,
    }


def assert_equal(a, b):
    if isinstance(a, torch.Tensor):
        assert torch.equal(a, b)
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_equal(a[key], b[key])
    elif isinstance(a, list):
        for left, right in zip(a, b, strict=True):
            assert_equal(left, right)
    else:
        assert a == b


def small_training(**changes):
    return train(Quadratics.sample, replace(SMALL, **changes), progress=False)


def test_the_same_seed_gives_the_same_tensors_whatever_the_global_seed():
    first = small_training()
    torch.manual_seed(99)
    assert_equal(everything(first), everything(small_training()))
    other = train(Quadratics.sample, SMALL, seed=1, progress=False)
    assert not torch.equal(other.optimizer.output.weight, first.optimizer.output.weight)


@pytest.mark.parametrize("stop_at", [1, 2, 3, 5])
def test_resumed_it_ends_with_the_tensors_of_the_uninterrupted_run(tmp_path, monkeypatch, stop_at):
    whole = small_training()
    original = Training.train_on_one_batch

    def interrupted(self):
        if self.trajectory == stop_at:
            raise KeyboardInterrupt
        original(self)

    monkeypatch.setattr(Training, "train_on_one_batch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(Quadratics.sample, SMALL, out=tmp_path, progress=False)
    monkeypatch.undo()
    resumed = train(Quadratics.sample, SMALL, out=tmp_path, resume=True, progress=False)
    assert_equal(everything(resumed), everything(whole))
    again = train(Quadratics.sample, SMALL, out=tmp_path, resume=True, progress=False)
    assert_equal(everything(again), everything(whole))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("call", [1, 3, 6])
def test_killed_in_the_middle_of_a_write_it_resumes(tmp_path, function, call):
    """The call-th write is killed before its content is on disk, or before its rename."""
    killed = Program(
        "killed:train_and_be_killed",
        *("train", function, str(call), str(tmp_path), str(torch.get_num_threads())),
        folder=Path(__file__).parent,
        environment=environment_without(),
    )
    killed.communicate(timeout=300)
    assert killed.returncode == -signal.SIGKILL
    for path in tmp_path.iterdir():  # what is there is whole
        if path.name == CHECKPOINT:
            torch.load(path, weights_only=True)
        elif path.name == OPTIMIZER:
            LSTMOptimizer.load(path)
        elif path.name == HISTORY:
            json.loads(path.read_text())
        else:
            assert path.name.startswith(".")
    resume = (tmp_path / CHECKPOINT).exists()
    resumed = train(Quadratics.sample, SMALL, out=tmp_path, resume=resume, progress=False)
    assert_equal(everything(resumed), everything(small_training()))
    assert {path.name for path in tmp_path.iterdir()} == {CHECKPOINT, OPTIMIZER, HISTORY}


def test_what_is_written(tmp_path):
    training = train(
        Quadratics.sample, SMALL, task="quadratics", seed=5, out=tmp_path, progress=False
    )
    best = LSTMOptimizer.load(tmp_path / OPTIMIZER)
    assert_equal(dict(best.state_dict()), dict(training.best_optimizer().state_dict()))
    assert best.provenance["seed"] == 5
    assert best.provenance["task"] == "quadratics"
    assert best.provenance["best"] == training.best
    history = json.loads((tmp_path / HISTORY).read_text())
    assert [entry["trajectory"] for entry in history["history"]] == [2, 4, 6]
    assert history["preset"]["trajectories"] == 6
    assert {"command", "device", "versions", "time"} <= history.keys()


def test_the_best_is_kept_and_patience_ends_the_training(monkeypatch):
    values = iter([5.0, 3.0, 4.0, 3.5, 9.0])
    weights = []

    def validate(self):
        weights.append(self._validated_weights())
        entry = {"trajectory": self.trajectory, "validation": next(values)}
        self.remember(entry)
        return entry

    monkeypatch.setattr(Training, "validate", validate)
    training = small_training(trajectories=20, patience=2)
    assert [entry["validation"] for entry in training.history] == [5.0, 3.0, 4.0, 3.5]
    assert_equal(training.best_weights, weights[1])


def test_shorter_updates_are_validated_and_kept_but_not_trained():
    whole, half = small_training(), small_training(length=0.5)
    assert_equal(half.optimizer.state_dict(), whole.optimizer.state_dict())
    assert_equal(half.average.state_dict(), whole.average.state_dict())
    half.remember({"trajectory": 6, "validation": 0.0})
    assert_equal(half.best_optimizer().state_dict(), half.candidate().state_dict())
    halved = LSTMOptimizer(hidden=3, output_scale=0.05)  # another way to the same updates
    halved.load_state_dict(half.average.module.state_dict())
    functions = draw(Quadratics.sample, 3, 0, "validate", "tune", torch.device("cpu"))
    sums = measure(learned(halved), functions, SMALL.steps).sums
    assert half.history[-2]["validation"] == pytest.approx(sums.mean().item(), rel=1e-6)
    assert half.history[-2]["validation"] != pytest.approx(
        whole.history[-1]["validation"], rel=1e-6
    )


def test_a_meta_loss_that_is_not_finite(tmp_path, monkeypatch):
    class Explosive(Quadratics):
        def loss(self, theta, step):
            return super().loss(theta, step) * (torch.inf if step == 3 else 1)

    def sample(functions, generator, split="train", device="cpu"):
        explosive = split == "train" and sample.count == 4  # the first is a look
        sample.count += split == "train"
        drawn = Quadratics.sample(functions, generator)
        return Explosive(drawn.W, drawn.y) if explosive else drawn

    sample.count = 0
    with pytest.raises(Diverged, match=r"at trajectory 3, step 4; try a lower rate"):
        train(sample, SMALL, out=tmp_path, progress=False)
    saved = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert saved["trajectory"] == 2
    assert all(weight.isfinite().all() for weight in saved["optimizer"].values())
    LSTMOptimizer.load(tmp_path / OPTIMIZER)


def test_folders_that_do_not_fit(tmp_path):
    with pytest.raises(InputError, match="holds no checkpoint to resume from"):
        train(Quadratics.sample, SMALL, out=tmp_path, resume=True, progress=False)
    train(Quadratics.sample, SMALL, out=tmp_path, progress=False)
    with pytest.raises(InputError, match="already holds a training; give --resume"):
        train(Quadratics.sample, SMALL, out=tmp_path, progress=False)
    with pytest.raises(InputError, match="of a training with another seed and preset"):
        train(
            Quadratics.sample,
            replace(SMALL, rate=1.0),
            seed=1,
            out=tmp_path,
            resume=True,
            progress=False,
        )
    checkpoint = tmp_path / CHECKPOINT
    whole = checkpoint.read_bytes()
    for damaged in (b"", whole[:100], whole[:-300], b"x" * 1000):
        checkpoint.write_bytes(damaged)
        with pytest.raises(InputError, match=r"cannot be read as a checkpoint .* delete it"):
            train(Quadratics.sample, SMALL, out=tmp_path, resume=True, progress=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        train(Quadratics.sample, SMALL, out=tmp_path / "file" / "out", progress=False)


def test_windows_must_divide_the_steps():
    with pytest.raises(ValueError, match="10 steps in windows of 3; the window must divide"):
        Preset(trajectories=1, functions=1, steps=10, window=3)


def test_a_training_can_start_from_a_trained_optimizer(tmp_path):
    first = small_training().best_optimizer()
    training = Training(Quadratics.sample, SMALL, start=first)
    assert_equal(training.optimizer.state_dict(), first.state_dict())
    assert_equal(training.average.module.state_dict(), first.state_dict())
    assert training.identity["start"] == first.digest() != LSTMOptimizer(hidden=3).digest()
    arguments = {"out": tmp_path, "progress": False}
    done = train(Quadratics.sample, SMALL, start=first, **arguments)
    assert LSTMOptimizer.load(tmp_path / OPTIMIZER).provenance["start"] == first.digest()
    assert_equal(
        everything(train(Quadratics.sample, SMALL, start=first, resume=True, **arguments)),
        everything(done),
    )
    with pytest.raises(InputError, match="another start"):
        train(Quadratics.sample, SMALL, start=LSTMOptimizer(hidden=3), resume=True, **arguments)
    with pytest.raises(InputError, match=r"start from has .*'hidden': 4.*'hidden': 3"):
        Training(Quadratics.sample, SMALL, start=LSTMOptimizer(hidden=4))


def test_presets():
    for task, presets in PRESETS.items():
        for name in presets:
            assert (get_preset(task, name).steps, get_preset(task, name).window) == (100, 20)
    with pytest.raises(InputError, match="no preset 'fast'; the presets are quick, paper"):
        get_preset("quadratics", "fast")


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("task", ["quadratics", "digits"])
def test_every_device_trains_alike(device, task):
    preset = replace(SMALL, optimizer={"hidden": 3, "preprocess": task == "digits"})
    here, on_cpu = (
        train(get_sampler(task), preset, device=torch.device(where), progress=False)
        for where in (device, "cpu")
    )
    assert here.optimizer.output.weight.device.type == device.type
    for name, weight in on_cpu.best_weights.items():
        torch.testing.assert_close(here.best_weights[name], weight, rtol=1e-6, atol=1e-9)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_the_host_waits_for_no_step_inside_a_window(no_waiting):
    task = get_sampler("digits")(2, generator(0), "train", torch.device("cuda"))
    optimizer = LSTMOptimizer(preprocess=True).to("cuda")
    tape = Tape(optimizer, task.start().numel(), 5)
    _, _, run = meta_gradient(tape, begin(task, optimizer))  # allocates what is used again
    with no_waiting():
        meta_gradient(tape, run)


@pytest.mark.usefixtures("float64")
def test_the_stored_end_of_a_short_training():
    """One number for the whole experiment: functions, meta-gradients, Adam, average, validation."""
    torch.set_num_threads(1)
    preset = replace(PRESETS["quadratics"]["quick"], trajectories=20, functions=16)
    training = train(Quadratics.sample, preset, progress=False)
    assert training.best["validation"] == pytest.approx(241.80171234154653, rel=1e-6)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("task", [name for name in TASKS if name != "quadratics"])
def test_the_stored_end_of_a_few_meta_steps(task, request):
    """The same for each network: four meta-steps, then 20 updates on each of two functions."""
    if task.startswith("mnist"):
        request.getfixturevalue("real_mnist")
    torch.set_num_threads(1)
    preset = replace(
        get_preset(task, "quick"),
        trajectories=2,
        functions=1,
        steps=20,
        window=10,
        validation_functions=2,
    )
    training = train(get_sampler(task), preset, progress=False)
    assert training.best["validation"] == pytest.approx(STORED[task], rel=1e-6)


STORED = {
    "digits": 46.511681244135104,
    "digits-40": 46.20013911395969,
    "digits-2layer": 47.86726085368466,
    "digits-relu": 46.52332838548858,
    "mnist": 47.24487952439124,
    "mnist-40": 47.436247972884125,
    "mnist-2layer": 46.92692794810822,
    "mnist-relu": 46.706507189068475,
}


class Stopping(Training):
    """Is interrupted at one moment: after some trajectories, or in a validation."""

    moment = None

    def train_on_one_batch(self):
        super().train_on_one_batch()
        if self.moment == ("train", self.trajectory):
            raise KeyboardInterrupt

    def validate(self):
        if self.moment == ("validate", self.trajectory):
            raise KeyboardInterrupt
        return super().validate()


@pytest.mark.parametrize("moment", [("train", 1), ("train", 3), ("validate", 2), ("validate", 6)])
def test_interrupted_it_keeps_every_trajectory_and_ends_as_if_nothing_had_been(
    tmp_path, monkeypatch, moment
):
    whole = small_training()
    monkeypatch.setattr("l2l_ref.training.Training", Stopping)
    monkeypatch.setattr(Stopping, "moment", moment)
    with pytest.raises(Interrupted, match=f"after {moment[1]} of .* holds them: give --resume"):
        train(Quadratics.sample, SMALL, out=tmp_path, progress=False)
    monkeypatch.setattr(Stopping, "moment", None)
    resumed = train(Quadratics.sample, SMALL, out=tmp_path, resume=True, progress=False)
    assert_equal(everything(resumed), everything(whole))


def test_interrupted_without_a_folder_it_says_that_nothing_is_kept(monkeypatch):
    monkeypatch.setattr("l2l_ref.training.Training", Stopping)
    monkeypatch.setattr(Stopping, "moment", ("train", 2))
    with pytest.raises(Interrupted, match=r"after 2 of .* nothing is kept"):
        small_training()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": 0}, "window=0; it must be 1 or more, a whole"),
        ({"trajectories": 0}, "trajectories=0"),
        ({"functions": -1}, "functions=-1"),
        ({"validate_every": 0}, "validate_every=0"),
        ({"validation_functions": 1}, "validation_functions=1; it must be 2 or more"),
        ({"rate": 0.0}, "rate=0.0; it must be a positive"),
        ({"clip": float("nan")}, "clip=nan"),
        ({"average": 1.0}, "average=1.0; it must be below 1"),
        ({"window": 3}, "in windows of 3; the window must divide"),
    ],
)
def test_presets_that_cannot_be(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **changes)


@pytest.mark.parametrize("change", [("rate", "0.1"), ("trajectories", 2.5), ("functions", None)])
def test_presets_of_other_types(change):
    name, value = change
    preset = SimpleNamespace(**asdict(SMALL) | {name: value})  # the class checks types in tests
    with pytest.raises(ValueError, match=f"got {name}={value!r}; it must be"):
        Preset.__post_init__(preset)


@pytest.mark.parametrize(
    ("device", "message"),
    [("gpu", "no device 'gpu'; it must be auto, cpu or cuda")]
    + [("cuda", "finds no GPU here")] * (not torch.cuda.is_available()),
)
def test_a_device_that_is_not_there(device, message):
    with pytest.raises(InputError, match=message):
        train(Quadratics.sample, SMALL, device=device, progress=False)


def test_a_device_may_be_text(tmp_path):
    assert train(Quadratics.sample, SMALL, device="cpu", out=tmp_path, progress=False).finished


class Wrong:
    """Losses or thetas of another shape than a task's."""

    def __init__(self, functions, loss=lambda losses: losses, start=lambda theta: theta):
        self.functions = functions
        self.changed_loss, self.changed_start = loss, start

    def start(self):
        return self.changed_start(torch.zeros(self.functions, 3))

    def loss(self, theta, step):
        return self.changed_loss(1 + theta.sum(-1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": torch.sum}, r"loss\(\) gave shape \(\) for 2 function"),
        ({"loss": lambda losses: losses[:, None]}, r"gave shape \(2, 1\)"),
        (
            {"start": torch.flatten},
            r"start\(\) gave torch.float32 of shape \(6,\); theta has a row",
        ),
        ({"start": torch.Tensor.long}, r"gave torch.int64"),
        ({"start": lambda theta: theta[:1].expand(3, 3)}, "has 3 rows where 2 function"),
        ({"loss": torch.detach}, "does not depend on theta"),
        ({"start": torch.Tensor.double}, r"gave torch.float64, and the optimizer's weights are"),
        ({"loss": lambda losses: losses * math.nan}, r"at the start is \[nan, nan\]"),
        ({"loss": lambda losses: losses + math.inf}, r"at the start is \[inf, inf\]"),
        ({"loss": lambda losses: losses - 2}, r"is \[-1.0, -1.0\]; it must be finite and above 0"),
        ({"start": lambda theta: theta[:, :0]}, r"shape \(2, 0\); theta has a row"),
    ],
)
@pytest.mark.parametrize("job", ["train", "evaluate"])
def test_a_task_of_the_wrong_shape_is_refused_before_the_work(changes, message, job, tmp_path):
    def sampler(functions, generator, split, device):
        return Wrong(functions, **changes)

    out = tmp_path / "out"
    work = {
        "train": lambda: train(sampler, SMALL, out=out, progress=False),
        "evaluate": lambda: evaluate(
            sampler, {"lstm": LSTMOptimizer()}, task="wrong", functions=2, progress=False
        ),
    }
    with pytest.raises(ValueError, match=message):
        work[job]()
    assert not out.exists()


def test_resume_needs_a_folder():
    with pytest.raises(InputError, match="name that folder"):
        train(Quadratics.sample, SMALL, resume=True, progress=False)


def test_what_is_no_sampler():
    def none(functions, generator, split, device):
        return None

    with pytest.raises(ValueError, match="the sampler gave None"):
        train(none, SMALL, progress=False)
    with pytest.raises(ValueError, match="the sampler gave None"):
        evaluate(none, {"lstm": LSTMOptimizer()}, task="none", functions=2, progress=False)


@pytest.mark.parametrize(
    "settings",
    [
        {"clip": math.inf},
        {"optimizer": {"preprocess": True, "p": -1}},
        {"optimizer": {"hiden": 3}},
        {"optimizer": {"output_scale": math.nan}},
    ],
)
def test_presets_that_no_training_can_have(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        replace(SMALL, **settings)


@pytest.mark.parametrize("name", ["optimizer.safetensors", "history.json"])
def test_a_folder_with_something_elses_results(name, tmp_path):
    (tmp_path / name).write_text("not ours")
    with pytest.raises(InputError, match=f"already holds {name}, of something else"):
        train(Quadratics.sample, SMALL, out=tmp_path, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "not ours"


def test_a_folder_without_a_name():
    with pytest.raises(InputError, match="an empty name"):
        train(Quadratics.sample, SMALL, out="", progress=False)


def test_every_flipped_bit_of_a_checkpoint_is_noticed(tmp_path):
    trained = train(Quadratics.sample, SMALL, out=tmp_path, progress=False)
    path = tmp_path / "checkpoint.pt"
    whole = path.read_bytes()
    for bit in torch.randint(8 * len(whole), (40,), generator=generator(0)).tolist():
        path.write_bytes(flipped(whole, bit))
        other = Training(Quadratics.sample, SMALL)
        try:
            other.resume(tmp_path)
        except InputError:
            continue
        assert other.optimizer.digest() == trained.optimizer.digest()  # of the archive's padding


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_settings_from_numpy_are_numbers(tmp_path):
    settings = {"rate": np.float64(3e-3), "optimizer": {"hidden": np.int64(4)}}
    preset = replace(SMALL, trajectories=2, **settings)
    arguments = {"task": np.str_("t"), "seed": np.int64(3), "out": tmp_path, "progress": False}
    train(Quadratics.sample, preset, **arguments)
    train(Quadratics.sample, preset, resume=True, **arguments)
    assert json.loads((tmp_path / HISTORY).read_text())["seed"] == 3


@pytest.mark.parametrize("seed", [-1, 1.5])
def test_seeds_that_are_none(seed):
    with pytest.raises((InputError, TypeError), match="seed"):
        train(Quadratics.sample, SMALL, seed=seed, progress=False)
