"""A web page as a thread: its article, and the comments below it.

The article is what trafilatura takes for the main text, read from a page without its comments.
Comments come from JSON-LD where it lists at least as many as the markup shows, else from the
markup (``importers.html_comments``). Ids are scoped by the address that the page gives as its
own, so the page saved again later gives the same ids; without one, by the digest of the page.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import dateparser
import trafilatura
from lxml import etree

from importers.html_comments import PageComment, comment_elements, read_comments
from importers.html_tree import classes, inner_html, words_of
from importers.markup import Marked, html_to_text
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.values import moment, whole_number

MAX_MISSING = 2**31 - 1
SHORT_TEXT = 250

_COMMENT_PAGE = re.compile(r"/comment-page-\d+/?$")
_TAG = re.compile(r"<(?:[a-zA-Z][^<>]*|/[a-zA-Z][^<>]*)>")
_WITH_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_INTERACTION = re.compile(r"UserComments:\s*(\d+)")
_ELEMENTS = {"head": "h2", "list": "ul", "item": "li", "quote": "blockquote", "lb": "br"}
_ELEMENTS |= {"row": "tr", "cell": "td", "hi": "b", "del": "s", "ref": "a", "graphic": "img"}
_AROUND = frozenset({"header", "footer", "nav", "aside", "form", "h1", "script", "style"})
_PLATFORMS = {"wordpress": "wordpress", "drupal": "drupal", "discourse": "discourse"}


@dataclass(frozen=True, slots=True)
class Article:
    """What opens the thread. ``html`` is that of the main text, "" where none was found."""

    title: str = ""
    author: str = ""
    time: str = ""
    html: str = ""


def page_records(root: etree._Element, *, address: str, digest: str) -> Iterator[Record]:
    """A thread, its article and its comments. The page's tree is used up by it.

    ``address`` is where the page was fetched, if that is known; ``digest`` stands for pages
    that name no address. A page with neither article nor comments yields nothing.
    """
    url = _address(root) or _absolute(address)
    language = (root.get("lang") or "").partition("-")[0].lower()
    objects = list(_json_ld(root))
    stated = _stated_count(root, objects)
    platform = _platform(root)
    elements = comment_elements(root)
    shown, listed = read_comments(elements), list(_listed(objects))
    comments = listed if listed and len(listed) >= len(shown) else shown
    meta = _meta_article(root, objects)
    _take_out(elements)
    article = _article(root, meta)
    if not article.html and not comments:
        return
    thread_id = url or digest[:32]
    try:
        yield ThreadRecord(
            id=thread_id,
            title=article.title,
            url=url,
            platform=platform,
            missing=max(0, stated - len(comments)),
        )
    except ValueError as error:
        yield RecordError(None, f"The page {thread_id[:200]} was left out. {error}")
        return
    if article.html:
        yield _opening(article, thread_id, language)
    if not comments:
        yield Note("pages without comments")
    yield from _comments(comments, thread_id, language)


def _opening(article: Article, thread_id: str, language: str) -> Record:
    marked = html_to_text(article.html)
    posted_at, is_estimated = _moment(article.time, language)
    try:
        return CommentRecord(
            id=f"{thread_id}#article",
            thread_id=thread_id,
            kind="article",
            text=marked.text,
            author_id=article.author,
            author_name=article.author,
            html=article.html,
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            blocks=marked.blocks,
            links=marked.links,
            raw={"title": article.title, "time": article.time},
        )
    except ValueError as error:
        return RecordError(None, f"The article of {thread_id} was left out. {error}")


def _comments(
    comments: list[PageComment], thread_id: str, language: str
) -> Iterator[CommentRecord | RecordError]:
    given: list[str] = []
    known: Counter[str] = Counter()
    for comment in comments:
        comment_id = f"{thread_id}#{_own_id(comment)}"
        known[comment_id] += 1
        if known[comment_id] > 1:
            comment_id = f"{comment_id}-{known[comment_id] - 1}"
        given.append(comment_id)
        if comment.answers:
            reply_to: str | None = f"{thread_id}#comment-{comment.answers}"
        else:
            reply_to = None if comment.parent is None else given[comment.parent]
        yield _comment(comment, comment_id, thread_id, reply_to, language)


def _comment(
    comment: PageComment, comment_id: str, thread_id: str, reply_to: str | None, language: str
) -> CommentRecord | RecordError:
    is_there = comment.status in {"visible", "unapproved"}
    marked = html_to_text(comment.html) if is_there else Marked("")
    posted_at, is_estimated = _moment(comment.time, language)
    author = comment.author if is_there else ""
    try:
        return CommentRecord(
            id=comment_id,
            thread_id=thread_id,
            text=marked.text,
            author_id=author,
            author_name=author,
            reply_to=reply_to if reply_to != comment_id else None,
            status=comment.status,
            html=comment.html,
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            score=_score(comment.score),
            blocks=marked.blocks,
            links=marked.links,
            raw={"id": comment.id, "type": comment.sort, "time": comment.time},
        )
    except ValueError as error:
        return RecordError(None, f"The comment {comment_id[:300]} was left out. {error}")


def _own_id(comment: PageComment) -> str:
    """The site's id; else a digest of what does not change when the page is saved again."""
    if comment.id:
        return f"comment-{comment.id}"
    what = json.dumps([comment.author, html_to_text(comment.html).text])
    return f"comment-{hashlib.sha256(what.encode()).hexdigest()[:16]}"


def _moment(written: str, language: str) -> tuple[datetime | None, bool]:
    """The time, and whether its zone had to be guessed; none where it cannot be told."""
    try:
        return moment(written)
    except ValueError:
        pass
    if not _WITH_YEAR.search(written):
        return None, False
    languages = [language] if language else None
    try:
        time = dateparser.parse(written, languages=languages)
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None, False
    if time is None:
        return None, False
    return (time.replace(tzinfo=UTC), True) if time.tzinfo is None else (time, False)


def _score(written: str) -> int | None:
    try:
        return whole_number(written)
    except ValueError:
        return None


def _address(root: etree._Element) -> str:
    """The address that the page gives as its own, whole; "" if it gives none."""
    found = [link.get("href") or "" for link in root.iterfind(".//link[@rel='canonical']")]
    named = [
        meta.get("content") or ""
        for meta in root.iter("meta")
        if (meta.get("property") or meta.get("name")) == "og:url"
    ]
    base = next((element.get("href") or "" for element in root.iter("base")), "")
    for address in found:
        for around in ("", *named, base):
            whole = _absolute(_joined(around, address))
            if whole:
                return whole
    return next(filter(None, map(_absolute, named)), "")


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _absolute(address: str) -> str:
    """An address of the web without its fragment and the number of a page of comments."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    whole = parts._replace(fragment="", path=_COMMENT_PAGE.sub("/", parts.path)).geturl()
    return whole if len(whole) <= 400 else ""


def _platform(root: etree._Element) -> str:
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "generator":
            made_by = (meta.get("content") or "").lower()
            for name, platform in _PLATFORMS.items():
                if name in made_by:
                    return platform
    return "web"


def _take_out(elements: list[etree._Element]) -> None:
    for element in elements:
        if element.getparent() is not None:
            element.drop_tree()


def _meta_article(root: etree._Element, objects: list[dict[str, Any]]) -> Article:
    """What the page says of its article in its head, its JSON-LD and its microdata."""
    said: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        said.setdefault(name, (meta.get("content") or "").strip())
    for element in root.iter(etree.Element):
        for name in (element.get("itemprop") or "").split():
            if name in {"headline", "datePublished"}:
                value = element.get("datetime") or element.get("content") or words_of(element)
                said.setdefault(name, value)
    data = next((data for data in objects if _text_of(data.get("headline"))), {})
    heading = next((words_of(h1) for h1 in root.iter("h1") if words_of(h1)), "")
    title = next((words_of(title) for title in root.iter("title")), "")
    return Article(
        title=said.get("og:title") or said.get("headline") or heading or title,
        author=_author_of(data) or said.get("author", ""),
        time=_text_of(data.get("datePublished"))
        or said.get("article:published_time", "")
        or said.get("datePublished", ""),
    )


def _article(root: etree._Element, meta: Article) -> Article:
    """The main text by trafilatura; by the element `article` or `main` where it finds none."""
    fallback = _marked_article(root)
    try:
        found = trafilatura.bare_extraction(root, include_comments=False, include_links=True)
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        found = None
    body = getattr(found, "body", None)
    title = meta.title or _text_of(getattr(found, "title", ""))
    text = _as_html(body, title) if body is not None else ""
    return Article(
        title=title,
        author=_text_of(getattr(found, "author", "")) or meta.author,
        time=meta.time or _text_of(getattr(found, "date", "")),
        html=_fuller(text, fallback),
    )


def _fuller(found: str, marked: str) -> str:
    """The main text; on pages so short that trafilatura takes all, what is marked as article."""
    is_short = len(html_to_text(found).text) < SHORT_TEXT
    return marked if is_short and marked else found


def _marked_article(root: etree._Element) -> str:
    for element in root.iter(etree.Element):
        is_article = element.get("itemprop") == "articleBody" or element.tag in {"article", "main"}
        if is_article and words_of(element):
            return inner_html(element, _is_around_article)
    return ""


def _is_around_article(part: etree._Element) -> bool:
    return part.tag in _AROUND or any("comment" in name for name in classes(part))


def _as_html(body: etree._Element, title: str) -> str:
    """Trafilatura's own elements as those of HTML, without the title in front."""
    if len(body) and body[0].tag == "head" and words_of(body[0]) == title:
        body.remove(body[0])
    for element in body.iter(etree.Element):
        if element.tag in _ELEMENTS:
            element.tag = _ELEMENTS[element.tag]
        target = element.get("target")
        element.attrib.clear()
        if target and element.tag == "a":
            element.set("href", target)
    return inner_html(body, _is_nothing)


def _is_nothing(part: etree._Element) -> bool:
    return part.tag in {"script", "style"}


def _json_ld(root: etree._Element) -> Iterator[dict[str, Any]]:
    """All objects of the page's JSON-LD, outer ones first."""
    waiting: list[Any] = []
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json":
            try:
                waiting.append(json.loads(script.text or "", strict=False))
            except (ValueError, RecursionError):
                continue
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict):
            yield value
            waiting += [part for part in value.values() if isinstance(part, dict | list)]
        elif isinstance(value, list):
            waiting += [part for part in value if isinstance(part, dict | list)]


def _listed(objects: list[dict[str, Any]]) -> Iterator[PageComment]:
    """The comments of the first object of JSON-LD that has any, and the answers in them."""
    roots = [data for data in objects if _parts(data) and not _is_comment(data)]
    if not roots:
        return
    waiting: list[tuple[dict[str, Any], int | None]] = [(d, None) for d in _parts(roots[0])]
    waiting.reverse()
    number = 0
    while waiting:
        data, parent = waiting.pop()
        yield _listed_comment(data, parent)
        waiting += [(part, number) for part in reversed(_parts(data))]
        number += 1


def _parts(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in ("comment", "comments", "acceptedAnswer", "suggestedAnswer"):
        value = data.get(name)
        values = value if isinstance(value, list) else [value]
        found += [part for part in values if isinstance(part, dict) and _is_comment(part)]
    return found


def _is_comment(data: Mapping[str, Any]) -> bool:
    kinds = data.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return any(
        isinstance(name, str) and name.rpartition("/")[2] in {"Comment", "UserComments", "Answer"}
        for name in names
    )


def _listed_comment(data: Mapping[str, Any], parent: int | None) -> PageComment:
    text = next(
        (_text_of(data.get(n)) for n in ("text", "commentText", "description") if data.get(n)), ""
    )
    answered = data.get("parentItem")
    return PageComment(
        html=text if _TAG.search(text) else _escaped(text),
        id=_id_of(data),
        author=_author_of(data),
        time=next(
            (
                _text_of(data.get(name))
                for name in ("dateCreated", "datePublished", "commentTime")
                if data.get(name)
            ),
            "",
        ),
        parent=parent,
        answers=_id_of(answered) if isinstance(answered, dict) and _is_comment(answered) else "",
        score=_votes(data),
    )


def _escaped(text: str) -> str:
    return html.escape(html.unescape(text), quote=False).replace("\n", "<br>")


def _id_of(data: Mapping[str, Any]) -> str:
    for name in ("@id", "url", "identifier"):
        written = _text_of(data.get(name))
        found = re.search(r"(?:comment[-_/]?|#c?)(\d+)\b", written)
        if found:
            return found[1]
        if written:
            return written[-100:]
    return ""


def _author_of(data: Mapping[str, Any]) -> str:
    author = data.get("author") or data.get("creator")
    author = author[0] if isinstance(author, list) and author else author
    return _text_of(author.get("name") if isinstance(author, dict) else author)


def _votes(data: Mapping[str, Any]) -> str:
    up, down = data.get("upvoteCount"), data.get("downvoteCount")
    numbers = [n for n in (up, down) if isinstance(n, int) and not isinstance(n, bool)]
    if not numbers:
        return ""
    return str((up if isinstance(up, int) else 0) - (down if isinstance(down, int) else 0))


def _text_of(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _stated_count(root: etree._Element, objects: list[dict[str, Any]]) -> int:
    """How many comments the page says there are; 0 where it says nothing."""
    written = [_text_of(data.get("commentCount")) for data in objects]
    for element in root.iter("meta", "span", "a", "data"):
        named = element.get("itemprop")
        value = element.get("content") or element.get("value") or ""
        if named == "commentCount":
            written.append(value or words_of(element))
        elif named == "interactionCount":
            written += _INTERACTION.findall(value)
    counts = [int(number) for number in written if number.isdecimal() and len(number) < 10]
    return min(MAX_MISSING, max(counts, default=0))
