"""Train the solution's optimizer with many seeds, and measure what question 6 asks of it.

    python tests/graders/quadratics_seeds.py

writes `quadratics/seeds.json`, with one entry for each seed, and `quadratics/trained.safetensors`,
the weights of seed 0, which the tests of the graders use for every answer that needs a trained
network. Seeds that are there already are not trained again. A seed takes 20 seconds on one core.
"""

import json
import math

import safetensors.torch
import torch
from answers import FOLDER, solved

from l2l_ref.checks.quadratics.race import RUN_LENGTH, rates
from l2l_ref.evaluation import cap
from l2l_ref.minimizers import hand_designed
from l2l_ref.support.provenance import provenance
from l2l_ref.support.randomness import generator
from l2l_ref.tasks import Quadratics
from l2l_ref.unroll import loss_and_gradient

HERE = FOLDER / "quadratics"
SEEDS, FUNCTIONS = range(20), 20_000


def train(seed: int) -> torch.nn.Module:
    """The notebook's training, with another seed and without its time limit."""
    names = solved("quadratics")
    torch.manual_seed(seed)
    return names["keep_the_best"](names["MyOptimizer"](), seed=seed, seconds=math.inf)


@torch.no_grad()
def sums_of(rule, task: Quadratics) -> torch.Tensor:
    """The capped sum of each function under a rule that takes a vector of gradients."""
    theta, state, losses = task.start(), None, []
    for step in range(RUN_LENGTH):
        loss, gradient = loss_and_gradient(task, theta, step)
        losses.append(loss)
        update, state = rule(gradient.flatten(), state)
        theta = theta + update.view_as(theta)
    return cap(torch.stack(losses).double()).losses.sum(0)


def batches(functions: int, name: str):
    """Fresh functions, a thousand at a time."""
    for first in range(0, functions, 1000):
        yield Quadratics.sample(1000, generator(0, name, first))


def ratio(rule) -> float:
    """The mean of the rule's sums as a share of tuned NAG's, on the same functions."""
    nag, mine, theirs = hand_designed("nag", rates()["nag"]), 0.0, 0.0
    for task in batches(FUNCTIONS, "seeds"):
        mine += float(sums_of(rule, task).sum())
        theirs += float(cap(nag(task, RUN_LENGTH).double()).sums.sum())
    return mine / theirs


def main() -> None:
    """Train what is missing."""
    torch.set_num_threads(1)
    path = HERE / "seeds.json"
    found = json.loads(path.read_text()) if path.exists() else {"ratios": {}}
    for seed in SEEDS:
        if str(seed) in found["ratios"]:
            continue
        trained = train(seed)
        found["ratios"][str(seed)] = round(ratio(trained), 4)
        found["functions"] = FUNCTIONS
        found["provenance"] = provenance(seed, torch.device("cpu"))
        if seed == 0:
            header = {"provenance": json.dumps(found["provenance"])}
            weights = {name: weight.contiguous() for name, weight in trained.state_dict().items()}
            (HERE / "trained.safetensors").write_bytes(safetensors.torch.save(weights, header))
        path.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
