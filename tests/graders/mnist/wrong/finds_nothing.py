"""Every study is sound.

Loses: each flaw is found, and none where there is none.
Loses: several flaws at once are all found.
"""


def flaws(study):
    return set()
