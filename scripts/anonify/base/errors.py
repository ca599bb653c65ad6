"""What a user may do wrong."""


class UserError(ValueError):
    """A mistake that the user can mend.

    The message is one sentence: it names the file, row or key, says what is wrong and how
    to mend it. Whoever runs a command or job prints the message alone, without a traceback; who
    calls the library from Python gets the ValueError that a wrong value is there.
    """
