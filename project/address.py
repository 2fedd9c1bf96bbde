"""Where the web server listens, and whether it does."""

from __future__ import annotations

import http.client
import socket
from contextlib import suppress
from dataclasses import dataclass

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class CannotListen(Exception):
    """Nothing can listen at this address; the message says why, and what to do."""


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def reachable_host(self) -> str:
        return _EVERYWHERE.get(self.host, self.host)

    @property
    def url(self) -> str:
        host = self.reachable_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def require_free(self) -> None:
        """Raises CannotListen where another program listens, or none may."""
        if not 1 <= self.port <= 65_535:
            raise CannotListen(f"PORT must be between 1 and 65535, not {self.port}.")
        try:
            family = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self.host, self.port))
                probe.listen()
        except socket.gaierror:
            raise CannotListen(f"HOST is {self.host!r}, which is no known address.") from None
        except PermissionError:
            raise CannotListen(
                f"Port {self.port} is reserved for the system. Try: PORT=8001 make run"
            ) from None
        except OSError as error:
            free = 8001 if self.port == 8000 else 8000
            raise CannotListen(
                f"Port {self.port} on {self.host} cannot be used ({error.strerror}). "
                f"Try: PORT={free} make run"
            ) from None

    def answers(self) -> bool:
        """Whether the web server there is ready."""
        connection = http.client.HTTPConnection(self.reachable_host, self.port, timeout=5)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status < 500
        return False
