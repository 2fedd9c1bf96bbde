"""The comments of a web page, found by what marks them up, whatever software wrote the page.

Ways to find them, the surest first: microdata (schema.org/Comment and UserComments), RDFa
(sioct:Comment), ids like ``comment-12`` (WordPress, Drupal and many others), and the class
``comment``. The way that finds most comments is taken, the surer one where two find as many.
Who answers whom is told by what the comment says itself (parentItem, reply_of), by nesting, by
the indentation of Drupal, and by the classes ``depth-2`` of WordPress.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from importers.html_tree import classes, inner_html, own_elements, words_of
from importers.records import Status

MAX_NAME = 200

_SCHEMA_COMMENT = re.compile(r"https?://schema\.org/(?:Comment|UserComments|Answer)/?")
_NUMBERED = re.compile(r"(?:(?:li|div|article|post)[-_])?comment[-_]?(\d+)")
_NUMBER_IN_ADDRESS = re.compile(r"#(?:comment[-_]?|c)(\d+)\b|/comment/(\d+)\b")
# "Ada's picture" beside a comment, and the line below it, as Drupal 6 and 7 write them.
_PICTURE = re.compile(r"(?P<name>.+)'s picture", re.IGNORECASE)
_SUBMITTED = re.compile(r"(?:submitted )?by (?P<name>.+?) on (?P<time>.+?)\.?", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DEPTH = re.compile(r"depth-(\d+)")
_COMMENT_CLASSES = frozenset(
    {"comment", "comment-item", "comment_item", "comment__item", "single-comment", "usercomment"}
)
_AUTHOR_PROPERTIES = frozenset({"author", "creator"})
_AUTHOR_CLASSES = (
    "fn",
    "username",
    "comment-author-name",
    "comment__author",
    "comment-author",
    "comment_author",
    "commentauthor",
    "commenter",
    "user-name",
    "nickname",
    "author",
)
_TIME_PROPERTIES = frozenset({"dateCreated", "datePublished", "commentTime", "dc:created"})
_TIME_CLASSES = (
    "comment-date",
    "comment__date",
    "comment-time",
    "comment-metadata",
    "commentmetadata",
    "comment-meta",
    "comment_meta",
    "comment-timestamp",
    "timestamp",
    "datetime",
    "date",
    "time",
    "submitted",
)
_TEXT_PROPERTIES = frozenset({"text", "commentText", "content:encoded", "schema:text"})
_TEXT_CLASSES = (
    "comment-content",
    "comment-text",
    "comment_text",
    "comment__text",
    "comment__content",
    "comment-message",
    "comment-entry",
    "field-name-comment-body",
    "comment-body",
    "comment_body",
    "comment__body",
    "commentbody",
    "message",
    "content",
    "text",
)
_NO_TEXT_TAGS = frozenset(
    {"button", "footer", "form", "header", "noscript", "script", "style", "svg", "time"}
)
_NO_TEXT_CLASSES = frozenset(
    {
        *("comment-author", "comment-meta", "commentmetadata", "comment_meta"),
        *("comment-metadata", "submitted"),
        *("reply", "comment-reply", "comment-reply-link", "comment-actions", "comment-footer"),
        *("comment-awaiting-moderation", "avatar", "children", "links", "says", "permalink"),
        *("expanding-formatter-ellipsis", "expanding-formatter-trigger", "element-hidden"),
        "vcard",
    }
)
_LABEL_CLASSES = frozenset({*_AUTHOR_CLASSES, *_TIME_CLASSES})
_STATUSES: dict[str, Status] = {
    "comment-unpublished": "unapproved",
    "comment-awaiting-moderation": "unapproved",
    "unapproved": "unapproved",
    "comment-deleted": "deleted_by_author",
    "deleted": "deleted_by_author",
    "comment-removed": "removed_by_moderator",
    "removed": "removed_by_moderator",
    "spam": "spam",
}


@dataclass(frozen=True, slots=True)
class PageComment:
    """A comment as the page shows it. ``time`` and ``score`` are as they are written there.

    ``id`` is the site's own, "" if it has none; ``answers`` the site's id of the comment
    answered, which may be on another page; ``parent`` counts the comments of this page from 0.
    """

    html: str
    id: str = ""
    author: str = ""
    time: str = ""
    parent: int | None = None
    answers: str = ""
    status: Status = "visible"
    score: str = ""
    sort: str = "comment"


def comment_elements(root: etree._Element) -> list[etree._Element]:
    """The elements that hold one comment each, with or without the answers to it."""
    ways = (_by_microdata, _by_rdfa, _by_number, _by_class)
    found = [list(way(root)) for way in ways]
    return max(found, key=len)


def read_comments(elements: list[etree._Element]) -> list[PageComment]:
    """What the elements of one page say, in their order."""
    numbers = {element: number for number, element in enumerate(elements)}
    parents = list(_parents(elements, numbers))
    return [
        _comment(element, parent, numbers.__contains__)
        for element, parent in zip(elements, parents, strict=True)
    ]


def _by_microdata(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter(etree.Element):
        if any(map(_SCHEMA_COMMENT.fullmatch, (element.get("itemtype") or "").split())):
            yield element


def _by_rdfa(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter(etree.Element):
        kinds = (element.get("typeof") or "").split()
        if any(kind.rpartition(":")[2] == "Comment" for kind in kinds):
            yield element


def _by_number(root: etree._Element) -> Iterator[etree._Element]:
    """The outermost element with a number; where a mere anchor has it, what follows it."""
    seen: set[str] = set()
    for element in root.iter(etree.Element):
        found = _NUMBERED.fullmatch(element.get("id") or "")
        if not found or found[1] in seen:
            continue
        holder = _held_by_anchor(element) if element.tag == "a" else element
        if holder is not None:
            seen.add(found[1])
            yield holder


def _held_by_anchor(anchor: etree._Element) -> etree._Element | None:
    if words_of(anchor):
        return None
    after = anchor.getnext()
    if after is not None and "comment" in classes(after):
        return after
    around = anchor.iterancestors()
    return next((element for element in around if "comment" in classes(element)), None)


def _by_class(root: etree._Element) -> Iterator[etree._Element]:
    """Elements of such a class that name an author, in themselves and not in one within."""
    marked = [e for e in root.iter(etree.Element) if classes(e) & _COMMENT_CLASSES]
    known = set(marked)
    for element in marked:
        own = own_elements(element, known.__contains__)
        if _author(own) and words_of(element):
            yield element


def _parents(
    elements: list[etree._Element], numbers: dict[etree._Element, int]
) -> Iterator[int | None]:
    """Who is answered, by nesting, else by how far a comment is indented."""
    last: dict[int, int] = {}
    for number, element in enumerate(elements):
        indents, holder = 0, None
        for around in element.iterancestors():
            indents += "indented" in classes(around)
            if around in numbers:
                holder = numbers[around]
                break
        depths = (_DEPTH.fullmatch(name) for name in classes(element))
        depth = next((int(found[1]) - 1 for found in depths if found), indents)
        last[depth] = number
        yield holder if holder is not None else last.get(depth - 1)


def _comment(
    element: etree._Element,
    parent: int | None,
    is_comment: Callable[[etree._Element], bool],
) -> PageComment:
    own = own_elements(element, is_comment)
    kinds = classes(element)
    text = _text(element, own, is_comment)
    marks = kinds.union(*(classes(part) & {"comment-awaiting-moderation"} for part in own))
    sorts = kinds & {"pingback", "trackback"}
    return PageComment(
        html=text,
        id=_id(element, own),
        author=_author(own),
        time=_time(own),
        parent=parent,
        answers=_answers(own),
        status=next((_STATUSES[mark] for mark in sorted(marks) if mark in _STATUSES), "visible"),
        score=_score(element, own),
        sort=sorts.pop() if sorts else "comment",
    )


def _id(element: etree._Element, own: list[etree._Element]) -> str:
    """The number in its id or address; else whatever id it has."""
    before = element.getprevious()
    for part in (element, *([] if before is None else [before]), *own):
        found = _NUMBERED.fullmatch(part.get("id") or "")
        if found:
            return found[1]
    for name in ("data-comment-id", "data-commentid", "data-id"):
        if element.get(name):
            return str(element.get(name)).strip()
    addresses = [element.get("about"), element.get("resource"), element.get("itemid")]
    addresses += [part.get("href") for part in own if part.get("itemprop") == "url"]
    addresses += [part.get("href") for part in own if "permalink" in classes(part)]
    for address in addresses:
        found = _NUMBER_IN_ADDRESS.search(address or "")
        if found:
            return found[1] or found[2]
    return (element.get("id") or "").strip()


def _author(own: list[etree._Element]) -> str:
    for part in own:
        if (part.get("itemprop") or "") in _AUTHOR_PROPERTIES:
            names = (e for e in part.iter(etree.Element) if e.get("itemprop") == "name")
            named = next(names, part)
            return _name(named.get("content") or words_of(named))
    for part in own:
        if "foaf:name" in (part.get("property") or "").split():
            return _name(part.get("content") or words_of(part))
    for wanted in _AUTHOR_CLASSES:
        for part in own[1:]:
            if wanted in classes(part) and _name(words_of(part)):
                return _name(words_of(part))
    cites = (part for part in own if part.tag == "cite" or part.get("rel") == "author")
    cited = next((_name(words_of(part)) for part in cites if words_of(part)), "")
    return cited or _name(_drupal_author(own))


def _drupal_author(own: list[etree._Element]) -> str:
    """Who submitted it, as themes of Drupal say without any mark for the name."""
    for part in own:
        if "submitted" in classes(part) and (found := _SUBMITTED.fullmatch(words_of(part))):
            return found["name"]
    pictures = (_PICTURE.fullmatch(part.get("alt") or "") for part in own if part.tag == "img")
    return next((found["name"] for found in pictures if found), "")


def _name(words: str) -> str:
    if len(words) > 2 * MAX_NAME:  # nor would the pattern end on it in time
        return ""
    name = re.sub(r"\s+(?:says?|wrote|sagt|schreibt|dit|dice|escribió)?\s*:$", "", words)
    return name if len(name) <= MAX_NAME else ""


def _time(own: list[etree._Element]) -> str:
    for part in own:
        named = {part.get("itemprop") or "", *(part.get("property") or "").split()}
        if named & _TIME_PROPERTIES:
            return str(part.get("datetime") or part.get("content") or words_of(part))
    for part in own:
        if part.tag == "time" and (part.get("datetime") or words_of(part)):
            return str(part.get("datetime") or words_of(part))
        if part.tag == "abbr" and classes(part) & {"published", "timeago", "comment-date"}:
            return str(part.get("title") or words_of(part))
    for wanted in _TIME_CLASSES:
        for part in own:
            if wanted in classes(part) and _YEAR.search(words := words_of(part)):
                submitted = _SUBMITTED.fullmatch(words)
                return (submitted["time"] if submitted else words)[:200]
    return ""


def _text(
    element: etree._Element,
    own: list[etree._Element],
    is_comment: Callable[[etree._Element], bool],
) -> str:
    holder = _text_holder(own)
    if holder is not None and holder.get("content"):
        return html.escape(holder.get("content"), quote=False)
    if holder is not None:
        return inner_html(holder, lambda part: is_comment(part) or _is_no_text(part))
    return inner_html(element, lambda part: is_comment(part) or _is_no_text(part) or _labels(part))


def _labels(part: etree._Element) -> bool:
    """Whether it says who wrote and when, where nothing marks off the text from that."""
    return not _LABEL_CLASSES.isdisjoint(classes(part))


def _text_holder(own: list[etree._Element]) -> etree._Element | None:
    for part in own[1:]:
        named = {part.get("itemprop") or "", *(part.get("property") or "").split()}
        if named & _TEXT_PROPERTIES:
            return part
    for wanted in _TEXT_CLASSES:
        for part in own[1:]:
            if wanted in classes(part) and words_of(part):
                return part
    return None


def _is_no_text(part: etree._Element) -> bool:
    return (
        part.tag in _NO_TEXT_TAGS
        or bool(classes(part) & _NO_TEXT_CLASSES)
        or (part.get("itemprop") or "") in _AUTHOR_PROPERTIES | _TIME_PROPERTIES
        or (part.get("href") or "").strip().lower().startswith("javascript:")
    )


def _answers(own: list[etree._Element]) -> str:
    """The number of the comment that is named as answered."""
    for part in own:
        is_named = part.get("itemprop") == "parentItem" or "sioc:reply_of" in (
            (part.get("rel") or "").split() + (part.get("property") or "").split()
        )
        addresses = (part.get(name) or "" for name in ("resource", "href", "itemid", "content"))
        found = next(filter(None, map(_NUMBER_IN_ADDRESS.search, addresses)), None)
        if is_named and found:
            return found[1] or found[2]
    named = own[0].get("data-parent-id") or own[0].get("data-parent") or ""
    return named if named not in {"0", "root"} else ""


def _score(element: etree._Element, own: Iterable[etree._Element]) -> str:
    if element.get("data-score"):
        return str(element.get("data-score"))
    votes = {
        part.get("itemprop"): part.get("content") or words_of(part)
        for part in own
        if part.get("itemprop") in {"upvoteCount", "downvoteCount"}
    }
    up, down = (votes.get(name, "0").strip() for name in ("upvoteCount", "downvoteCount"))
    if votes and up.isdecimal() and down.isdecimal():
        return str(int(up) - int(down))
    return ""
