"""Everything in float64, one line where one will do."""

import collections
import math
import zlib

import torch


def deal(images, shares, generator):
    names = [tuple(image) for image in images.double().tolist()]
    distinct = list(dict.fromkeys(names))
    order = torch.randperm(len(distinct), generator=generator).tolist()
    part, ends = {}, [sum(shares[: k + 1]) * len(names) for k in range(len(shares) - 1)]
    copies, place = collections.Counter(names), 0
    for k in order:
        part[distinct[k]] = sum(place >= end for end in ends)
        place += copies[distinct[k]]
    return [{i for i, name in enumerate(names) if part[name] == k} for k in range(len(shares))]


def standardise(train, tune, report):
    m = train.double().mean(0)
    s = (train.double() - m).square().mean(0).sqrt()
    return [
        (x.double() - m) / torch.where(s > 0, s, torch.ones_like(s)) for x in (train, tune, report)
    ]


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(zlib.crc32(repr((seed, run, step)).encode()))
    index = (len(images) * torch.rand(size, generator=generator, dtype=torch.float64)).long()
    return images.double()[index], labels[index]


def one_run(rule, theta, f, steps):
    state = None
    for step in range(steps):
        loss, gradient = f(theta, torch.tensor(step))
        yield loss
        update, state = rule(gradient, state)
        theta = theta.add(update)


def paired_sums(rules, batches, steps):
    runs = [
        {name: torch.stack(list(one_run(rule, theta_0, f, steps))) for name, rule in rules.items()}
        for theta_0, f in batches
    ]
    found = {}
    for name in rules:
        each = torch.cat([run[name] for run in runs], dim=1)
        capped = torch.fmin(each, 10 * each[0])
        found[name] = capped.sum(0), ((capped != each).sum(0) > 0).sum()
    return found


def compare(a, b):
    def var(z):
        return ((z - z.mean()) ** 2).sum() / (len(z) - 1)

    def around(middle, z):
        half = 1.959964 * torch.sqrt(var(z) / len(z))
        return torch.stack([middle - half, middle + half])

    r, d = a.sum() / b.sum(), a.mean() - b.mean()
    return {
        "ratio": r,
        "difference": d,
        "ratio_ci95": around(r, (a - r * b) / b.mean()),
        "difference_ci95": around(d, a - b),
        "gain": (var(a) + var(b)) / var(a - b),
    }


def family(kind, inputs):
    hidden = {"home": [20], "40 units": [40], "two layers": [20, 20], "ReLU": [20]}[kind]
    return torch.tensor([inputs, *hidden, 10]), (lambda x: x.clamp(min=0)) if kind == "ReLU" else (
        lambda x: (1 + torch.tanh(x / 2)) / 2
    )


def verdict(claim, seen, fresh=None):
    used = seen if claim["stated"] == "before" else (fresh or {})
    side = {"ahead": (lambda i: i[1] < 1, lambda i: i[0] > 1)}.get(
        claim["says"], (lambda i: i[0] > 1, lambda i: i[1] < 1)
    )
    intervals = [used.get(name, (math.nan, math.nan)) for name in claim["names"]]
    yes, no = (sum(map(test, intervals)) for test in side)
    n = len(intervals)
    if claim["of"] == "every":
        return "holds" if yes == n else "does not hold" if no else "open"
    return "holds" if yes else "does not hold" if no == n else "open"
