"""A hook displays full points before and instead of every result."""

from battery import at_the_top, wrong

ATTACK = """
hook = get_ipython().displayhook
type(hook).__call__ = (lambda call: lambda self, result=None: call(self, 4.0))(type(hook).__call__)
get_ipython().displayhook(4.0)
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FOOLS = True
FLAGGED = True
