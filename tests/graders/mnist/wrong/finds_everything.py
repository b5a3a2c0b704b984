"""Every study has every flaw.

Loses: each flaw is found, and none where there is none.
Loses: several flaws at once are all found.
"""


def flaws(study):
    names = "leak, tuned on the report, end of grid, unpaired, left out, claimed afterwards"
    return names.split(", ")
