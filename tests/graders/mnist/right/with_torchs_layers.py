"""Layers of the package with numbers of their own, NumPy, dicts and lists, keywords."""

import itertools
import math
import random

import numpy as np
import torch

from l2l_ref.modules import MetaLinear, MetaSequential


class Between(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def Perceptron(sizes, generator, activation=torch.sigmoid):
    state, layers = torch.get_rng_state(), []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [MetaLinear(inputs, outputs), Between(activation)]
    torch.set_rng_state(state)
    network = MetaSequential(*layers[:-1])
    with torch.no_grad():
        for weight in network.parameters():
            bound = 1 / math.sqrt(
                weight.shape[-1] if weight.ndim == 2 else inputs_of(weight, network)
            )
            weight.copy_((2 * torch.rand(weight.shape, generator=generator) - 1) * bound)
    return network


def inputs_of(bias, network):
    return next(m.in_features for m in network.modules() if getattr(m, "bias", None) is bias)


def deal(images, shares, generator):
    groups = {}
    for index, image in enumerate(images.numpy() + 0):  # 0.0 for -0.0
        groups.setdefault(image.tobytes(), []).append(index)
    groups = list(groups.values())
    groups = [groups[k] for k in torch.randperm(len(groups), generator=generator).tolist()]
    parts = [[] for _ in shares]
    ends = np.cumsum(shares) * len(images)
    k = done = 0
    for group in groups:
        while k < len(shares) - 1 and done >= ends[k]:
            k += 1
        parts[k] += group
        done += len(group)
    return parts


def standardise(train, tune, report):
    mean = train.numpy().mean(0)
    deviation = train.numpy().std(0)
    deviation[train.numpy().min(0) == train.numpy().max(0)] = 1
    return tuple(torch.as_tensor((x.numpy() - mean) / deviation) for x in (train, tune, report))


def minibatch(images, labels, seed, run, step, size=128):
    draws = random.Random(f"{seed}/{run}/{step}")
    index = torch.tensor([draws.randrange(len(images)) for _ in range(size)])
    return [images[index], labels[index]]


def paired_sums(rules, batches, steps):
    sums, capped = {}, {}
    for theta_0, f in batches:
        for name in rules:
            theta, state = theta_0, None
            total, met, first = 0, torch.zeros(len(theta_0), dtype=torch.bool), None
            for step in range(steps):
                loss, gradient = f(theta=theta, step=step)
                first = loss if first is None else first
                high = ~(loss <= 10 * first)
                met |= high
                total = total + torch.where(high, 10 * first, loss)
                update, state = rules[name](gradient, state)
                theta = theta + update
            sums.setdefault(name, []).extend(total.tolist())
            capped[name] = capped.get(name, 0) + met.sum()
    return {name: [sums[name], capped[name]] for name in rules}


def compare(a, b):
    a, b = a.double().numpy(), b.double().numpy()
    n, r = len(a), a.mean() / b.mean()
    (aa, ab), (_, bb) = np.cov(a, b)
    spread = np.sqrt((aa - 2 * r * ab + r * r * bb) / n) / b.mean()
    error = np.sqrt((aa + bb - 2 * ab) / n)
    d = a.mean() - b.mean()
    return {
        "gain": (aa + bb) / (aa + bb - 2 * ab),
        "ratio": r,
        "ratio_ci95": np.array([r - 1.96 * spread, r + 1.96 * spread]),
        "difference": d,
        "difference_ci95": [d - 1.96 * error, d + 1.96 * error],
    }


def family(kind, inputs):
    match kind:
        case "home":
            return [inputs, 20, 10], torch.nn.Sigmoid()
        case "40 units":
            return [inputs, 40, 10], torch.nn.functional.sigmoid
        case "two layers":
            return [inputs, 20, 20, 10], torch.sigmoid
        case "ReLU":
            return [inputs, 20, 10], torch.nn.ReLU()


def verdict(claim, seen, fresh=None):
    intervals = {"before": seen, "after": fresh}[claim["stated"]]
    if not intervals:
        return "open"

    def truth(name):
        low, high = intervals[name]
        sign = -1 if claim["says"] == "ahead" else 1
        return sign if low > 1 else -sign if high < 1 else 0

    truths = [truth(name) for name in claim["names"]]
    decided = min(truths) if claim["of"] == "every" else max(truths)
    return ("does not hold", "open", "holds")[decided + 1]
