from __future__ import annotations

import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import UnreadableFile
from importers import xml_text
from importers.source import Source
from importers.xml_text import (
    DEPTH_LIMIT,
    REPLACED,
    Element,
    check_document,
    read_elements,
    root_tag,
)


def source(folder: Path, text: str | bytes) -> Source:
    path = folder / "input.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Source(path)


def elements(folder: Path, text: str | bytes, *paths: str) -> list[Element]:
    return list(read_elements(source(folder, text), paths or ("r/item",)))


def test_records_come_with_their_line_attributes_and_parts(tmp_path: Path) -> None:
    text = (
        '<r xmlns:d="urn:d" xmlns="urn:plain">\n<item id="plain" d:id="7">\n'
        "<t>a &lt; <![CDATA[b]]]]><![CDATA[> c]]></t><t/><d:t>other</d:t></item></r>"
    )
    (item,) = elements(tmp_path, text)
    assert (item.line, item.attributes) == (2, {"id": "7"})
    assert item.value("t") == "a < b]]> c"
    assert item.value("t", "urn:d") == "other"
    assert item.raw() == {"@id": "7", "t": ["a < b]]> c", "", "other"]}


def test_a_record_within_a_record_is_given_alone_and_knows_the_one_around_it(
    tmp_path: Path,
) -> None:
    text = "<r><item><n>1</n><c><item>no record</item></c></item><c>no record</c></r>"
    comment, item = elements(tmp_path, text, "r/item", "item/c")
    assert comment.within is item
    assert comment.value("item") == "no record"
    assert [child.name for child in item.children] == ["n"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<r>\n<item>\n</r>", 3),
        ("<r>\n<item>&nbsp;</item></r>", 2),
        ("<r>\n<item a=1/></r>", 2),
        ("<r>\n<x:item/></r>", 2),
        ("<r>\n<item>&#8;</item></r>", 2),
        (b"<r>\n\n<item>\xff</item></r>", 3),
        ("<r>\n<item/>", 2),
        ("`<r/>", 1),
        ("<r/>\n<r/>", 2),
        ("", 1),
        (b'<?xml version="1.0" encoding="shift_jis"?>\n<r>\xff</r>', 1),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_line(
    tmp_path: Path, text: str | bytes, line: int
) -> None:
    with pytest.raises(UnreadableFile, match=f"line {line}, column .*Nothing of it") as raised:
        check_document(source(tmp_path, text))
    assert raised.value.line == line


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE r>",
        '<!DOCTYPE r SYSTEM "file:///etc/hostname">',
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://192.0.2.1/x"> %p;]>',
    ],
)
def test_a_document_type_is_refused(tmp_path: Path, doctype: str) -> None:
    with pytest.raises(UnreadableFile, match="document type"):
        check_document(source(tmp_path, f'<?xml version="1.0"?>{doctype}<r>x</r>'))


def test_deep_documents_are_refused(tmp_path: Path) -> None:
    for depth in (DEPTH_LIMIT + 1, 100_000):
        with pytest.raises(UnreadableFile, match="nests deeper"):
            check_document(source(tmp_path, "<a>" * depth + "</a>" * depth))
    check_document(source(tmp_path, "<a>" * DEPTH_LIMIT + "</a>" * DEPTH_LIMIT))


def test_a_record_that_does_not_fit_into_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_text, "RECORD_LIMIT", 500_000)
    monkeypatch.setattr(xml_text, "TOKEN_LIMIT", 400_000)
    elements(tmp_path, "<r><item>" + "x" * 499_000 + "</item></r>")
    with pytest.raises(UnreadableFile, match="holds a record of more than 500,000"):
        elements(tmp_path, "<r><item>" + "x" * 500_001 + "</item></r>")
    with pytest.raises(UnreadableFile, match="holds a record of more than 500,000"):
        elements(tmp_path, "<r><item>" + "<a/>" * 5_000 + "</item></r>")
    with pytest.raises(UnreadableFile, match="holds a tag of more than 400,000"):
        check_document(source(tmp_path, f'<r a="{"x" * 1_000_000}"/>'))


def test_memory_does_not_grow_with_the_document(tmp_path: Path) -> None:
    record = f"<item><t>{'x' * 900}</t></item><other><t>{'y' * 100}</t></other>\n"
    file = source(tmp_path, "<r>" + record * 10_000 + "</r>")
    tracemalloc.start()
    count = sum(1 for _ in read_elements(file, ("r/item",)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert peak < 0.5 * file.size


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1251", "windows-1251"),
        ("Shift_JIS", "shift_jis"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-8"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_declared_encoding_is_read(tmp_path: Path, encoding: str, written: str) -> None:
    words = {"windows-1251": "Да", "shift_jis": "橋", "gb18030": "橋"}.get(written, "né")
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<r><item><t>{words}</t></item></r>'
    (item,) = elements(tmp_path, text.encode(written))
    assert item.value("t") == words


@pytest.mark.parametrize("encoding", ["utf-8", "us-ascii", "iso-8859-1"])
def test_control_characters_are_replaced_and_counted(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><r>\x00<item><t>a\x08\tb</t></item></r>'
    notes: Counter[str] = Counter()
    (item,) = read_elements(source(tmp_path, text), ("r/item",), notes)
    assert item.value("t") == "a\ufffd\tb"
    assert notes == {REPLACED: 2}


@pytest.mark.parametrize("encoding", ["rot13", "zip", "idna", "unicode_escape", "no-such"])
def test_encodings_that_are_none_are_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(UnreadableFile, match="encoding"):
        check_document(source(tmp_path, f'<?xml version="1.0" encoding="{encoding}"?>\n<r>é</r>'))


def test_the_root_is_found_behind_what_may_stand_before_it(tmp_path: Path) -> None:
    text = '\ufeff<?xml version="1.0"?><!-- <rss> -->\n<?style x?>`<d:disqus xmlns:d="urn:x">'
    assert root_tag(source(tmp_path, text)) == ("disqus", '<d:disqus xmlns:d="urn:x"')
    assert root_tag(source(tmp_path, "no markup")) == ("", "")


pieces = st.sampled_from(
    [b"<r>", b"</r>", b"<item>", b"</item>", b"<item a='1'/>", b"<![CDATA[", b"]]>", b"&amp;", b"<"]
)


@settings(max_examples=60, deadline=None)
@given(data=st.lists(st.one_of(pieces, st.binary(max_size=6)), max_size=20).map(b"".join))
def test_any_bytes_give_elements_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = source(tmp_path_factory.getbasetemp(), data)
    try:
        root_tag(file)
        found = list(read_elements(file, ("r/item", "item/item")))
    except UnreadableFile:
        return
    assert all(element.name == "item" for element in found)
