"""XML that may be hostile: read as a stream of records, with the line of each.

A document type is refused, and with it every entity, so nothing is fetched and nothing grows.
What is not well-formed is refused where it breaks: text that is mended by guessing loses comments
without a word.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from annotations.errors import UnreadableFile
from importers.source import Source

BLOCK_BYTES = 256 * 1024
DEPTH_LIMIT = 200
TOKEN_LIMIT = 8 * 1024 * 1024
RECORD_LIMIT = 16 * 1024 * 1024
ELEMENT_COST = 100
REPLACED = "control characters replaced, which XML may not hold"
ROOT_WITHIN = 64 * 1024
BOM = b"\xef\xbb\xbf"

_DECLARED = re.compile(rb"""<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']""")
_CODECS = re.compile(
    r"us-ascii|iso-?8859-\d+|latin-?\d+|windows-125\d|cp\d{3,4}|koi8-[ru]|mac\w+|gbk|gb2312|gb18030|big5"
    r"|shift[_-]jis|euc-(?:jp|kr)",
    re.IGNORECASE,
)
# Blogs export what was pasted into them. In UTF-8 these bytes are no part of other characters.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REPLACEMENT = "\ufffd".encode()
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(rb"<([A-Za-z_][\w:.-]*)[^<>]*")


@dataclass(slots=True)
class Element:
    """A record of the document, or a part of one.

    ``name`` and the names of ``attributes`` are local, without prefix; of two attributes with
    the same local name the one with a namespace counts. ``within`` is the record around it, as far
    as it was read.
    """

    name: str
    namespace: str
    attributes: dict[str, str]
    line: int
    within: Element | None = None
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list, repr=False)

    @property
    def text(self) -> str:
        """The characters directly inside, as they are."""
        return "".join(self.pieces)

    def child(self, name: str, namespace: str = "") -> Element | None:
        """The first child of that local name, whose namespace contains ``namespace``."""
        for child in self.children:
            if child.name == name and namespace in child.namespace:
                return child
        return None

    def value(self, name: str, namespace: str = "") -> str:
        """The text of such a child without white space around it; empty if there is none."""
        child = self.child(name, namespace)
        return child.text.strip() if child else ""

    def raw(self) -> dict[str, Any]:
        """``@attributes`` and children by name, texts stripped; several of one name are a list."""
        found: dict[str, Any] = {f"@{name}": value for name, value in self.attributes.items()}
        for child in self.children:
            value = child.raw() if child.children or child.attributes else child.text.strip()
            if isinstance(value, dict) and child.text.strip():
                value["text"] = child.text.strip()
            if child.name not in found:
                found[child.name] = value
            elif isinstance(found[child.name], list):
                found[child.name].append(value)
            else:
                found[child.name] = [found[child.name], value]
        return found


def root_tag(source: Source) -> tuple[str, str]:
    """The local name of the root element and its whole start tag, whatever stands before it.

    Both are empty if there is none near the start of the file. Never raises for its content.
    """
    found = _TAG.search(_COMMENT.sub(b"", source.head[:ROOT_WITHIN]))
    if found is None:
        return "", ""
    return found[1].decode(errors="replace").rpartition(":")[2], found[0].decode(errors="replace")


def check_document(source: Source) -> None:
    """Read a document of any size to its end. Raises UnreadableFile if it is not whole."""
    for _ in read_elements(source, ()):
        pass


def read_elements(
    source: Source, paths: Collection[str], notes: Counter[str] | None = None
) -> Iterator[Element]:
    """The elements at ``paths`` in the order of their ends, each a parent's and its own local name.

    ``item/comment`` are comments directly in items. They are not among the children of the
    elements around them, and nothing else is kept, so memory does not grow with the document.
    Control characters become U+FFFD and are counted in ``notes``. Raises UnreadableFile where the
    document breaks: after what stood before, so that formats which give records at once call
    ``check_document`` first.
    """
    with source.open() as file:
        block = file.read(BLOCK_BYTES)
        parser = _Parser(source.name, paths, _codec(block, source.name))
        while block:
            yield from parser.feed(block)
            block = file.read(BLOCK_BYTES)
        yield from parser.feed(b"", is_last=True)
        if notes is not None:
            notes[REPLACED] += parser.replaced


class _Parser:
    """Builds the elements that are wanted, and forgets the rest.

    Text in a ``codec`` that expat does not know is decoded here and handed on as UTF-8.
    """

    def __init__(self, name: str, paths: Collection[str], codec: str) -> None:
        self._name, self._paths = name, frozenset(paths)
        self._decoder = codecs.getincrementaldecoder(codec)() if codec else None
        self._names: list[str] = []
        self._open: list[Element] = []
        self._records: list[Element] = []
        self._sizes: list[int] = []
        self._ready: list[Element] = []
        self._fed = 0
        self.replaced = 0
        self._parser = parser = expat.ParserCreate("utf-8" if codec else None, " ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, block: bytes, *, is_last: bool = False) -> list[Element]:
        """The records that end in this block."""
        try:
            data = self._decoder.decode(block, is_last).encode() if self._decoder else block
            data, replaced = _CONTROL.subn(_REPLACEMENT, data)
            self.replaced += replaced
            self._fed += len(data)
            self._parser.Parse(data, is_last)
        except expat.ExpatError as error:
            raise self._broken(expat.ErrorString(error.code)) from None
        except (LookupError, ValueError) as error:
            raise self._broken(f"its encoding cannot be read ({error})") from None
        if self._fed - self._parser.CurrentByteIndex > TOKEN_LIMIT and not is_last:
            raise self._refused(f"holds a tag of more than {TOKEN_LIMIT:,} bytes")
        ready, self._ready = self._ready, []
        return ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        is_record = f"{self._names[-1] if self._names else ''}/{local}" in self._paths
        self._names.append(local)
        if len(self._names) > DEPTH_LIMIT:
            raise self._refused(f"nests deeper than {DEPTH_LIMIT} levels")
        if not is_record and not self._open:
            return
        element = Element(local, namespace, _local(attributes), self._parser.CurrentLineNumber)
        if is_record:
            element.within = self._records[-1] if self._records else None
            self._records.append(element)
            self._sizes.append(0)
        else:
            self._open[-1].children.append(element)
        self._open.append(element)
        self._grow(ELEMENT_COST + sum(map(len, attributes.values())))

    def _end(self, name: str) -> None:
        self._names.pop()
        if self._open and self._open.pop() is self._records[-1]:
            self._ready.append(self._records.pop())
            self._sizes.pop()

    def _characters(self, data: str) -> None:
        if self._open:
            self._open[-1].pieces.append(data)
            self._grow(len(data))

    def _grow(self, size: int) -> None:
        self._sizes[-1] += size
        if self._sizes[-1] > RECORD_LIMIT:
            raise self._refused(f"holds a record of more than {RECORD_LIMIT:,} characters")

    def _refuse_doctype(self, *declared: object) -> None:
        raise self._refused(
            "declares a document type, which could make entities grow or fetch other files"
        )

    def _refused(self, what: str) -> UnreadableFile:
        line = self._parser.CurrentLineNumber
        return UnreadableFile(
            f"{self._name} {what} (line {line}). Nothing of it was imported.", line=line
        )

    def _broken(self, reason: str) -> UnreadableFile:
        line, column = self._parser.ErrorLineNumber, self._parser.ErrorColumnNumber + 1
        return UnreadableFile(
            f"{self._name} is not well-formed XML: {reason} in line {line}, column {column}. "
            "Nothing of it was imported. Export it again, or mend that place.",
            line=line,
        )


def _codec(start: bytes, name: str) -> str:
    """The codec to decode with; empty where expat decodes by itself. Raises UnreadableFile."""
    if start.startswith(BOM):
        return "utf-8-sig"
    found = _DECLARED.match(start)
    declared = found[1].decode().lower() if found else ""
    if declared.startswith("utf-16"):  # the declaration is bytes, so the text is not
        return "utf-8"
    if declared in ("", "utf-8"):
        return ""
    try:
        if _CODECS.fullmatch(declared):
            return codecs.lookup(declared).name
    except LookupError:
        pass
    raise UnreadableFile(
        f"{name} declares the encoding {declared}, which is not known. Save it as UTF-8.", line=1
    )


def _local(attributes: dict[str, str]) -> dict[str, str]:
    """By local names; expat gives them in the form ``namespace name``."""
    found = {name: value for name, value in attributes.items() if " " not in name}
    found.update((n.rpartition(" ")[2], value) for n, value in attributes.items() if " " in n)
    return found
