"""The door: files that no reader can take are refused here, by their first bytes.

Only the first MiB is looked at, so the size of the file costs nothing. What is wrong further
down is refused by the reader, line by line.
"""

from __future__ import annotations

import codecs

from annotations.errors import UnreadableFile
from importers.nesting import nests_deeper
from importers.source import Source

MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and import the files inside."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it and import the files inside."),
    (b"\x89PNG\r\n", "a PNG image", "Only text can be imported."),
    (b"\xff\xd8\xff", "a JPEG image", "Only text can be imported."),
    (b"GIF87a", "a GIF image", "Only text can be imported."),
    (b"GIF89a", "a GIF image", "Only text can be imported."),
    (b"II*\x00", "a TIFF image", "Only text can be imported."),
    (b"MM\x00*", "a TIFF image", "Only text can be imported."),
    (b"%PDF-", "a PDF document", "Save its text as a plain text file (UTF-8) first."),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "Save it as CSV (UTF-8) or XLSX first."),
    (b"SQLite format 3\x00", "an SQLite database", "Export its table as CSV first."),
    (b"\xff\xfe\x00\x00", "UTF-32 text", "Save it as UTF-8."),
    (b"\x00\x00\xfe\xff", "UTF-32 text", "Save it as UTF-8."),
    (b"PK\x03\x04", "an archive within an archive", "Unpack the outer one first."),
    (b"\x1f\x8b", "packed twice", "Unpack it once."),
    (b"\x28\xb5\x2f\xfd", "packed twice", "Unpack it once."),
    (b"BZh", "packed twice", "Unpack it once."),
    (b"\xfd7zXZ\x00", "packed twice", "Unpack it once."),
)
TAR = b"ustar"
TAR_AT = slice(257, 262)
OFFICE: tuple[tuple[bytes, str, str], ...] = (
    (b"word/", "a Word document", "Save it as plain text (UTF-8) first."),
    (b"ppt/", "a presentation", "Save it as plain text (UTF-8) first."),
    (
        b"application/vnd.oasis",
        "an OpenDocument file",
        "Save it as CSV, XLSX or plain text (UTF-8) first.",
    ),
)
WORKBOOK = b"xl/"
BINARY_FORMATS = (b"PAR1", b"WARC/")
NUL_SHARE = 1000
DEPTH_LIMIT = 1_000


def refuse_unreadable(source: Source) -> None:
    """Raise UnreadableFile for what no reader can take, saying what it is and what to do.

    A collection is refused only if it has no members; these are looked at when they are read.
    """
    if source.is_collection:
        if not source.members:
            raise UnreadableFile(f"{source.name} is empty: there is nothing to import.")
        return
    head = source.head
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFile(f"{source.name} is empty: there is nothing to import.")
    if is_workbook(head) or head.startswith(BINARY_FORMATS):
        return
    _refuse_magic(source.name, head)
    _refuse_binary(source.name, head)
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):  # markup names its own encoding
        _refuse_encoding(source.name, head)
        _refuse_depth(source)


def is_workbook(head: bytes) -> bool:
    """Whether the bytes are those of an XLSX workbook."""
    return head.startswith(b"PK\x03\x04") and WORKBOOK in head


def _refuse_magic(name: str, head: bytes) -> None:
    table = OFFICE if head.startswith(b"PK\x03\x04") else ()
    for sign, what, advice in table:
        if sign in head:
            raise UnreadableFile(f"{name} is {what}, whatever its name says. {advice}")
    if head[TAR_AT] == TAR:
        raise UnreadableFile(f"{name} is a TAR archive. Unpack it, and import the folder or a ZIP.")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        raise UnreadableFile(f"{name} is a WebP image. Only text can be imported.")
    for sign, what, advice in MAGIC:
        if head.startswith(sign):
            raise UnreadableFile(f"{name} is {what}. {advice}")


def _refuse_binary(name: str, head: bytes) -> None:
    """One stray NUL costs its line; a first line with one, or many of them, the file."""
    first_line = head.partition(b"\n")[0]
    if b"\x00" in first_line or head.count(b"\x00") * NUL_SHARE > len(head):
        raise UnreadableFile(
            f"{name} holds NUL bytes: it is a binary file, or UTF-16 text. "
            "Save it as plain text in UTF-8."
        )


def _refuse_encoding(name: str, head: bytes) -> None:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        line = head.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"{name} is not UTF-8 text: line {line} holds the byte 0x{head[error.start]:02X}. "
            "Save it as UTF-8; old Windows programs call their own encoding ANSI.",
            line=line,
        ) from None


def _refuse_depth(source: Source) -> None:
    """A line that nests deep costs itself, a document the file: parsers' memory grows with it."""
    start = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith((b"{", b"[")) or source.outline.shape == "lines":
        return
    if nests_deeper(start, DEPTH_LIMIT):
        raise UnreadableFile(
            f"{source.name} nests deeper than {DEPTH_LIMIT:,} levels, which no file of comments "
            "does."
        )
