"""Two partners merged with git; the markers broke the file's JSON."""

import json


def submit(solution, release):
    lines = json.dumps(solution, indent=1).splitlines()
    place = next(k for k, line in enumerate(lines) if '"nbformat_minor"' in line)
    lines[place : place + 1] = [
        "<<<<<<< HEAD",
        lines[place],
        "=======",
        lines[place].replace("5", "4"),
        ">>>>>>> partner",
    ]
    return "\n".join(lines).encode()


EARNS = "all"
REPAIRED = True
SAYS = ["merge|conflict"]
