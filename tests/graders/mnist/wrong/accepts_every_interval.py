"""Every interval covers.

Loses: intervals that cover pass the test, and plainly wrong ones do not.
Loses: nor do intervals that cover for some samples only.
"""


def covers(interval):
    return True
