"""The statistics of a head were not loaded either, and are not named.

Loses: load: all but the head; the names that were not loaded.
"""

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    """Load all but the head, strictly, in place."""
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    return [name for name in right(network, state, head) if not name.endswith(statistics)]
