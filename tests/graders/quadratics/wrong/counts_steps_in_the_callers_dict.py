"""The dict that was given is the dict that comes back.

Loses: Adam leaves old states and other runs alone.
Axis: behind.
"""


def adam(gradient, state, rate):
    state = state or {"mean": 0, "square": 0, "t": 0}
    state["mean"] = 0.9 * state["mean"] + 0.1 * gradient
    state["square"] = 0.999 * state["square"] + 0.001 * gradient**2
    state["t"] += 1
    mean = state["mean"] / (1 - 0.9 ** state["t"])
    square = state["square"] / (1 - 0.999 ** state["t"])
    return -rate * mean / (square.sqrt() + 1e-8), state
