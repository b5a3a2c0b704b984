"""Every rule is Adam.

Loses: Adam passes the test, and plainly wrong rules do not.
Loses: nor do rules that are wrong for some gradients, rates or runs only.
"""


def is_adam(rule):
    return True
