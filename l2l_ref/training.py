"""The outer loop: train the optimizer on fresh functions, keep the best, survive a kill.

One trajectory is a fresh batch of functions, run for ``steps`` updates in windows. Each window
gives one meta-gradient and one step of Adam on the optimizer's weights phi. What is validated
and kept is a running average of phi, which jumps about less than phi itself, with updates that can
be made shorter than they were trained.
"""

import copy
import io
import math
import os
import pickle
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import SupportsIndex

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from .evaluation import draw, interval, measure
from .minimizers import learned
from .optimizers import LSTMOptimizer
from .support.denormals import flushing
from .support.errors import Diverged, InputError, Interrupted
from .support.files import write_json, write_whole
from .support.provenance import get_device, provenance
from .support.randomness import as_seed, generator
from .tape import Tape
from .tasks import Sampler, check_sampler
from .unroll import CapturedWindow, Run, Window, begin, fastest_window

CHECKPOINT, OPTIMIZER, HISTORY = "checkpoint.pt", "optimizer.safetensors", "history.json"

#: What a checkpoint holds.
KEYS = {"identity", "trajectory", "optimizer", "average", "adam", "history", "best_weights"}

#: What reading a damaged checkpoint raises.
UNREADABLE = (OSError, RuntimeError, EOFError, pickle.PickleError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Preset:
    """Everything that decides a training besides the task and the seed.

    Args:
        trajectories: batches of functions to train on.
        functions: in each batch.
        optimizer: arguments of `LSTMOptimizer`.
        rate: of Adam at the start; it falls to 0 along half a cosine.
        clip: the largest norm of a meta-gradient; a longer one is shortened to it.
        average: the share of the running average that one step of Adam leaves in place.
        length: of the updates of what is validated and kept, as a share of those of the average.
            The meta-gradient takes gradients for inputs: that a longer update changes the next
            gradient it does not see. On MNIST it asks for longer updates where shorter ones give
            lower losses (measured in ``artifacts/README.md``).
        steps: updates on each function.
        window: updates between two truncations; it divides ``steps``.
        validate_every: trajectories between two validations.
        validation_functions: how many functions a validation uses.
        patience: stop after this many validations without a new best.
    """

    trajectories: int
    functions: int
    optimizer: dict = field(default_factory=dict)
    rate: float = 3e-3
    clip: float = 1.0
    average: float = 0.99
    length: float = 1.0
    steps: int = 100
    window: int = 20
    validate_every: int = 50
    validation_functions: int = 1000
    patience: int = 1000

    def __post_init__(self):
        for name, value in list(vars(self).items()):
            object.__setattr__(self, name, _plain(value))
        numbers = ("trajectories", "functions", "steps", "window", "validate_every", "patience")
        least = dict.fromkeys(numbers, 1) | {"validation_functions": 2}  # of one no interval
        for name, smallest in least.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < smallest:
                raise ValueError(
                    f"got {name}={value!r}; it must be {smallest} or more, a whole number"
                )
        for name in ("rate", "clip", "length", "average"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 < value < math.inf:
                raise ValueError(f"got {name}={value!r}; it must be a positive number")
        if self.average >= 1:
            raise ValueError(f"got average={self.average}; it must be below 1")
        if self.steps % self.window:
            raise ValueError(
                f"got {self.steps} steps in windows of {self.window}; the window must divide them"
            )
        try:
            with torch.random.fork_rng(devices=[]):
                LSTMOptimizer(**self.optimizer)
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"got optimizer={self.optimizer!r}: {error}") from None


def _plain(value: object) -> object:
    """A number as Python has it: numpy's can be put into no checkpoint and no JSON."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value.item() if isinstance(value, np.generic) else value


class Training:
    """A training and all it needs to go on.

    Args:
        sampler: draws the functions.
        preset: how to train.
        task: the name that checkpoints carry.
        seed: of everything random.
        device: where to compute.
        start: a trained optimizer to go on from; by default the weights are drawn.

    Raises:
        InputError: the optimizer to start from has another shape than the preset's.
        ValueError: the tasks do not have losses of the right shape.
    """

    def __init__(
        self,
        sampler: Sampler,
        preset: Preset,
        *,
        task: str = "unnamed",
        seed: SupportsIndex = 0,
        device: torch.device | str = "cpu",
        start: LSTMOptimizer | None = None,
    ):
        device, seed, task = get_device(device), as_seed(seed), str(task)
        dtype = torch.get_default_dtype()
        check_sampler(sampler, generator(seed, "look"), "train", device, dtype)
        self.sampler, self.preset = sampler, preset
        self.identity = {"task": task, "seed": seed, "preset": asdict(preset)}
        self.seed, self.device = seed, device
        with torch.random.fork_rng(devices=[]):  # modules initialise from the global generator
            torch.manual_seed(generator(seed, "initial weights").initial_seed())
            self.optimizer = LSTMOptimizer(**preset.optimizer).to(device)
        if start is not None:
            self._start_from(start)
        keep = get_ema_multi_avg_fn(preset.average)
        self.average = AveragedModel(self.optimizer, multi_avg_fn=keep)
        self.adam = torch.optim.Adam(self.optimizer.parameters(), lr=preset.rate)
        self.window: Window | None = None
        self.trajectory = 0
        self.history: list[dict] = []
        self.best_weights = self._validated_weights()

    def _start_from(self, start: LSTMOptimizer) -> None:
        if not isinstance(start, LSTMOptimizer):
            raise InputError(
                f"got start={start!r}; give a trained optimizer, such as LSTMOptimizer.load(path)"
            )
        if start.config != self.optimizer.config:
            raise InputError(
                f"the optimizer to start from has {start.config}; this preset trains one with "
                f"{self.optimizer.config}"
            )
        self.optimizer.load_state_dict(start.state_dict())
        self.identity["start"] = start.digest()

    @property
    def best(self) -> dict | None:
        """The validation with the lowest loss so far."""
        return min(self.history, key=lambda entry: entry["validation"], default=None)

    @property
    def finished(self) -> bool:
        """Whether all trajectories are done, or patience has run out."""
        best_index = self.history.index(self.best) if self.history else 0
        out_of_patience = len(self.history) - 1 - best_index >= self.preset.patience
        return self.trajectory >= self.preset.trajectories or out_of_patience

    @property
    def validation_due(self) -> bool:
        """Whether a validation comes before the next trajectory."""
        last = self.history[-1]["trajectory"] if self.history else 0
        at_the_end = self.trajectory == self.preset.trajectories
        due = self.trajectory % self.preset.validate_every == 0 or at_the_end
        return due and self.trajectory > last

    def best_optimizer(self) -> LSTMOptimizer:
        """The optimizer of the best validation, on the CPU."""
        optimizer = LSTMOptimizer(**self.preset.optimizer)
        optimizer.load_state_dict(self.best_weights)
        return optimizer

    @flushing
    def train_on_one_batch(self) -> None:
        """One trajectory.

        Raises:
            Diverged: the meta-loss or its gradient is not finite; phi is as it was before.
        """
        draw_from = generator(self.seed, "train", self.trajectory)
        task = self.sampler(self.preset.functions, draw_from, "train", self.device)
        run = begin(task, self.optimizer)
        window = self._window_from(run)
        for _ in range(self.preset.steps // self.preset.window):
            losses, gradients, run = window(run)
            self._adam_step(losses, gradients, run.step)
        self.trajectory += 1

    def _window_from(self, run: Run) -> Window:
        """How windows are taken; made once, since all batches have the same size."""
        if self.window is None:
            tape = Tape(self.optimizer, run.theta.numel(), self.preset.window)
            self.window = fastest_window(tape, run)
        return self.window

    def _adam_step(self, losses: Tensor, gradients: list[Tensor], step: int) -> None:
        for weight, gradient in zip(self.optimizer.parameters(), gradients, strict=True):
            weight.grad = gradient.contiguous()
        norm = nn.utils.clip_grad_norm_(self.optimizer.parameters(), self.preset.clip)
        if not torch.isfinite(norm + losses.sum()):
            raise Diverged(
                f"the meta-loss is no longer finite at trajectory {self.trajectory}, step {step}; "
                "try a lower rate or a smaller clip, in another folder"
            )
        progress = (self.trajectory + step / self.preset.steps) / self.preset.trajectories
        for group in self.adam.param_groups:
            group["lr"] = self.preset.rate * (1 + math.cos(math.pi * progress)) / 2
        self.adam.step()
        self.average.update_parameters(self.optimizer)

    def validate(self) -> dict:
        """Measure the candidate on the validation functions and remember the best."""
        functions = draw(
            self.sampler,
            self.preset.validation_functions,
            self.seed,
            "validate",
            "tune",
            self.device,
        )
        sums = measure(learned(self.candidate()), functions, self.preset.steps).sums
        entry = {
            "trajectory": self.trajectory,
            "validation": sums.mean().item(),
            "validation_ci95": interval(sums),
        }
        self.remember(entry)
        return entry

    def remember(self, entry: dict) -> None:
        """Add a validation to the history; if it is the best, keep the weights."""
        self.history.append(entry)
        if entry is self.best:
            self.best_weights = self._validated_weights()

    @torch.no_grad()
    def candidate(self) -> LSTMOptimizer:
        """What a validation measures: the running average with updates of the preset's length."""
        candidate = copy.deepcopy(self.average.module)
        for weight in candidate.output.parameters():
            weight *= self.preset.length
        return candidate

    def _validated_weights(self) -> dict[str, Tensor]:
        weights = self.candidate().state_dict()
        return {name: weight.cpu() for name, weight in weights.items()}

    # On disk

    def save(self, out: Path) -> None:
        """Write the checkpoint; after a validation also the best optimizer and the history."""
        buffer = io.BytesIO()
        torch.save(
            {
                "identity": self.identity,
                "trajectory": self.trajectory,
                "optimizer": self.optimizer.state_dict(),
                "average": self.average.state_dict(),
                "adam": self.adam.state_dict(),
                "history": self.history,
                "best_weights": self.best_weights,
            },
            buffer,
        )
        write_whole(out / CHECKPOINT, buffer.getvalue())
        if not self.history:
            return
        captured = isinstance(self.window, CapturedWindow)
        source = provenance(self.seed, self.device) | self.identity | {"captured": captured}
        self.best_optimizer().save(out / OPTIMIZER, source | {"best": self.best})
        write_json(out / HISTORY, source | {"best": self.best, "history": self.history})

    def resume(self, out: Path) -> None:
        """Go on from the checkpoint in a folder.

        Raises:
            InputError: there is none, it is damaged, or it is of another training.
        """
        path = out / CHECKPOINT
        try:
            with zipfile.ZipFile(path) as archive:  # torch compares no checksums
                if archive.testzip() is not None:
                    raise zipfile.BadZipFile("its checksums are not those of its content")
            saved = torch.load(path, map_location=self.device, weights_only=True)
            if missing := KEYS - saved.keys():
                raise KeyError(f"it has no {', '.join(sorted(missing))}")
            identity = saved["identity"]
        except PermissionError as error:
            raise InputError(
                f"{path} cannot be read: {error.strerror}; see to its rights"
            ) from None
        except FileNotFoundError:
            raise InputError(
                f"{out} holds no checkpoint to resume from; leave --resume away to start"
            ) from None
        except (*UNREADABLE, AttributeError, KeyError, TypeError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
            raise InputError(
                f"{path} cannot be read as a checkpoint ({reason}); delete it to start again"
            ) from None
        if differing := [key for key in self.identity if identity.get(key) != self.identity[key]]:
            raise InputError(
                f"{path} is of a training with another {' and '.join(differing)}; give the same "
                "arguments as then, or another --out"
            )
        self.optimizer.load_state_dict(saved["optimizer"])
        self.average.load_state_dict(saved["average"])
        self.adam.load_state_dict(saved["adam"])
        self.trajectory, self.history = saved["trajectory"], saved["history"]
        self.best_weights = {name: w.cpu() for name, w in saved["best_weights"].items()}


def train(
    sampler: Sampler,
    preset: Preset,
    *,
    task: str = "unnamed",
    seed: SupportsIndex = 0,
    device: torch.device | str = "cpu",
    start: LSTMOptimizer | None = None,
    out: str | os.PathLike | None = None,
    resume: bool = False,
    progress: bool = True,
) -> Training:
    """Train an optimizer to the end, validating and saving on the way.

    Args:
        sampler, preset, task, seed, device, start: see `Training`.
        out: the folder for checkpoints and results; without one nothing is written.
        resume: whether to go on from the checkpoint in ``out``.
        progress: whether to show a bar.

    Returns:
        The finished training; its `Training.best_optimizer` is the result.

    Raises:
        Diverged: see `Training.train_on_one_batch`; the last checkpoint stays on disk.
        InputError: ``out`` cannot be written to, already holds a training that is not to be
            resumed, or holds none that can be; see also `Training`.
        Interrupted: on Ctrl-C; the trajectory at hand is finished first. ``out`` then holds all
            trajectories so far, and with ``resume`` the training ends as if nothing had happened.
    """
    if out is not None and not os.fspath(out):
        raise InputError("got an empty name for the folder to write to; name one, or leave it away")
    if resume and out is None:
        raise InputError("resume goes on from the checkpoint in out; name that folder")
    training = Training(sampler, preset, task=task, seed=seed, device=device, start=start)
    out = None if out is None else Path(out)
    if out is not None:
        _open(training, out, resume)
    try:
        _run(training, out, progress)
    except KeyboardInterrupt:
        raise Interrupted(_keep(training, out)) from None
    return training


def _open(training: Training, out: Path, resume: bool) -> None:
    """Go on from what the folder holds, or begin; either way it is written to now."""
    if resume:
        training.resume(out)
    elif (out / CHECKPOINT).exists():
        raise InputError(
            f"{out} already holds a training; give --resume to go on with it, or another --out"
        )
    elif held := [name for name in (OPTIMIZER, HISTORY) if (out / name).exists()]:
        raise InputError(
            f"{out} already holds {' and '.join(held)}, of something else; give another --out"
        )
    training.save(out)  # a folder that cannot be written to is noticed now


def _run(training: Training, out: Path | None, progress: bool) -> None:
    """Train until the end, from wherever the training is."""
    with tqdm(
        total=training.preset.trajectories,
        initial=training.trajectory,
        desc=f"training on {training.identity['task']}",
        disable=not progress,
    ) as bar:
        while True:
            if training.validation_due:
                now = training.validate()["validation"]
                bar.set_postfix_str(f"validation {now:.2f}, best {training.best['validation']:.2f}")
                if out is not None:
                    training.save(out)
            if training.finished:
                return
            training.train_on_one_batch()
            bar.update()


def _keep(training: Training, out: Path | None) -> str:
    """Save what an interrupted training has; return what to say."""
    so_far = f"{training.trajectory} of {training.preset.trajectories} trajectories"
    if out is None:
        return f"interrupted after {so_far}; nothing is kept without a folder to write to"
    training.save(out)
    return f"interrupted after {so_far}; {out} holds them: give --resume to go on"
