"""Documents of a web crawl: JSON Lines with their texts (C4, mC4, RedPajama, Data-Juicer), or
the archives that crawlers write (WARC, and WET, its texts).

Documents that hold comments become threads: texts in the form of ``importers.saved_text``
(`NAME's picture`), and HTML pages in which ``importers.html_comments`` finds some. The others
are refused, each with its line or record, and counted.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from lxml import etree
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader

from annotations.errors import UnreadableFile
from importers.html_comments import comment_elements
from importers.html_tree import PAGE_LIMIT, decode_page, parse_page
from importers.json_text import REPLACED, decode_json
from importers.options import PrivacyOptions, read_options
from importers.privacy import without_private
from importers.records import (
    MAX_URL,
    CommentRecord,
    Note,
    Record,
    RecordError,
    ThreadRecord,
)
from importers.saved_records import saved_records
from importers.saved_text import headers
from importers.saved_text import parse_page as parse_text
from importers.source import BLOCK_BYTES, Source
from importers.web_page import page_records

TITLE = "Web crawl (JSON Lines, WARC or WET)"
NO_COMMENTS = "The document holds no comments that could be told from its text."
LONG_TEXT = 200
MAX_ADDRESS = 400
PAGES = frozenset({"text/html", "application/xhtml+xml"})

_TEXTS = ("text", "content", "raw_content", "html")
_ADDRESSES = ("url", "URL", "source_url", "warc-target-uri", "WARC-Target-URI", "uri", "source")
_OF_CRAWLS = frozenset({"url", "meta", "metadata", "stats", "timestamp", "__dj__stats__"})
_OF_COMMENTS = frozenset(
    {
        *("author", "user", "username", "user_name", "by", "parent", "parent_id", "reply_to"),
        *("in_reply_to", "conversation_id", "thread_id", "comment_id", "score", "speaker"),
        *("link_id", "subreddit", "label", "title", "root", "post_id", "platform"),
    }
)


def detect(source: Source) -> float:
    """0.95 for archives and for texts with what only crawls keep about them."""
    if source.head.startswith(b"WARC/"):
        return 0.97
    if source.outline.shape != "lines" and not _is_one_line(source):
        return 0.0
    documents = source.outline.objects
    texts = [text for document in documents if (text := _text(document))]
    if not documents or 2 * len(texts) < len(documents):
        return 0.0
    names = {name for document in documents for name in document}
    if names & _OF_COMMENTS:
        return 0.0
    are_long = sum(map(len, texts)) >= LONG_TEXT * len(texts)
    if names & _OF_CRAWLS and (are_long or any(_address(d) for d in documents)):
        return 0.95
    return 0.85 if are_long and names <= set(_TEXTS) else 0.0


def propose(source: Source) -> dict[str, Any]:
    """Whether e-mail and IP addresses in the fields of a document are kept."""
    return {"keep_private": False}


def by_line(source: Source, options: Mapping[str, Any]) -> bool:
    """JSON Lines stand for themselves; the records of an archive have many lines."""
    return not source.head.startswith(b"WARC/")


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the threads of the documents that hold comments, and refuse the others.

    Raises InvalidInput for options that make no sense, and UnreadableFile for an archive that
    is none or that is cut off before its first record ends.
    """
    keep_private = read_options(options, PrivacyOptions, TITLE).keep_private
    if source.head.startswith(b"WARC/"):
        yield from _archive(source)
        return
    for line in source.lines():
        if isinstance(line, RecordError):
            yield line
        elif line.text.strip():
            yield from _line(line.text, line.number, keep_private)


def _is_one_line(source: Source) -> bool:
    return source.outline.shape == "object" and b"\n" not in source.head.strip()


def _line(text: str, number: int, keep_private: bool) -> Iterator[Record]:
    try:
        decoded = decode_json(text)
    except ValueError as error:
        yield RecordError(number, str(error))
        return
    if decoded.replaced:
        yield Note(REPLACED, decoded.replaced)
    document = decoded.value
    if not isinstance(document, dict) or not _text(document):
        yield RecordError(number, "The line is no document: it has no text.")
        return
    told = {name: value for name, value in document.items() if name not in _TEXTS}
    kept, notes = without_private(told, keep=keep_private)
    yield from notes
    yield from _document(_text(document), _address(document), kept, number)


def _document(
    text: str, address: str, told: Mapping[str, Any], line: int | None
) -> Iterator[Record]:
    """The thread of a text, or of a text that is HTML."""
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        yield from _page(text, address, line)
        return
    if not headers(text.replace("\r\n", "\n").split("\n")):
        yield RecordError(line, NO_COMMENTS)
        return
    page = parse_text(text)
    if not page.comments:
        yield RecordError(line, NO_COMMENTS)
        return
    thread_id = _thread_id(text, address)
    try:
        yield ThreadRecord(
            id=thread_id,
            title=page.title,
            url=address if len(address) <= MAX_URL else "",
            platform="web",
            raw=dict(told),
        )
    except ValueError as error:
        yield RecordError(line, f"The document was left out. {error}")
        return
    for record in saved_records(page, thread_id):
        if isinstance(record, CommentRecord):
            yield msgspec.structs.replace(record, line=line)
        else:
            yield RecordError(line, record.message)


def _page(page: str, address: str, line: int | None) -> Iterator[Record]:
    where = f"The page {address}" if address else "The page"
    try:
        root = parse_page(page, where)
    except UnreadableFile as error:
        yield RecordError(line, error.message)
        return
    if not _has_comments(root):
        yield RecordError(line, NO_COMMENTS)
        return
    digest = hashlib.sha256(page.encode(errors="surrogatepass")).hexdigest()
    yield from page_records(root, address=address, digest=digest)


def _has_comments(root: etree._Element) -> bool:
    return bool(comment_elements(root)) or any(
        '"Comment"' in (script.text or "") for script in root.iter("script")
    )


def _archive(source: Source) -> Iterator[Record]:
    """The documents of an archive; where it breaks off, what came before is kept."""
    number = 0
    with source.open() as file:
        archive = ArchiveIterator(file)
        archive.loader = _Loader(verify_http=False, arc2warc=False)
        records = iter(archive)
        while True:
            try:
                record = next(records, None)
            except (ArchiveLoadFailed, ValueError, KeyError, AttributeError, OSError) as error:
                if not number:
                    raise UnreadableFile(
                        f"{source.name} is no WARC archive that can be read: {_first(error)}."
                    ) from None
                yield RecordError(
                    None,
                    f"The archive is broken behind its record {number:,} ({_first(error)}); what "
                    "follows was left out.",
                )
                return
            if record is None:
                return
            number += 1
            found = list(_record(record, number))
            if not _is_cut_off(record):
                yield from found
            elif number == 1:
                raise UnreadableFile(
                    f"{source.name} is cut off in its first record, or that does not say how long "
                    "it is. Fetch the archive again."
                )
            else:
                yield RecordError(
                    None,
                    f"The archive is cut off in its record {number:,}, or that does not say how "
                    "long it is. It was left out, and so was what may follow. Fetch the archive "
                    "again.",
                )
                return


class _Loader(ArcWarcRecordLoader):  # type: ignore[misc]  # the library has no types
    """Gives a record that ends before its HTTP headers, which is else taken for the file's end."""

    def load_http_headers(self, rec_type: Any, uri: Any, stream: Any, length: Any) -> Any:
        try:
            return super().load_http_headers(rec_type, uri or "", stream, length)
        except EOFError:
            return None


def _is_cut_off(record: Any) -> bool:
    """Whether the file ends before the length that the record says it has, or it says none."""
    length = record.rec_headers.get_header("Content-Length") or ""
    rest = record.raw_stream
    while rest.read(BLOCK_BYTES):
        pass
    return not length.strip().isdecimal() or rest.limit > 0


def _record(record: Any, number: int) -> Iterator[Record]:
    """The thread of a text or page; other records are counted."""
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    http = record.http_headers
    described = (http.get_header("Content-Type") if http else None) or ""
    kind, _, rest = described.lower().partition(";")
    is_page = record.rec_type in {"response", "resource"} and kind.strip() in PAGES
    if not is_page and record.rec_type != "conversion":
        yield Note("WARC records left out that hold no page")
        return
    where = f"Record {number:,} ({address[:200]})"
    try:
        content = record.content_stream().read(PAGE_LIMIT + 1)
    except (ArchiveLoadFailed, ValueError, OSError, EOFError, zlib.error) as error:
        yield RecordError(None, f"{where} cannot be read: {_first(error)}.")
        return
    if len(content) > PAGE_LIMIT:
        yield RecordError(None, f"{where} has more than {PAGE_LIMIT:,} bytes.")
        return
    if is_page:
        charset = rest.partition("charset=")[2].partition(";")[0].strip(" \"'")
        found = _page(decode_page(content, charset), address, None)
    else:
        text = content.decode(errors="replace").replace("\x00", "\ufffd")
        found = _document(text, address, {"url": address}, None)
    for part in found:
        if isinstance(part, RecordError) and part.message != NO_COMMENTS:
            yield RecordError(None, f"{where}: {part.message}")
        else:
            yield part


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _text(document: Mapping[str, Any]) -> str:
    for name in _TEXTS:
        if isinstance(document.get(name), str):
            return str(document[name])
    return ""


def _address(document: Mapping[str, Any]) -> str:
    """The address of the document, of its own or in what is said about it."""
    places = [document, document.get("meta"), document.get("metadata")]
    for place in places:
        for name in _ADDRESSES:
            value = place.get(name) if isinstance(place, dict) else None
            if isinstance(value, str) and value.startswith(("http://", "https://")):
                return value.strip()
    return ""


def _thread_id(text: str, address: str) -> str:
    if address and len(address) <= MAX_ADDRESS:
        return address
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
