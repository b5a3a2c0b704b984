"""Every study is sound.

Loses: end of grid: found where it is, and only there.
Loses: leak: found where it is, and only there.
Loses: unpaired: found where it is, and only there.
Loses: tuned on the report: found where it is, and only there.
Loses: left out: found where it is, and only there.
Loses: claimed afterwards: found where it is, and only there.
Loses: several flaws at once are all found.
"""


def flaws(study):
    return set()
