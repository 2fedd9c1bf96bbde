"""Every address of the URL configuration, of pages, API and admin, with an example of each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")


def every_route() -> dict[str, str]:
    """An address of each route by its name; what it names need not exist."""
    return dict(_below(get_resolver().url_patterns, "", ""))


def _below(
    patterns: list[URLPattern | URLResolver], place: str, namespace: str
) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        here = place + _example(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            within = ":".join(part for part in (namespace, pattern.namespace) if part)
            yield from _below(pattern.url_patterns, here, within)
        else:
            name = pattern.name or here
            yield f"{namespace}:{name}" if namespace else str(name), f"/{here}"


def _example(written: str) -> str:
    """An address that the pattern takes. Admin's last pattern takes all, and a number is fine."""
    if written == "^api/":
        return "api/nothing/"
    if written.startswith(("^", "(?P")):
        return "nothing/"
    return _ARGUMENT.sub(lambda found: "1" if found[1] in ("int", None) else "a", written)
