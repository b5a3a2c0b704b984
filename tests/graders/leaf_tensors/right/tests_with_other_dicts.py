"""Leaves in a dict whose order changes, four points, and a verdict for each name."""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    numbers = {name: rate.item() for name, rate in rates.items()}

    def leaf(number):
        return torch.tensor(number, dtype=torch.float64, requires_grad=True)

    def loss(name, step):
        own = {name: leaf(numbers[name] + step)}
        own |= {n: leaf(numbers[n]) for n in reversed(numbers) if n != name}
        return loss_of(own).item()

    def difference(name, h):
        return (loss(name, h) - loss(name, -h)) / (2 * h)

    true = {n: (4 * difference(n, 4e-4) - difference(n, 8e-4)) / 3 for n in numbers}
    claimed = slopes_of({n: leaf(v) for n, v in numbers.items()})
    largest = max(abs(s) for s in true.values())
    return all(abs(claimed[n].item() - s) <= 0.04 * largest for n, s in true.items())
