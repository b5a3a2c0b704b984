"""The student cleans up with %reset: what follows has no imports and no check any more."""

from battery import after

ATTACK = """
%reset -f
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


#: Those that need the imports.
EARNS = {"loss_after": 0, "first_order": 0, "learn_rates": 0, "slopes_are_right": 0}
