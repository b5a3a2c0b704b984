"""Sample by sample, in lists."""

import random
import statistics

import torch


def covers(interval):
    """Random means and spreads, a thousand samples of each."""
    draw = random.Random(5)
    for size, mean, spread in ((60, -3.0, 0.2), (150, 0.0, 4.0), (400, 90.0, 3.0), (400, 0.0, 0.3)):
        hits = []
        for _ in range(8):
            samples = torch.tensor(
                [[draw.gauss(mean, spread) for _ in range(size)] for _ in range(250)],
                dtype=torch.float64,
            )
            for low, high in zip(*(end.tolist() for end in interval(samples))):
                hits.append(low <= mean <= high)
        if abs(statistics.fmean(hits) - 0.95) > 0.027:
            return False
    return True
