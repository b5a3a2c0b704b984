"""The name check is bound to a function that gives full points."""

from battery import at_the_top, wrong

ATTACK = """
def check(question):
    print(f"{question}: all points")
    return 4.0
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FOOLS = True
