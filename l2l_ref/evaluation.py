"""A fair comparison: tuned baselines, fresh functions, the same ones for every optimizer.

Learning rates are searched on one set of functions and results reported on another. All
optimizers meet the same functions, starting points and minibatches, so that differences are
taken function by function, where most of the chance cancels.
"""

import math
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import SupportsIndex

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from tqdm import tqdm

from .data import Split
from .minimizers import BASELINES, RATES, Minimizer, conjugate_gradient, hand_designed, learned
from .optimizers import LSTMOptimizer
from .support.denormals import flush_denormals
from .support.errors import InputError
from .support.provenance import describe, get_device
from .support.randomness import as_seed, generator
from .tasks import Quadratics, Sampler, Task, check_sampler

#: A loss counts at most this many times its function's first loss.
CAP = 10

#: A batch has functions of so many coordinates together, but at least so many functions: enough to
#: be fast, few enough to share out among cores.
COORDINATES, FUNCTIONS = 5_000, 10


@dataclass(frozen=True)
class Outcome:
    """How one optimizer did on each function.

    Args:
        losses: capped, at the times 0 to ``steps``.
        diverged: whether the function met the cap.
    """

    losses: Float[Tensor, "times functions"]
    diverged: Bool[Tensor, " functions"]

    @property
    def sums(self) -> Float[Tensor, " functions"]:
        """The losses before each update, theta_0 to theta_{steps-1}, added up."""
        return self.losses[:-1].sum(0)


def cap(losses: Float[Tensor, "times functions"]) -> Outcome:
    """Cap each loss at `CAP` times its function's first; NaN and infinity count as the cap.

    Without a cap one diverging function in ten thousand decides every mean.
    """
    limit = CAP * losses[0]
    losses = losses.nan_to_num(nan=math.inf, posinf=math.inf)
    return Outcome(losses.minimum(limit), (losses > limit).any(0))


def draw(
    sampler: Sampler, functions: int, seed: int, stream: str, split: Split, device: torch.device
) -> Iterator[Task]:
    """The functions of a named set, in batches of a convenient size; always the same ones."""
    one = sampler(1, generator(seed, stream), split, device)
    size = max(FUNCTIONS, COORDINATES // one.start().numel())
    for first in range(0, functions, size):
        count = min(size, functions - first)
        yield sampler(count, generator(seed, stream, first), split, device)


def measure(minimize: Minimizer, tasks: Iterator[Task], steps: int) -> Outcome:
    """Run a minimizer on all these functions, with a task on each core at a time.

    The steps of one task are small: two tasks on a core each are faster than one on both.
    """
    tasks, cores = list(tasks), torch.get_num_threads()
    workers = cores if tasks[0].start().device.type == "cpu" else 1
    with ThreadPoolExecutor(workers, initializer=_alone_on_a_core) as pool:
        outcomes = list(pool.map(lambda task: _capped(minimize(task, steps)), tasks))
    torch.set_num_threads(cores)  # the pool's setting is what later threads would start with
    return Outcome(
        torch.cat([outcome.losses for outcome in outcomes], dim=1),
        torch.cat([outcome.diverged for outcome in outcomes]),
    )


def _capped(losses: Float[Tensor, "times functions"]) -> Outcome:
    losses = losses.double().cpu()
    if not (losses[0].isfinite() & (losses[0] > 0)).all():
        worst = losses[0][~(losses[0] > 0) | losses[0].isinf()][0].item()
        raise InputError(
            f"a function's loss at the start is {worst}; it must be finite and above 0, since how "
            "much too large a loss may grow is a multiple of it (add a constant: slopes do not see "
            "it)"
        )
    return cap(losses)


def _alone_on_a_core() -> None:
    torch.set_num_threads(1)
    flush_denormals()


def evaluate(
    sampler: Sampler,
    optimizers: Mapping[str, LSTMOptimizer],
    *,
    task: str,
    functions: int,
    steps: int = 100,
    seed: SupportsIndex = 0,
    device: torch.device | str = "cpu",
    tuning_functions: int | None = None,
    progress: bool = True,
) -> dict:
    """Compare trained optimizers with the tuned baselines, and on quadratics with the floor.

    Args:
        sampler: draws the functions.
        optimizers: the trained ones by their names in the result; one is called ``lstm``.
        task: the name that goes into the result.
        functions: fresh ones to report on.
        steps: updates on each.
        seed: of the tuning functions and of the fresh ones; no training stream shares it.
        device: where to compute.
        tuning_functions: for the search of each baseline's rate; by default a tenth of
            ``functions``, 20 at least.
        progress: whether to show a bar.

    Returns:
        The result as `summarise` gives it, ready for JSON.

    Raises:
        ValueError: an optimizer has no name that it can have, ``lstm`` is missing, there are too
            few functions or steps, or the tasks do not have losses of the right shape.
        InputError: a loss at the start is not finite and above 0, or the seed is no whole number.
    """
    device, seed = get_device(device), as_seed(seed)
    _check(optimizers, functions, steps, tuning_functions)
    for optimizer in optimizers.values():
        dtype = optimizer.output.weight.dtype
        check_sampler(sampler, generator(seed, "look"), "tune", device, dtype)
    tuning_functions = tuning_functions or max(20, functions // 10)
    floor = {"cg": conjugate_gradient} if sampler == Quadratics.sample else {}
    runs = len(optimizers) + len(BASELINES) * (len(RATES) + 1) + len(floor)
    with tqdm(total=runs, desc=f"evaluating on {task}", disable=not progress) as bar:

        def outcome(minimize: Minimizer, count: int, stream: str, split: Split) -> Outcome:
            result = measure(minimize, draw(sampler, count, seed, stream, split, device), steps)
            bar.update()
            return result

        def cost(name: str, rate: float) -> float:
            found = outcome(hand_designed(name, rate), tuning_functions, "evaluate-tune", "tune")
            return found.sums.mean().item()

        rates = {name: min(RATES, key=lambda rate: cost(name, rate)) for name in BASELINES}
        trained = {name: learned(optimizer.to(device)) for name, optimizer in optimizers.items()}
        tuned = {name: hand_designed(name, rate) for name, rate in rates.items()}
        outcomes = {
            name: outcome(minimize, functions, "evaluate-report", "report")
            for name, minimize in (trained | tuned | floor).items()
        }
    result = {"task": task, "steps": steps, "functions": functions, "seed": seed}
    return result | {"device": describe(device)} | summarise(outcomes, rates)


def _check(
    optimizers: Mapping[str, object], functions: int, steps: int, tuning_functions: int | None
) -> None:
    """See that an evaluation can end well before it begins."""
    if not isinstance(optimizers, Mapping):
        raise ValueError(
            f"got a {type(optimizers).__name__}; give the optimizers by name: {{'lstm': optimizer}}"
        )
    if "lstm" not in optimizers:
        raise ValueError(
            f"got optimizers named {', '.join(optimizers) or 'nothing'}; one must be called lstm, "
            "the one that is compared with all others"
        )
    if taken := sorted(optimizers.keys() & {*BASELINES, "cg"}):
        raise ValueError(f"{', '.join(taken)} is the name of a baseline; give yours another")
    if odd := [name for name in optimizers if not isinstance(name, str) or not name]:
        raise ValueError(f"got {odd[0]!r} for the name of an optimizer; it must be a text")
    for name, optimizer in optimizers.items():
        if not isinstance(optimizer, LSTMOptimizer):
            raise ValueError(
                f"{name} is a {type(optimizer).__name__}; only an LSTMOptimizer can be evaluated, "
                "such as LSTMOptimizer.load(path) gives"
            )
    least = {"functions": (functions, 2), "steps": (steps, 1)}
    if tuning_functions is not None:
        least["tuning_functions"] = (tuning_functions, 1)
    for name, (value, smallest) in least.items():
        if not isinstance(value, int) or value < smallest:
            raise ValueError(f"got {name}={value!r}; it must be {smallest} or more, a whole number")


def summarise(outcomes: dict[str, Outcome], rates: dict[str, float]) -> dict:
    """The statistics of a comparison.

    Args:
        outcomes: by optimizer; ``lstm`` is compared with each of the others.
        rates: the tuned learning rates, for those that have one.

    Returns:
        ``optimizers``: for each its rate, the mean over functions of the sum of losses with a 95 %
        interval, the median sum, how many functions met the cap, the mean loss after the last
        update, and the curve of mean losses that the sum adds up, with its 95 % half-widths.
        ``lstm_over``: for each other one the ratio of the mean sums and the paired difference,
        with their 95 % intervals.
    """
    optimizers = {
        name: {
            "lr": rates.get(name),
            "sum": outcome.sums.mean().item(),
            "sum_ci95": interval(outcome.sums),
            "median_sum": outcome.sums.median().item(),
            "diverged": int(outcome.diverged.sum()),
            "final": outcome.losses[-1].mean().item(),
            "curve": outcome.losses[:-1].mean(1).tolist(),
            "curve_ci95": half_width(outcome.losses[:-1]).tolist(),
        }
        for name, outcome in outcomes.items()
    }
    lstm = outcomes["lstm"].sums
    return {
        "optimizers": optimizers,
        "lstm_over": {
            name: compare(lstm, other.sums) for name, other in outcomes.items() if name != "lstm"
        },
    }


def compare(a: Float[Tensor, " functions"], b: Float[Tensor, " functions"]) -> dict:
    """How the sums a compare with the sums b on the same functions."""
    ratio = a.mean() / b.mean()
    # The ratio of two means, linearised at the means, is the mean of this per function.
    linear = ratio + (a - ratio * b) / b.mean()
    return {
        "ratio": ratio.item(),
        "ratio_ci95": interval(linear),
        "difference": (a - b).mean().item(),
        "difference_ci95": interval(a - b),
    }


def half_width(values: Float[Tensor, "*rows functions"]) -> Float[Tensor, "*rows"]:
    """Half the width of the 95 % interval of the mean: 1.96 standard errors."""
    spread = values.std(-1) if values.shape[-1] > 1 else values.new_zeros(values.shape[:-1])
    return 1.96 * spread / math.sqrt(values.shape[-1])


def interval(values: Float[Tensor, " functions"]) -> list[float]:
    """The 95 % interval of the mean over functions."""
    mean, half = values.mean().item(), half_width(values).item()
    return [mean - half, mean + half]
