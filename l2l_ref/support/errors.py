"""What can go wrong, by name."""


class InputError(ValueError):
    """Something from outside cannot be used: a file, a name, an option.

    Its message says what was given, what is expected and what to do. The command line prints it
    without a traceback and exits with 2.
    """


class Diverged(RuntimeError):
    """The meta-loss became NaN or infinite. The command line exits with 1."""
