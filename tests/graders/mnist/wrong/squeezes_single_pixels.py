"""Images of one pixel lose their second dimension.

Loses: what is measured comes from the training part alone.
Axis: shape.
"""

from answers import solved

right = solved("mnist")["standardise"]


def standardise(train, tune, report):
    return [images.squeeze(1) for images in right(train, tune, report)]
