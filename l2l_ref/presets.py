"""How each task's optimizer is trained, and on how many functions it is reported.

What else was tried on MNIST, and what it gave, is in ``artifacts/README.md``.
"""

from .support.errors import InputError
from .tasks import trained_on
from .training import Preset

PLAIN = {"preprocess": False, "output_scale": 0.1}  # quadratics: gradients as they are
LOGS = {"preprocess": True, "output_scale": 0.1}  # networks: log-and-sign, p = 10
SMALL_STEPS = LOGS | {"output_scale": 0.01}  # trains more smoothly on MNIST

PRESETS: dict[str, dict[str, Preset]] = {
    "quadratics": {
        "quick": Preset(trajectories=400, functions=128, optimizer=PLAIN),
        "paper": Preset(
            trajectories=2000,
            functions=512,
            optimizer=PLAIN,
            rate=5e-3,
            validate_every=25,
            validation_functions=4000,
        ),
    },
    "digits": {
        "quick": Preset(
            trajectories=100, functions=4, optimizer=LOGS, rate=1e-2, validation_functions=20
        ),
        "paper": Preset(
            trajectories=800,
            functions=4,
            optimizer=LOGS,
            rate=1e-2,
            validate_every=25,
            validation_functions=50,
        ),
    },
    "mnist": {
        "quick": Preset(
            trajectories=60,
            functions=2,
            optimizer=SMALL_STEPS,
            rate=1e-2,
            validate_every=20,
            validation_functions=20,
        ),
        "paper": Preset(
            trajectories=500,
            functions=2,
            optimizer=SMALL_STEPS,
            rate=1e-2,
            length=0.7,
            validate_every=25,
            validation_functions=40,
        ),
        # Goes on from what "paper" has found: l2l train mnist --preset polish --start FILE
        "polish": Preset(
            trajectories=400,
            functions=4,
            optimizer=SMALL_STEPS,
            rate=1e-3,
            average=0.98,
            length=0.7,
            validate_every=40,
            validation_functions=40,
        ),
    },
}

#: Fresh functions that `l2l evaluate` reports on.
FUNCTIONS = {"quadratics": 10_000, "digits": 100, "mnist": 100}


def get_preset(task: str, name: str) -> Preset:
    """Look a preset up by task and name.

    Raises:
        InputError: there is none of that name.
    """
    if trained_on(task) not in PRESETS:
        raise InputError(f"there are no presets for {task!r}, but for {', '.join(PRESETS)}")
    presets = PRESETS[trained_on(task)]
    if name not in presets:
        raise InputError(f"there is no preset {name!r}; the presets are {', '.join(presets)}")
    return presets[name]
