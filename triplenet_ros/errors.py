"""The one error type that means: what the user gave cannot be used."""


class InputError(ValueError):
    """
    Bad input from outside: a file, a name, a value, a message.

    The text is one line that names the thing, the value and what is allowed. The command line
    prints it as ``error: ...`` and exits with 2; the node logs it. A bug is never an InputError.
    """
