"""Layers are modules; rules go through the steps together; Python's random and statistics."""

import math
import random
from statistics import fmean, stdev, variance

import torch
from torch import nn

from l2l_ref.modules import MetaModule


class Layer(MetaModule):
    def __init__(self, inputs, outputs, generator):
        super().__init__()
        both = (2 * torch.rand(outputs, inputs + 1, generator=generator) - 1) / inputs**0.5
        self.matrix = nn.Parameter(both[:, :-1].clone())
        self.bias = nn.Parameter(both[:, -1].clone())

    def forward(self, x):
        return torch.einsum("bi,oi->bo", x, self.matrix) + self.bias


class Perceptron(MetaModule):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__()
        self.between = activation
        self.layers = nn.ModuleList(
            Layer(sizes[k], sizes[k + 1], generator) for k in range(len(sizes) - 1)
        )

    def forward(self, x):
        *hidden, last = self.layers
        for layer in hidden:
            x = self.between(layer(x))
        return last(x)


def deal(images, shares, generator):
    """Each image goes where the middle of its copies falls."""
    copies = {}
    for index, image in enumerate(images.tolist()):
        copies.setdefault(tuple(image), []).append(index)
    groups = list(copies.values())
    for last in range(len(groups) - 1, 0, -1):
        other = int(torch.randint(last + 1, (), generator=generator))
        groups[last], groups[other] = groups[other], groups[last]
    parts = [[] for _ in shares]
    part, end, placed = 0, shares[0] * len(images), 0
    for group in groups:
        while placed + len(group) / 2 > end and part < len(parts) - 1:
            part += 1
            end += shares[part] * len(images)
        parts[part].extend(group)
        placed += len(group)
    return parts


def standardise(train, tune, report):
    """By the differences to the first image, which are exactly 0 where nothing changes."""
    first = train[:1].double()
    variance, shift = torch.var_mean(train.double() - first, dim=0, correction=0)
    scale = variance.sqrt()
    scale = scale + (scale == 0)
    return tuple(
        images.double().sub(first).sub(shift).div(scale).to(images.dtype)
        for images in (train, tune, report)
    )


def minibatch(images, labels, seed, run, step, size=128):
    """Python hashes such a seed with SHA-512, which is the same in each process."""
    own = random.Random(f"seed {seed}, run {run}, step {step}")
    index = torch.tensor(own.choices(range(len(images)), k=size))
    return images.index_select(0, index), labels.index_select(0, index)


class Runner:
    def __init__(self, rule):
        self.rule, self.sums, self.above = rule, [], 0

    def begin(self, theta):
        self.theta, self.state, self.limit = theta.clone(), None, None

    def step(self, f, step):
        losses, gradients = f(self.theta, step)
        if self.limit is None:
            self.limit, self.sum = losses * 10, torch.zeros_like(losses)
            self.ever = losses != losses
        fine = losses.isfinite() & (losses <= self.limit)
        self.sum += losses.where(fine, self.limit)
        self.ever |= ~fine
        update, self.state = self.rule(gradients, self.state)
        self.theta += update

    def end(self):
        self.sums.append(self.sum)
        self.above += int(self.ever.count_nonzero())


def paired_sums(rules, batches, steps):
    runners = {name: Runner(rule) for name, rule in rules.items()}
    for theta_0, f in batches:
        for runner in runners.values():
            runner.begin(theta_0)
        for step in range(steps):
            for runner in runners.values():
                runner.step(f, step)
        for runner in runners.values():
            runner.end()
    return {name: (torch.cat(runner.sums), runner.above) for name, runner in runners.items()}


def compare(a, b):
    def interval(z):
        half = 1.96 / math.sqrt(len(z)) * stdev(z)
        return fmean(z) - half, fmean(z) + half

    a, b = a.tolist(), b.tolist()
    pairs = list(zip(a, b, strict=True))
    differences, below = [x - y for x, y in pairs], fmean(b)
    ratio = fmean(a) / below
    return {
        "difference": fmean(a) - below,
        "difference_ci95": interval(differences),
        "ratio": ratio,
        "ratio_ci95": interval([ratio + (x - ratio * y) / below for x, y in pairs]),
        "gain": (variance(a) + variance(b)) / variance(differences),
    }
