"""A saved web page (HTML) with an article and the comments below it.

What stands in the page is taken as ``importers.web_page`` tells; pages of any site are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from annotations.errors import UnreadableFile
from importers.html_tree import PAGE_LIMIT, decode_page, parse_page
from importers.options import refuse_options
from importers.records import Record
from importers.source import Source
from importers.web_page import page_records

TITLE = "Web page (HTML)"

_COMMENT = rb"<!--(?:[^-]++|-(?!->))*+-->"
_BEGINS = re.compile(
    rb"\s*+(?:<\?xml[^>]{0,200}>\s*+)?(?:%b\s*+)*+(?:<!doctype\s+html|<html[\s>])" % _COMMENT, re.I
)
_TAG = re.compile(rb"</?(?:p|div|a|span|article|section|li|ul|body|head|h[1-6])[\s>]", re.I)


def detect(source: Source) -> float:
    """0.9 for what begins as HTML; less for mere fragments with a good deal of markup."""
    head = source.head.removeprefix(b"\xef\xbb\xbf")
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        head = head.replace(b"\x00", b"")[2:]
    start = head[:4096]
    if _BEGINS.match(start):
        return 0.9
    if start.lstrip()[:1] == b"<" and not start.lstrip().startswith(b"<?xml"):
        return 0.6 if len(_TAG.findall(start)) >= 10 else 0.0
    return 0.0


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the thread, its article and its comments; takes no options.

    Raises UnreadableFile for a page of more than 16 MiB, one that nests too deep, or one in
    which neither an article nor comments are found.
    """
    refuse_options(options, TITLE)
    root = parse_page(decode_page(source.read(PAGE_LIMIT)), source.name)
    is_empty = True
    for record in page_records(root, address="", digest=source.sha256):
        is_empty = False
        yield record
    if is_empty:
        raise UnreadableFile(
            f"{source.name} holds neither an article nor comments that could be told from the "
            "rest of the page."
        )
