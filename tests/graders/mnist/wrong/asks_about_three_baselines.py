"""More than three names are not looked at.

Loses: every and some.
"""

from answers import solved

right = solved("mnist")["verdict"]


def verdict(claim, seen, fresh=None):
    return right(claim | {"names": claim["names"][:3]}, seen, fresh)
