"""Why an inventory or an audit fails."""


class Problem(Exception):
    """A sentence, or several lines of them, for who runs the command."""
