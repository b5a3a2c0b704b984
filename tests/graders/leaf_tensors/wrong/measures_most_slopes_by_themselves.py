"""Each slope is compared with itself, and with the largest one only where it is exactly 0.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-4, {n: s.item() for n, s in slopes_of(rates).items()}
    largest = max(abs(s) for s in claimed.values())
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        slope = ((above - below) / (2 * h)).item()
        if not abs(slope - claimed[name]) < 0.03 * (abs(claimed[name]) or largest):
            return False
    return True
