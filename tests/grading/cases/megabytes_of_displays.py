"""A cell shows HTML with a script, a huge picture and a thousand displays."""

from battery import after

ATTACK = """
import base64

from IPython.display import HTML, Image, display

display(HTML("<script>fetch('/formgrader/api/submission_cells')</script>"))
display({"image/png": base64.b64encode(bytes(20_000_000)).decode()}, raw=True)
for number in range(1000):
    display(number)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
