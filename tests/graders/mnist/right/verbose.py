"""Step by step, with names for everything, and parameters by other names."""

import torch
import torch.nn.functional as F
from torch import nn

from l2l_ref.modules import MetaModule


class Perceptron(MetaModule):
    def __init__(self, layer_sizes, rng, activation=None):
        super().__init__()
        self.nonlinearity = activation if activation is not None else torch.sigmoid
        self.number_of_layers = len(layer_sizes) - 1
        for k in range(self.number_of_layers):
            bound = 1 / layer_sizes[k] ** 0.5
            bias = torch.rand(layer_sizes[k + 1], generator=rng) * 2 * bound - bound
            matrix = (
                torch.rand(layer_sizes[k], layer_sizes[k + 1], generator=rng) * 2 * bound - bound
            )
            self.register_parameter(f"matrix{k}", nn.Parameter(matrix.T.contiguous()))
            self.register_parameter(f"bias{k}", nn.Parameter(bias))

    def forward(self, images):
        weights = dict(self.named_parameters())
        hidden = images
        for k in range(self.number_of_layers):
            before = F.linear(hidden, weights[f"matrix{k}"], weights[f"bias{k}"])
            is_last = k == self.number_of_layers - 1
            hidden = before if is_last else self.nonlinearity(before)
        return hidden


def deal(images, shares, rng):
    """Compares every image with every other."""
    same = (images[:, None] == images[None]).all(-1)
    first = same.int().argmax(1)  # the first image that it equals
    heads = first.unique()
    heads = heads[torch.randperm(len(heads), generator=rng)]
    parts, waiting, so_far = [], heads.tolist(), 0
    for k, _ in enumerate(shares[:-1]):
        part = []
        while waiting and so_far < sum(shares[: k + 1]) * len(images) - 0.5:
            new = (first == waiting.pop()).nonzero()[:, 0].tolist()
            part, so_far = part + new, so_far + len(new)
        parts.append(tuple(part))
    parts.append(torch.isin(first, torch.tensor(waiting)).nonzero()[:, 0].numpy())
    return {f"part {k}": part for k, part in enumerate(parts)}


def standardise(train, tune, report):
    results = []
    for part in (train, tune, report):
        columns = []
        for pixel in range(train.shape[1]):
            known = train[:, pixel]
            mean = known.mean()
            deviation = ((known - mean) ** 2).mean() ** 0.5
            shifted = part[:, pixel] - mean
            columns.append(shifted / deviation if (known != known[0]).any() else shifted)
        results.append(torch.stack(columns, dim=1))
    return tuple(results)


def minibatch(images, labels, experiment, run, step, size=128):
    """A generator for the seed, from it one for the run, from it one for the step."""
    number = 0
    for name in (experiment, run, step):
        number = (6364136223846793005 * (number + name + 1) + 1442695040888963407) % 2**63
    rng = torch.Generator()
    rng.manual_seed(number)
    places = torch.randint(0, images.shape[0], (size,), generator=rng)
    return images.index_select(0, places), labels.index_select(0, places)


def paired_sums(rules, batches, steps):
    all_sums = {name: torch.empty(0, dtype=torch.float64) for name in rules}
    how_many = dict.fromkeys(rules, 0.0)
    for start, function in batches:
        for name in rules:
            position = start.clone()
            memory = None
            sums = torch.zeros(len(start), dtype=torch.float64)
            met = [False] * len(start)
            for step in range(steps):
                losses, slopes = function(position, step)
                if step == 0:
                    caps = [10 * float(loss) for loss in losses]
                for k, loss in enumerate(losses.tolist()):
                    if loss != loss or loss > caps[k]:
                        loss, met[k] = caps[k], True
                    sums[k] += loss
                if step < steps - 1:
                    move, memory = rules[name](slopes, memory)
                    position = position + move
            all_sums[name] = torch.cat([all_sums[name], sums])
            how_many[name] += sum(met)
    return {name: (all_sums[name], how_many[name]) for name in rules}


def compare(a, b):
    n = len(a)
    differences = [float(x - y) for x, y in zip(a, b)]
    mean_a, mean_b = sum(a.tolist()) / n, sum(b.tolist()) / n
    ratio = mean_a / mean_b
    linear = [float(x - ratio * y) / mean_b for x, y in zip(a, b)]

    def variance(values):
        mean = sum(values) / len(values)
        return sum((value - mean) ** 2 for value in values) / (len(values) - 1)

    answer = {"difference": mean_a - mean_b, "ratio": ratio}
    for name, values in (("difference", differences), ("ratio", linear)):
        half = 1.96 * (variance(values) / n) ** 0.5
        answer[name + "_ci95"] = (answer[name] - half, answer[name] + half)
    unpaired = variance(a.tolist()) + variance(b.tolist())
    answer["gain"] = unpaired / variance(differences)
    return answer


def family(kind, inputs):
    sizes, activation = [inputs], torch.sigmoid
    if kind == "40 units":
        sizes.append(40)
    else:
        sizes.append(20)
    if kind == "two layers":
        sizes.append(20)
    if kind == "ReLU":
        activation = torch.relu
    sizes.append(10)
    return sizes, activation


def verdict(claim, seen, fresh=None):
    if claim["stated"] == "after":
        if fresh is None:
            return "Open"
        seen = fresh
    true = false = unknown = 0
    for name in claim["names"]:
        low, high = seen[name]
        if high < 1:
            outcome = claim["says"] == "ahead"
        elif low > 1:
            outcome = claim["says"] == "behind"
        else:
            unknown += 1
            continue
        true, false = true + outcome, false + (not outcome)
    if claim["of"] == "every":
        if false:
            return "does not hold"
        return "open" if unknown else "holds"
    if true:
        return "holds"
    return "open" if unknown else "does not hold"
