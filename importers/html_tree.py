"""An HTML page as a tree: its encoding, its elements, and what of it is too deep to be read."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Callable

from lxml import etree
from lxml import html as lxml_html

from annotations.errors import UnreadableFile

PAGE_LIMIT = 16 * 1024 * 1024
MAX_DEPTH = 1_000
MAX_ATTRIBUTES = 2_000
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input"}) | {
    *("link", "meta", "param", "source", "track", "wbr"),
}

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XML_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*>")
# Python knows encodings that are none of texts (zlib, rot13), or that fail whatever is asked.
_OF_PAGES = re.compile(
    r"utf-8|utf-16(-[bl]e)?|ascii|iso8859-\d+|cp\d{3,4}|koi8-[rtu]|mac-[\w-]+|tis-620|kz1048"
    r"|gbk|gb2312|gb18030|hz|big5|big5hkscs|(shift_jis|euc_j)[\w-]*|euc_jp|euc_kr|johab|iso2022_\w+"
)
# A start tag, its values in quotes passed over; only after "=" is a quote one.
_TAG = re.compile(r"""<[A-Za-z](?:[^>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=)*+""")
_QUOTED = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_LATIN = frozenset({"iso8859-1", "ascii", "latin_1"})


def decode_page(data: bytes, charset: str = "") -> str:
    """The text of a page by its byte-order mark, ``charset`` (of HTTP), or what it declares.

    Without any of these it is UTF-8, or else Windows-1252. Bytes that mean nothing become U+FFFD.
    """
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    declared = _CHARSET.search(data[:4096]) or _DECLARED.search(data[:4096])
    name = charset or (declared[1].decode("ascii") if declared else "")
    encoding = _known_encoding(name)
    if encoding is None or encoding == "utf-8":
        try:
            return data.decode()
        except UnicodeDecodeError:
            encoding = encoding or "cp1252"
    return data.decode(encoding, "replace")


def parse_page(page: str, name: str) -> etree._Element:
    """The root of the page, without comments; raises UnreadableFile if there is none to be had.

    A page that nests deeper than a thousand elements is refused as a whole: the parser would
    leave out what lies deeper, without a word. So is one with a tag of thousands of attributes, of
    which the parser compares each with all others.
    """
    _refuse_attributes(page, name)
    parser = lxml_html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        clean = _NOT_XML.sub("\ufffd", _XML_DECLARATION.sub("", page, count=1))
        root = lxml_html.document_fromstring(clean, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise UnreadableFile(f"{name} holds no HTML that could be read.") from None
    depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    if deepest >= MAX_DEPTH:
        raise UnreadableFile(
            f"{name} nests elements deeper than {MAX_DEPTH:,} levels, which no page of comments "
            "does. Nothing of it was imported."
        )
    return root


def _refuse_attributes(page: str, name: str) -> None:
    for tag in _TAG.finditer(page):
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES:
            words = _QUOTED.sub(" ", tag[0]).replace("/", " ").split()
            if len(words) > MAX_ATTRIBUTES:
                raise UnreadableFile(
                    f"{name} has a tag with more than {MAX_ATTRIBUTES:,} attributes, which no page "
                    "of comments has. Nothing of it was imported."
                )


def _known_encoding(name: str) -> str | None:
    """Python's name for it; browsers read Latin 1 and ASCII as Windows-1252."""
    try:
        encoding = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    if not _OF_PAGES.fullmatch(encoding):
        return None
    if encoding.startswith("utf-16"):
        return "utf-8"
    return "cp1252" if encoding in _LATIN else encoding


def classes(element: etree._Element) -> set[str]:
    return set((element.get("class") or "").split())


def own_elements(
    element: etree._Element, is_foreign: Callable[[etree._Element], bool]
) -> list[etree._Element]:
    """The element and all within it, in their order, but for foreign ones and what they hold."""
    found = []
    walk = etree.iterwalk(element, events=("start",))
    for _, part in walk:
        if part is not element and (not isinstance(part.tag, str) or is_foreign(part)):
            walk.skip_subtree()
            continue
        found.append(part)
    return found


def inner_html(element: etree._Element, is_left_out: Callable[[etree._Element], bool]) -> str:
    """What the element holds, as HTML, without the elements left out."""
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    left_out: etree._Element | None = None
    for event, part in walk:
        if event == "start":
            if part is not element and (not isinstance(part.tag, str) or is_left_out(part)):
                left_out = part
                walk.skip_subtree()
                continue
            if part is not element:
                parts.append(opening_tag(part))
            parts.append(html.escape(part.text or "", quote=False))
            continue
        if part is element:
            continue
        if part is not left_out and part.tag not in VOID:
            parts.append(f"</{part.tag}>")
        parts.append(html.escape(part.tail or "", quote=False))
    return "".join(parts).strip()


def opening_tag(element: etree._Element) -> str:
    attributes = "".join(
        f' {name}="{html.escape(value)}"' for name, value in element.attrib.items()
    )
    return f"<{element.tag}{attributes}>"


def words_of(element: etree._Element) -> str:
    """The text of an element on one line."""
    return " ".join("".join(element.itertext()).split())
