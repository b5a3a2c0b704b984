"""No slope is of either order.

Loses: order of: first and second order are told apart.
Loses: order of: what is neither is found.
"""


def order_of(train, test, slopes, theta, rate):
    return "neither"
