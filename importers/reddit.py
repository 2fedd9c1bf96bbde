"""Reddit's comments and submissions as records: the same ones from a dump and from a listing.

Reddit's ids of comments and of submissions are two sequences that overlap, so they keep their
prefixes: ``t1_`` for a comment, ``t3_`` for a submission, which is both the thread and its opening.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from importers.json_fields import Notes, object_in, text_in
from importers.nesting import nests_deeper
from importers.privacy import DEPTH_LIMIT, PRIVATE, bare_name, without_private
from importers.records import (
    MAX_URL,
    BlockKind,
    BlockRecord,
    CommentRecord,
    LinkRecord,
    Status,
    ThreadRecord,
)
from importers.values import MAX_SCORE, whole_number

SITE = "https://www.reddit.com"
NOBODY = frozenset({"[deleted]", "[removed]", "[unavailable]"})
BOILERPLATE: Mapping[str, Status] = {
    "[deleted]": "deleted_by_author",
    "[removed]": "removed_by_moderator",
    "[unavailable]": "blocked",
}
REMOVED_BY_REDDIT = "[ removed by reddit"
BY_AUTHOR = frozenset({"author", "deleted"})
LAST_SECOND = 4_102_444_800  # 2100-01-01
LARGEST_NUMBER = 2**63
CONTAINERS = frozenset({dict, list})
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

# Names of fields that were found harmless: the same hundred come with every record.
_harmless: set[str] = set()
_HARMLESS_KEPT = 10_000


def is_comment(data: Mapping[str, Any]) -> bool:
    """Whether the object has a comment's fields."""
    return "body" in data and ("link_id" in data or "parent_id" in data)


def is_submission(data: Mapping[str, Any]) -> bool:
    """Whether the object has a submission's fields; subreddits have a title and address, too."""
    return "title" in data and ("selftext" in data or "is_self" in data or "num_comments" in data)


def comment_record(
    data: dict[str, Any], notes: Notes, line: int | None = None, text: str = ""
) -> CommentRecord:
    """A comment of a dump or listing. Raises ValueError for what cannot be taken.

    Takes ``replies`` out of ``data``, which becomes the raw record; ``text`` is the JSON that it
    was, where that may be stored as it is.
    """
    body = data.get("body")
    if not isinstance(body, str):
        raise ValueError("Its body is no text.")
    thread_id = _thread_id(data)
    if "&" in body and _is_escaped(data, data.get("body_html"), body):
        body = _decoded(body)
    boilerplate = _boilerplate(body) if body[:1] == "[" else None
    author = _author(data)
    raw, raw_json = _raw(data, notes, text)
    return CommentRecord(
        id=_fullname("t1_", data.get("id") or data.get("name")),
        thread_id=thread_id,
        text="" if boilerplate else body,
        author_id=author,
        author_name=author,
        reply_to=_reply_to(data.get("parent_id"), thread_id),
        status=boilerplate or _later_status(data),
        posted_at=_time(data.get("created_utc"), notes),
        edited_at=_edited_at(data, notes),
        score=_score(data.get("score"), notes),
        blocks=quote_blocks(body) if ">" in body and not boilerplate else (),
        raw=raw,
        raw_json=raw_json,
        line=line,
    )


def submission_records(
    data: dict[str, Any], notes: Notes, line: int | None = None
) -> tuple[ThreadRecord, CommentRecord]:
    """A submission: the thread, and its opening as a post. Raises ValueError.

    The opening of a link post begins with the address that was posted, on a line of its own.
    """
    texts = (text_in(data.get("title")), text_in(data.get("selftext")), text_in(data.get("url")))
    if any("&" in text for text in texts) and _is_escaped(data, data.get("selftext_html"), *texts):
        texts = (_decoded(texts[0]), _decoded(texts[1]), _decoded(texts[2]))
    title, selftext, url = texts
    boilerplate = _boilerplate(selftext)
    if boilerplate:
        selftext = ""
    posted = url if _is_link(data, url) else ""
    text = f"{posted}\n\n{selftext}" if posted and selftext else posted or selftext
    thread = thread_record(data.get("id") or data.get("name"), title, data.get("permalink"))
    author = _author(data)
    opening = CommentRecord(
        id=thread.id,
        thread_id=thread.id,
        text=text,
        kind="post",
        author_id=author,
        author_name=author,
        status=boilerplate or _later_status(data),
        posted_at=_time(data.get("created_utc"), notes),
        edited_at=_edited_at(data, notes),
        score=_score(data.get("score"), notes),
        blocks=quote_blocks(text),
        links=_link(posted),
        raw=_raw(data, notes)[0],
        line=line,
    )
    return thread, opening


def thread_record(id: object, title: str, permalink: object) -> ThreadRecord:
    """The thread of a submission; ``permalink`` is the path, or the address, of its page."""
    thread_id = _fullname("t3_", id)
    path = text_in(permalink) or f"/comments/{thread_id.removeprefix('t3_')}/"
    return ThreadRecord(
        id=thread_id,
        title=title,
        url=path if path.startswith("http") else f"{SITE}{path}",
        platform="reddit",
    )


def linked_thread(data: Mapping[str, Any]) -> ThreadRecord | None:
    """The thread of a comment that tells its submission's title, as in a list of somebody's."""
    title = text_in(data.get("link_title"))
    if not title:
        return None
    if _is_escaped(data, data.get("body_html"), title):
        title = _decoded(title)
    return thread_record(_thread_id(data), title, data.get("link_permalink"))


def quote_blocks(text: str) -> tuple[BlockRecord, ...]:
    """Quoted lines (``> …``, but no spoilers, ``>!…!<``) and what stands between them.

    Nothing if no line is quoted.
    """
    if not text.startswith(">") and "\n>" not in text:
        return ()
    blocks = []
    kind: BlockKind | None = None
    start = end = 0
    for line in text.split("\n"):
        here = _line_kind(line)
        if here != kind:
            if kind:
                blocks.append(BlockRecord(kind, start, end - 1))
            kind, start = here, end
        end += len(line) + 1
    if kind:
        blocks.append(BlockRecord(kind, start, end - 1))
    return tuple(blocks) if any(block.kind == "quote" for block in blocks) else ()


def _line_kind(line: str) -> BlockKind | None:
    if not line.strip():
        return None
    return "quote" if line.startswith(">") and not line.startswith(">!") else "paragraph"


def _fullname(prefix: str, value: object) -> str:
    """An id with its prefix, whether the source wrote it or not."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str) or value in ("", prefix):
        raise ValueError("It has no id.")
    return value if value.startswith(prefix) else prefix + value


def _thread_id(data: Mapping[str, Any]) -> str:
    link = data.get("link_id")
    if link:
        return _fullname("t3_", link)
    parent = data.get("parent_id")
    if isinstance(parent, str) and parent.startswith("t3_"):
        return _fullname("t3_", parent)
    raise ValueError("It does not say which submission it belongs to.")


def _reply_to(parent: Any, thread_id: str) -> str | None:
    """The comment answered. Pushshift's last API gave its number, or nothing for a submission."""
    if isinstance(parent, str):
        if parent.startswith("t1_"):
            return parent
        is_top = not parent or parent.startswith("t3_") or f"t3_{parent}" == thread_id
        return None if is_top else f"t1_{parent}"
    if type(parent) is int and 0 < parent < LARGEST_NUMBER:
        return f"t1_{_base36(parent)}"
    return None


def _base36(number: int) -> str:
    written = ""
    while number:
        number, digit = divmod(number, 36)
        written = DIGITS[digit] + written
    return written


def _is_escaped(data: Mapping[str, Any], html: object, *texts: str) -> bool:
    """Whether ``& < >`` came as entities, as Reddit gives them unless asked for raw JSON.

    The HTML beside the text tells. So does a sign that stands for itself, and ``_meta``: Arctic
    Shift, which adds it, asks for raw JSON.
    """
    if isinstance(html, str) and html:
        return html.startswith("&lt;")
    return "_meta" not in data and all(map(_may_be_escaped, texts))


def _may_be_escaped(text: str) -> bool:
    if "<" in text or ">" in text:
        return False
    entities = text.count("&amp;") + text.count("&lt;") + text.count("&gt;")
    return text.count("&") == entities


def _decoded(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _boilerplate(text: str) -> Status | None:
    """The status of a text that Reddit put in place of the author's."""
    if text.startswith("[ ") and text.lower().startswith(REMOVED_BY_REDDIT):
        return "removed_by_moderator"
    return BOILERPLATE.get(text)


def _later_status(data: Mapping[str, Any]) -> Status:
    """What became of a text that the source kept: removals that are told beside it."""
    category = data.get("removed_by_category")
    if not category and "_meta" in data:
        category = object_in(data["_meta"]).get("removal_type")
    if not category or not isinstance(category, str):
        return "visible"
    return "deleted_by_author" if category in BY_AUTHOR else "removed_by_moderator"


def _author(data: Mapping[str, Any]) -> str:
    """The name, which old dumps know, too; nobody for a deleted account."""
    author = data.get("author")
    return author if isinstance(author, str) and author not in NOBODY else ""


def _time(value: Any, notes: Notes) -> datetime | None:
    if isinstance(value, str) and value.isdecimal() and len(value) <= 10:
        value = int(value)
    if (type(value) is int or type(value) is float) and 0 <= value < LAST_SECOND:
        return datetime.fromtimestamp(value, UTC)
    return notes.time(value)[0]


def _edited_at(data: Mapping[str, Any], notes: Notes) -> datetime | None:
    """When it was edited; of very old edits Reddit only says that there was one (true)."""
    edited = data.get("edited")
    return _time(edited, notes) if edited and edited is not True else None


def _score(value: Any, notes: Notes) -> int | None:
    if type(value) is int and -MAX_SCORE <= value <= MAX_SCORE:
        return value
    try:
        return whole_number(value)
    except ValueError:
        notes["scores left out that cannot be read"] += 1
        return None


def _is_link(data: Mapping[str, Any], url: str) -> bool:
    """Whether an address was posted; that of a text post is its own page."""
    is_self = data.get("is_self")
    if isinstance(is_self, bool):
        return not is_self and bool(url)
    permalink = text_in(data.get("permalink"))
    is_own_page = bool(permalink) and url.endswith(permalink)
    return bool(url) and not is_own_page and not text_in(data.get("domain")).startswith("self.")


def _link(posted: str) -> tuple[LinkRecord, ...]:
    """A link over the address posted; that of a crosspost is a path on Reddit."""
    address = f"{SITE}{posted}" if posted.startswith("/") else posted
    if not address.startswith(("http://", "https://")) or len(address) > MAX_URL:
        return ()
    return (LinkRecord(0, len(posted), address),)


def _raw(data: dict[str, Any], notes: Notes, text: str = "") -> tuple[dict[str, Any], str]:
    """The record, or its text, without replies, private fields and what nests too deep.

    Mostly it is as it came, for speed.
    """
    replies = data.pop("replies", None)
    brackets = text.count("[") + text.count("{")
    is_flat = text.count("{") == 1 and brackets <= DEPTH_LIMIT
    if not (_is_private(data) if is_flat else _may_need_change(data)):
        # Of a name that comes twice the text has both values, the data only the later one.
        is_deep = brackets > DEPTH_LIMIT and nests_deeper(text.encode(), DEPTH_LIMIT)
        return ({}, text) if text and not replies and not is_deep else (data, "")
    raw, dropped = without_private(data)
    notes.take(dropped)
    return raw, ""


def _may_need_change(data: dict[str, Any]) -> bool:
    """Whether a field at any depth has a private name, or something nests too deep."""
    level: list[Any] = [data]
    for _ in range(DEPTH_LIMIT):
        below: list[Any] = []
        for found in level:
            if isinstance(found, dict):
                if _is_private(found):
                    return True
                found = found.values()
            below += [value for value in found if type(value) in CONTAINERS and value]
        if not below:
            return False
        level = below
    return True


def _is_private(data: dict[str, Any]) -> bool:
    """Whether a field of the object itself has a private name."""
    if data.keys() <= _harmless:
        return False
    if len(_harmless) < _HARMLESS_KEPT:
        _harmless.update(name for name in data if bare_name(name) not in PRIVATE)
    return any(bare_name(name) in PRIVATE for name in data)
