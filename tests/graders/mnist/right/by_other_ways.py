"""Digests and sets, NumPy's generators and covariances, one first call for all rules."""

import hashlib
import itertools

import numpy as np
import torch
from torch import nn

from l2l_ref.modules import MetaModule


class Perceptron(MetaModule):
    """All first numbers are drawn in one go; a layer is a product of columns."""

    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__()
        self.between, self.layers = [activation], len(sizes) - 1
        shapes = [s for n, m in itertools.pairwise(sizes) for s in ((n, m, n), (n, m))]
        counts = [int(np.prod(shape[1:])) for shape in shapes]
        drawn = torch.rand(sum(counts), dtype=torch.float64, generator=generator).split(counts)
        for k, (numbers, (inputs, *shape)) in enumerate(zip(drawn, shapes, strict=True)):
            start = torch.lerp(torch.tensor(-1.0).double(), torch.tensor(1.0).double(), numbers)
            weight = (start / inputs**0.5).float().view(shape)
            self.register_parameter(f"w{k}", nn.Parameter(weight))

    def forward(self, x):
        columns, weights = x.T, list(self.parameters())
        for k in range(self.layers):
            columns = torch.addmm(weights[2 * k + 1][:, None], weights[2 * k], columns)
            columns = columns if k + 1 == self.layers else self.between[0](columns)
        return columns.T


def deal(images, shares, generator):
    """Digests are numbered in their order; a set of them says which there are."""
    rows = [hashlib.sha256(row.tobytes()).hexdigest() for row in np.asarray(images) + 0]
    number = {digest: k for k, digest in enumerate(sorted({*rows}))}
    which = np.array([number[row] for row in rows])
    seed = int(torch.randint(2**31, (), generator=generator))
    place = np.random.default_rng(seed).permutation(len(number))[which]
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], place[order])  # the first copy of each in that order
    ends = np.cumsum(shares)[:-1] * len(images)
    part = np.searchsorted(ends, first, side="right")
    return [torch.from_numpy(order[part == k]) for k in range(len(shares))]


def standardise(train, tune, report):
    """Row by row, in float64, and back."""
    known = train.double()
    spread = torch.linalg.vector_norm(known - known.mean(0), dim=0) / len(known) ** 0.5
    spread[known.amax(0) == known.amin(0)] = 1
    rows = lambda images: [(row.double() - known.mean(0)) / spread for row in images]  # noqa: E731
    return [torch.stack(rows(images)).to(images.dtype) for images in (train, tune, report)]


def minibatch(images, labels, seed, run, step, size=128):
    """NumPy mixes a list of seeds."""
    index = np.random.default_rng([seed, run, step]).integers(len(images), size=size)
    return images[torch.from_numpy(index)], labels[index]


def paired_sums(rules, batches, steps):
    """What is the same for all rules is asked for once, and the last update is not made."""
    found = {name: [[], 0] for name in rules}
    for theta_0, f in iter(batches):
        first = f(theta_0, 0)
        for name in rules:
            theta, (losses, gradient), state = theta_0.clone(), first, None
            cap = 10 * losses
            total, above = losses.clone(), torch.zeros_like(losses)
            for step in range(1, steps):
                update, state = rules[name](gradient, state)
                theta.add_(update)
                losses, gradient = f(theta, step)
                high = torch.logical_not(losses <= cap)
                total.add_(torch.where(high, cap, losses))
                above.logical_or_(high)
            found[name][0] += list(total)
            found[name][1] += above.sum()
    return {name: tuple(each) for name, each in found.items()}


def compare(a, b):
    """By NumPy's covariances and relative errors."""
    a, b = a.double().numpy(), b.double().numpy()
    (aa, ab), (_, bb) = np.cov(a, b)
    n, one, other = len(a), a.mean(), b.mean()
    apart, ratio = aa + bb - 2 * ab, one / other
    relative = aa / one**2 + bb / other**2 - 2 * ab / (one * other)
    half, half_ratio = 1.96 * (apart / n) ** 0.5, 1.96 * ratio * (relative / n) ** 0.5
    return {
        "difference": one - other,
        "difference_ci95": np.array([one - other - half, one - other + half]),
        "ratio": ratio,
        "ratio_ci95": [ratio - half_ratio, ratio + half_ratio],
        "gain": (aa + bb) / apart,
    }


def family(kind, inputs):
    """Modules, and a sigmoid in place."""
    sizes = [inputs, *[40 if kind == "40 units" else 20] * (1 + (kind == "two layers")), 10]
    return sizes, nn.ReLU(inplace=True) if kind == "ReLU" else torch.Tensor.sigmoid_


def verdict(claim, seen, fresh=None):
    """Three values: the least for every, the greatest for some."""
    intervals = {"before": seen, "after": fresh}[claim["stated"]]
    if intervals is None:
        return "open"
    sign = {"ahead": 1, "behind": -1}[claim["says"]]
    values = []
    for name in claim["names"]:
        low, high = intervals[name]
        values.append(sign * ((high < 1) - (low > 1)))
    value = min(values) if claim["of"] == "every" else max(values)
    return ("open", "holds", "does not hold")[value]
