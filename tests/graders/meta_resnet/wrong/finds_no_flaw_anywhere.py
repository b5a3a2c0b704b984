"""Every step is sound.

Loses: diagnose: a flaw that is plain is named, and none where none is.
Loses: diagnose: also a flaw of one weight, and steps that look unusual.
"""


def diagnose(implementation):
    return "none"
