"""What can go wrong, by name."""


class InputError(ValueError):
    """Something from outside cannot be used: a file, a name, an option.

    Its message says what was given, what is expected and what to do. The command line prints it
    without a traceback and exits with 2.
    """


class CannotWrite(InputError):
    """A file cannot be written.

    Args:
        message: as of every `InputError`.
        error: what the system said.
    """

    def __init__(self, message: str, error: OSError):
        super().__init__(message)
        self.error = error


class Diverged(RuntimeError):
    """The meta-loss became NaN or infinite. The command line exits with 1."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or the request to end, in a job that says what it has kept.

    The command line prints the message and exits with 130.
    """
