"""The error that ends a command."""


class CommandFailed(Exception):
    """A command ends with status 1; the text is printed on standard error."""
