"""Items of Hacker News out of any JSON: as Firebase, Algolia or a crawler wrote them.

Items may stand in a list, nest in each other, or hide in an object around them (``hits``,
``post`` and ``comments``). Their ids are one sequence for stories, comments and polls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from importers.json_fields import list_in, number_in, text_in

Sort = Literal["comment", "post", "pollopt"]
SORTS: Mapping[str, Sort] = {
    "comment": "comment",
    "pollopt": "pollopt",
    **dict.fromkeys(("story", "job", "poll", "link", "ask", "show"), "post"),
}
CHILDREN = ("kids", "children", "comments", "replies")
MARKS = frozenset(
    {"type", "by", "author", "user", "parent", "parent_id", "text", "comment_text", "content"}
    | {"time", "created_at_i", "deleted", "dead", "title", "kids"}
)
LARGEST_ID = 2**63


@dataclass(frozen=True, slots=True)
class Item:
    """One item. ``parent`` and ``story`` are ids, None where they are not told; ``kids`` are the
    ids of its direct replies in ranked order. ``data`` is the source's own record without them.
    """

    id: int
    sort: Sort
    parent: int | None
    story: int | None
    kids: tuple[int, ...]
    data: Mapping[str, Any]

    @property
    def total(self) -> int:
        """How many comments the source counts below it."""
        counts = (self.data.get(name) for name in ("descendants", "num_comments", "comments_count"))
        return max(number_in(count) or 0 for count in counts)


def objects_of(value: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """The objects that are items, each with the id of the item around it; parents come first."""
    waiting: list[tuple[Any, Any]] = [(value, None)]
    while waiting:
        found, parent = waiting.pop()
        if isinstance(found, dict) and _is_item(found):
            yield found, parent
            around = found.get("id", found.get("objectID"))
            waiting += [(nested, around) for nested in reversed(_nested(found))]
        elif isinstance(found, dict | list):
            inside = found.values() if isinstance(found, dict) else found
            waiting += [(part, parent) for part in reversed(list(inside))]


def item_of(data: Mapping[str, Any], around: Any) -> Item:
    """An object as an item. Raises ValueError."""
    id = id_of(data.get("id", data.get("objectID")))
    if id is None:
        raise ValueError("Its id is no number.")
    named = (data.get("parent"), data.get("parent_id"), data.get("poll"), around)
    parent = next((number for value in named if (number := id_of(value)) is not None), None)
    sort = _sort(data, parent)
    nested = _nested(data)
    listed = [value for name in CHILDREN for value in list_in(data.get(name))]
    kids = (id_of(kid.get("id") if isinstance(kid, dict) else kid) for kid in listed)
    story = id_of(data.get("story_id"))
    if story == id or sort != "comment":
        story = None
    return Item(
        id=id,
        sort=sort,
        parent=None if sort == "post" else parent or story,
        story=story,
        kids=tuple(dict.fromkeys(kid for kid in kids if kid is not None)),
        data={k: v for k, v in data.items() if k not in CHILDREN} if nested else data,
    )


def id_of(value: Any) -> int | None:
    """An id as a number, also where it is written as text."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    return value if type(value) is int and 0 < value < LARGEST_ID else None


def likeness(data: Mapping[str, Any]) -> float:
    """1 for an item with the marks of Firebase or Algolia, else 0."""
    is_firebase = text_in(data.get("type")) in SORTS and id_of(data.get("id")) is not None
    is_told = bool({"by", "deleted", "dead"} & data.keys()) and bool({"time"} & data.keys())
    is_nested = "children" in data and "created_at_i" in data
    is_hit = "objectID" in data and "created_at_i" in data
    is_search = is_hit and bool({"_tags", "comment_text", "num_comments"} & data.keys())
    return float((is_firebase and (is_told or is_nested)) or is_search)


def _is_item(data: Mapping[str, Any]) -> bool:
    has_id = "id" in data or "objectID" in data
    return (has_id and not MARKS.isdisjoint(data)) or text_in(data.get("type")) in SORTS


def _nested(data: Mapping[str, Any]) -> list[Any]:
    """Items within the item; a list of mere ids is none."""
    lists = (list_in(data.get(name)) for name in CHILDREN)
    return [part for listed in lists for part in listed if isinstance(part, dict)]


def _sort(data: Mapping[str, Any], parent: int | None) -> Sort:
    """Told by the type, by Algolia's tags, or by the fields."""
    tags = [tag for tag in list_in(data.get("_tags")) if isinstance(tag, str)]
    for told in (text_in(data.get("type")), *tags):
        if told in SORTS:
            return SORTS[told]
    is_comment = parent is not None or data.get("comment_text") is not None
    if not is_comment and not text_in(data.get("title")):
        raise ValueError("It is neither a comment nor a story.")
    return "comment" if is_comment else "post"
