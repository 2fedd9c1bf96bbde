"""What can go wrong, as one tree.

    ThreadmarkError
    ├── Refused             the server understood, and said no
    │   ├── InvalidInput    something that was sent cannot be taken
    │   ├── NotLoggedIn     no token, or one that is wrong, expired or revoked
    │   ├── NotPermitted    the role, or the token's scopes, do not allow it
    │   ├── NotFound        there is no such thing, or none that you may see
    │   ├── Conflict        the thing is in a state that forbids it
    │   └── Throttled       asked too often, for longer than the client waits
    ├── Unreachable         no server, or none that answers
    ├── Interrupted         an answer broke off, or is not what the server said it is
    ├── JobFailed           an import, export or release ended without its result
    └── NotGenuine          a webhook's delivery that the server did not sign

Every message is a sentence: what was wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Fields = Mapping[str, Sequence[str]]


class ThreadmarkError(Exception):
    """Base of all errors of this client.

    ``message`` is a sentence for people: what was wrong, where, what to do. ``code`` is a word
    for programs that never changes, ``fields`` names the inputs at fault with the sentences
    about each, ``status`` is the HTTP status, or None where no answer came.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "error",
        fields: Fields | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.fields: Fields = dict(fields or {})
        self.status = status


class Refused(ThreadmarkError):
    """The server understood, and said no; ``code`` tells why (docs/api.md lists the codes)."""


class InvalidInput(Refused):
    """Something that was sent cannot be taken; ``fields`` says what, and why."""


class NotLoggedIn(Refused):
    """No token was sent, or one that is wrong, expired or revoked."""


class NotPermitted(Refused):
    """Your role, or the scopes of your token, do not allow this."""


class NotFound(Refused):
    """There is no such thing, or none that you may see."""


class Conflict(Refused):
    """The thing is in a state that forbids this, such as a closed campaign."""


class Throttled(Refused):
    """The token asked too often, and went on being refused for as long as the client waits."""


class Unreachable(ThreadmarkError):
    """No server answers at the address, or something that is not Threadmark does."""


class Interrupted(ThreadmarkError):
    """An answer broke off, or is not what the server said it is; asking again may help."""


class JobFailed(ThreadmarkError):
    """An import, export or release ended without its result; the message says why."""


class NotGenuine(ThreadmarkError):
    """A webhook's delivery that the server did not sign with this secret, or long ago."""


REFUSALS: Mapping[int, type[Refused]] = {
    401: NotLoggedIn,
    403: NotPermitted,
    404: NotFound,
    409: Conflict,
    429: Throttled,
}
