"""Forty cells that each show as much as a cell may, a huge picture and a long text."""

from battery import after

ATTACK = """
import base64

from IPython.display import display

display({"image/png": base64.b64encode(bytes(1_500_000)).decode()}, raw=True)
print("%d " * 8_000)
"""


def submit(solution, release):
    texts = [f"number = {k}\n{ATTACK} # {k}".replace("%d", str(k % 10)) for k in range(40)]
    return after(solution, "check_sgd_step", *texts)


EARNS = "all"
SAYS = [r"44\d,\d{3} characters and 38 pictures are left out"]
SHOWS = ["more characters or pictures are not shown"]
