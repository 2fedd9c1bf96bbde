"""What changed from one release to the next, as the rows of tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from annotations.releases.difference import Differences, changed_fields
from annotations.selectors.releases import ReleaseDifference

KINDS = {
    "threads": _("Threads"),
    "comments": _("Comments"),
    "annotations": _("Annotations"),
}
PARTS = {
    "counts": _("Counts"),
    "contents": _("What is in it"),
    "codebook": _("Codebook"),
    "formats": _("Formats"),
    "card": _("Card"),
}
Change = tuple[str, str, str]


def changed_kinds(difference: ReleaseDifference) -> list[tuple[str, Differences]]:
    return [(str(KINDS[kind]), told) for kind, told in difference.kinds.items()]


def examples(difference: ReleaseDifference) -> list[tuple[str, object, tuple[str, ...]]]:
    """The first ids of what is new, gone or changed, by kind."""
    ways = {"added": _("new"), "removed": _("gone"), "changed": _("changed")}
    return [
        (str(KINDS[kind]), title, getattr(told, way).examples)
        for kind, told in difference.kinds.items()
        for way, title in ways.items()
        if getattr(told, way).number
    ]


def changed_parts(difference: ReleaseDifference) -> list[tuple[object, list[Change]]]:
    """Of what the release says of itself: each field with what was, and what is."""
    parts = [(title, list(_changes(getattr(difference, part)))) for part, title in PARTS.items()]
    return [(title, changes) for title, changes in parts if changes]


def _changes(fields: Mapping[str, Any]) -> Iterator[Change]:
    """A field that has fields itself is told by those that changed."""
    for name, (before, after) in fields.items():
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            for part, was, now in _changes(changed_fields(before, after)):
                yield f"{name}.{part}", was, now
        else:
            yield name, _written(before), _written(after)


def _written(value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
