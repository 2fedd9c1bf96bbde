"""Which addresses may be called: none inside a network, unless an administrator opened it.

A name is looked at twice. What it says is checked when a webhook is made; where it leads is
checked each time before it is called, because its owner may change that at any moment.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any, Self
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Place = tuple[socket.AddressFamily, Any]
"""A family and an address as ``socket.connect`` takes it: nothing is left to look up."""

LONGEST_URL = 2000
OPEN_PORTS = (80, 443)
PORTS = {"http": 80, "https": 443}
PRINTABLE = re.compile(r"[!-~]+")
NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")
INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa")
GLOBAL_IPV6 = IPv6Network("2000::/3")
# Among the public ones, yet for special uses, for examples, or leading to another address than it
# seems to: 6to4 with its relays, Teredo. Some versions of Python count them as public.
SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
HOW_TO_OPEN = "An administrator can open it with WEBHOOK_ALLOWED_HOSTS."


class Refused(ValueError):
    """The address cannot be called; the message says why, and what to do."""


@dataclass(frozen=True)
class Opened:
    """The hosts inside a network that may be called all the same: names, addresses, networks."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, entries: Iterable[str]) -> Self:
        """From entries such as ``hooks.lab.example``, ``10.1.2.3`` or ``10.1.0.0/16``.

        Raises ValueError for a network that is none.
        """
        names, networks = set(), []
        for entry in entries:
            literal = _address(entry.strip("[]"))
            if literal is not None or "/" in entry:
                networks.append(ip_network(literal or entry))
            else:
                names.add(entry.lower().rstrip("."))
        return cls(frozenset(names), tuple(networks))

    def has_host(self, host: str) -> bool:
        """Whether the host is named, or is an address in one of the networks."""
        literal = _address(host)
        return host in self.names or (literal is not None and self.has_address(literal))

    def has_address(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


@dataclass(frozen=True)
class Receiver:
    """An address taken apart. ``host`` has no brackets and no dot at its end; ``target`` is the
    path with the query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_secret(self) -> bool:
        """Whether it is called over TLS."""
        return self.scheme == "https"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read_url(url: str, opened: Opened) -> Receiver:
    """The address that a webhook is to have. Raises Refused, without a look into the DNS."""
    if len(url) > LONGEST_URL or not PRINTABLE.fullmatch(url) or "\\" in url:
        raise Refused(
            f"An address has up to {LONGEST_URL:,} printable characters of ASCII: write others "
            "percent-encoded, and a host with them in its xn-- form."
        )
    receiver = _taken_apart(url)
    if not opened.has_host(receiver.host):
        _require_outside(receiver)
    return receiver


def checked_places(receiver: Receiver, opened: Opened) -> list[Place]:
    """Where the receiver's host leads now, in the order to try them; all of them are checked.

    Raises Refused where the name is unknown, or one of its addresses may not be called.
    """
    try:
        found = socket.getaddrinfo(receiver.host, receiver.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"The name {receiver.host} could not be looked up: {error}.") from None
    named = receiver.host in opened.names
    if not found or not all(named or _may_be_called(place[0], opened) for *_, place in found):
        raise Refused(f"{receiver.host} leads to an address that is not public. {HOW_TO_OPEN}")
    return [(family, place) for family, *_, place in found]


def is_public(address: Address) -> bool:
    """Whether the whole Internet may reach it, and it is what it seems to be."""
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, IPv6Address) and address not in GLOBAL_IPV6:
        return False  # mapped and translated IPv4, site-local and whatever comes
    return not any(address in network for network in SPECIAL)


def _taken_apart(url: str) -> Receiver:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Refused("This is no address: write one such as https://lab.example/hook.") from None
    if parts.scheme not in PORTS:
        raise Refused("An address begins with https:// or http://.")
    if "@" in parts.netloc:
        raise Refused(
            "An address holds no user and no password: the receiver knows Threadmark by the "
            "signature."
        )
    if "#" in url:
        raise Refused("An address has no part behind a #: it would never be sent.")
    literal = _address(host)
    if literal is None and not NAME.fullmatch(host):
        raise Refused("The host of this address is none: write one such as lab.example.")
    if port == 0:
        raise Refused("A port is between 1 and 65535.")
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    return Receiver(parts.scheme, host, port or PORTS[parts.scheme], target)


def _require_outside(receiver: Receiver) -> None:
    """Raises Refused for what is seen to lie inside a network, and for unusual ports."""
    literal = _address(receiver.host) or _odd_form(receiver.host)
    last = receiver.host.rpartition(".")[2]
    if literal is not None:
        if not is_public(literal):
            raise Refused(f"{receiver.host} is not a public address. {HOW_TO_OPEN}")
    elif last in INSIDE or last == receiver.host:
        raise Refused(f"{receiver.host} is a name inside a network. {HOW_TO_OPEN}")
    if receiver.port not in OPEN_PORTS:
        raise Refused(
            f"Port {receiver.port} is not called, only 80 and 443, unless the host is opened. "
            f"{HOW_TO_OPEN}"
        )


def _may_be_called(text: str | int, opened: Opened) -> bool:
    """An address of a zone (``fe80::1%eth0``) is always one inside a network."""
    address = _address(str(text))
    return address is not None and (is_public(address) or opened.has_address(address))


def _address(text: str) -> Address | None:
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def _odd_form(host: str) -> IPv4Address | None:
    """The address that ``2130706433``, ``0x7f.1`` or ``0177.0.0.1`` is to the C library."""
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
