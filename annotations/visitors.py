"""From which address somebody asks, where proxies stand before this server."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

SAME_HOUSEHOLD = 64
NOWHERE = "0.0.0.0"  # noqa: S104 (stands for nobody, nothing listens on it)
WITH_PORT = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d+)?|([\d.]+):\d+")


def address_of(request: HttpRequest) -> str:
    """The address that the outermost of our own proxies saw; what stands before it in
    ``X-Forwarded-For`` was written by the visitor, and counts for nothing.

    An IPv6 address is cut down to its network: whoever has one of it has all of them. What cannot
    be read is one visitor, too: nobody is without an address, who would be limited by nothing.
    """
    proxies: int = settings.PROXIES
    written = request.headers.get("X-Forwarded-For", "") if proxies else ""
    listed = [part.strip() for part in written.split(",")]
    seen = listed[-proxies] if len(listed) >= proxies > 0 else ""
    return _read(seen) or _read(str(request.META.get("REMOTE_ADDR", ""))) or NOWHERE


def _read(text: str) -> str:
    """Empty for what is no address; some proxies write the port behind it."""
    found = WITH_PORT.fullmatch(text)
    try:
        address = ip_address((found[1] or found[2]) if found else text.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, SAME_HOUSEHOLD), strict=False).network_address)
