from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import html_page, wikipedia_talk
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.source import Source
from importers.wiki_time import find_time, month_of
from importers.wiki_user import title_of, user_of
from tests.importers.golden import CASES, cases, check_case
from tests.importers.reading import comments, readable_anyhow

PAGE = (CASES / "wikipedia_talk" / "legacy_parser" / "input.html").read_text()
SIGNED = '<a href="/wiki/User:{0}">{0}</a> 12:{1:02}, 4 May 2020 (UTC)'


def page(tmp_path: Path, body: str) -> list[Record]:
    path = tmp_path / "talk.html"
    path.write_text(f'<html lang="en"><body><div class="mw-parser-output">{body}')
    return list(wikipedia_talk.read(Source(path), {}))


def tree(records: list[Record]) -> list[tuple[str, str | None]]:
    found = {record.id: record.author_name for record in comments(records)}
    return [(r.author_name, found[r.reply_to] if r.reply_to else None) for r in comments(records)]


@pytest.mark.parametrize("case", cases("wikipedia_talk"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize(
    ("language", "written", "hour"),
    [
        ("en", "12:34, 4 November 2020 (UTC)", 12),
        ("de", "12:34, 4. Nov. 2020 (CET)", 11),
        ("fr", "4 novembre 2020 à 12:34 (CET)", 11),
        ("es", "12:34 4 nov 2020 (UTC)", 12),
        ("pl", "12:34, 4 lis 2020 (CET)", 11),
        ("nl", "4 nov 2020 12:34 (CET)", 11),
        ("it", "12:34, 4 nov 2020 (CET)", 11),
        ("pt", "12h34min de 4 de novembro de 2020 (UTC)", 12),
        ("ru", "12:34, 4 ноября 2020 (UTC)", 12),
        ("uk", "12:34, 4 листопада 2020 (UTC)", 12),
        ("cs", "4. 11. 2020, 12:34 (CET)", 11),
        ("hu", "2020. november 4., 12:34 (CET)", 11),
        ("sv", "4 november 2020 kl. 12.34 (CET)", 11),
        ("fi", "4. marraskuuta 2020 kello 12.34 (EET)", 10),
        ("nb", "4. nov. 2020 kl. 12:34 (CET)", 11),
        ("ja", "2020年11月4日 (水) 12:34 (UTC)", 12),
        ("ko", "2020년 11월 4일 (수) 21:34 (KST)", 12),
        ("ar", "12:34، 4 نوفمبر 2020 (ت\xa0ع\xa0م)", 12),
        ("fa", "۴ نوامبر ۲۰۲۰، ساعت ۱۲:۳۴ (UTC)", 12),
        ("ckb", "١٢:٣٤، ٤ی تشرینی دووەمی ٢٠٢٠ (UTC)", 12),
        ("he", "12:34, 4 בנובמבר 2020 (IST)", 10),
        ("tr", "12.34, 4 Kasım 2020 (UTC)", 12),
        ("vi", "12:34, ngày 4 tháng 11 năm 2020 (UTC)", 12),
        ("th", "12:34, 4 พฤศจิกายน 2563 (+07)", 5),
        ("hr", "12:34, 4. studenoga 2020. (CET)", 11),
        ("lv", "2020. gada 4. novembris, plkst. 12.34 (UTC)", 12),
        ("lt", "2020 m. lapkričio 4 d. 12:34 (EET)", 10),
        ("hi", "12:34, 4 नवम्बर 2020 (UTC)", 12),
        ("bn", "১২:৩৪, ৪ নভেম্বর ২০২০ (ইউটিসি)", 12),
        ("el", "12:34, 4 Νοεμβρίου 2020 (UTC)", 12),
        ("eu", "12:34, 4 azaroa 2020 (CET)", 11),
    ],
)
def test_times_in_many_languages(language: str, written: str, hour: int) -> None:
    found = find_time(f"Ada (talk) {written} and so on", (language,))
    assert found is not None
    assert found.time == datetime(2020, 11, 4, hour, 34, tzinfo=UTC)
    assert not found.is_estimated
    assert f"Ada (talk) {written}"[found.start : found.end] == written


def test_a_month_that_two_languages_name_differently() -> None:
    assert month_of("lis", ("pl",)) == 11
    assert month_of("listopada", ("hr",)) == 10
    assert month_of("listopadu", ("cs",)) == 11


@pytest.mark.parametrize(
    "written",
    [
        *("12:34, 4 November 2020", "12:61, 4 November 2020 (UTC)", "31 February 2020 12:00 (UTC)"),
        *("at noon (UTC)", "1:34, 4 November 2020 (UTC)", "12:34, 4 Foo 2020 (UTC)", "(UTC)"),
    ],
)
def test_what_is_no_time(written: str) -> None:
    assert find_time(written, ("en",)) is None


def test_summer_time_and_unknown_zones() -> None:
    twice = [find_time(f"02:30, 25. Okt. 2020 ({zone})", ("de",)) for zone in ("CEST", "CET")]
    assert [found.time.hour for found in twice if found] == [0, 1]
    wrong = find_time("12:00, 1. Jul. 2020 (CET)", ("de",))
    assert wrong is not None
    assert (wrong.time.hour, wrong.is_estimated) == (10, True)
    unknown = find_time("12:00, 1 July 2020 (XYZ)", ("en",))
    assert unknown is not None
    assert unknown.is_estimated


@pytest.mark.parametrize(
    ("href", "user"),
    [
        ("/wiki/User:Ada_B", "Ada B"),
        ("./User_talk:ada#Ferry", "Ada"),
        ("//pl.wikipedia.org/wiki/Dyskusja_wikipedysty:Ada", "Ada"),
        ("https://fr.wikipedia.org/wiki/Utilisatrice:Zo%C3%A9", "Zoé"),
        ("/w/index.php?title=Gebruiker:Ada&action=edit&redlink=1", "Ada"),
        ("/wiki/Special:Contributions/2001:db8::1", "2001:DB8::1"),
        ("/wiki/%E7%89%B9%E5%88%A5:%E6%8A%95%E7%A8%BF%E8%A8%98%E9%8C%B2/Ada", "Ada"),
        ("/wiki/User:Ada/Sandbox", ""),
        ("/wiki/Ferry", ""),
        ("/wiki/User:%FF", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_users(href: str, user: str) -> None:
    assert user_of(title_of(href)) == user


def test_levels_make_the_tree(tmp_path: Path) -> None:
    s = [SIGNED.format(name, n) for n, name in enumerate("BCDEFGHI")]
    records = page(
        tmp_path,
        f"<h2>A</h2><p>b {s[0]}</p><dl><dd>c<dl><dd>d {s[2]}<ul><li>e {s[3]}</li><li>f {s[4]}</li>"
        f"</ul></dd></dl></dd><dd>g {s[5]}</dd></dl><p>h {s[6]}</p><ol><li>i {s[7]}</li></ol>",
    )
    assert tree(records) == [
        ("B", None),
        ("D", "B"),
        ("E", "D"),
        ("F", "D"),
        ("G", "B"),
        ("H", None),
        ("I", "H"),
    ]


def test_quotations_references_and_headings_sign_nothing(tmp_path: Path) -> None:
    sign = SIGNED.format("Ada", 1)
    records = page(
        tmp_path,
        f'<h2>Old {sign}</h2><blockquote><p>x {sign}</p></blockquote><ol class="references"><li>'
        f"y {sign}</li></ol><p>z {SIGNED.format('Ben', 2)}</p>",
    )
    assert [record.author_name for record in comments(records)] == ["Ben"]


def test_a_signature_must_be_near_and_in_the_paragraph(tmp_path: Path) -> None:
    link, when = '<a href="/wiki/User:Ada">Ada</a>', "12:00, 4 May 2020 (UTC)"
    with pytest.raises(UnreadableFile, match="signed"):
        page(tmp_path, f"<p>{link} {'x' * 120} <b></b>{when}</p><p>{link}</p><p>{when}</p>")


def test_a_later_page_gives_the_same_ids(tmp_path: Path) -> None:
    def ids(source: str) -> list[str]:
        path = tmp_path / "talk.html"
        path.write_text(source)
        return [r.id for r in comments(list(wikipedia_talk.read(Source(path), {})))]

    more = f'<h2 id="New">New</h2><p>x {SIGNED.format("Zoe", 5)}</p><h2><span id="Zeit_2"'
    later = PAGE.replace('<h2><span id="Zeit_2"', more)
    assert set(ids(PAGE)) < set(ids(later))


def test_detection(tmp_path: Path) -> None:
    def scores(data: str) -> tuple[float, float]:
        path = tmp_path / "page.html"
        path.write_text(data)
        return wikipedia_talk.detect(Source(path)), html_page.detect(Source(path))

    assert scores(PAGE) == (0.97, 0.9)
    article = '<!DOCTYPE html><div class="mw-parser-output"><p>A ferry.</p></div>'
    assert scores(f"{article}<p>Last edited at 12:00, 4 May 2020 (UTC)</p>")[0] == 0
    assert scores(f"<html><p>{SIGNED.format('Ada', 3)}</p>")[0] == 0


def test_options_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.html"
    path.write_text(PAGE)
    with pytest.raises(InvalidInput):
        list(wikipedia_talk.read(Source(path), {"keep": True}))


def outcome(data: bytes) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        try:
            wikipedia_talk.detect(Source(path))
            records = list(wikipedia_talk.read(Source(path), {}))
        except UnreadableFile:
            return []
    kinds = ThreadRecord | CommentRecord | RecordError | Note
    assert all(isinstance(record, kinds) for record in records)
    return records


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    outcome(data)


parts = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<dl>",
            "<dd>",
            "</dd>",
            "</dl>",
            "<ul><li>",
            "<h2>",
            "</h2>",
            "<h3 id='x'>",
        ),
        *("<blockquote>", "</blockquote>", "<b>", "</b>", "<hr>", "<br>", "word ", "</div>", "<a>"),
        *("<table><tr><td>", SIGNED.format("Ada", 1), SIGNED.format("Ben", 2), "(UTC)", "</table>"),
        '<a class="mw-selflink">x</a> 12:00, 4 May 2020 (UTC)',
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(parts | st.text(max_size=5), max_size=40))
def test_any_markup_gives_a_tree(pieces: list[str]) -> None:
    records = outcome(f'<div class="mw-parser-output">{"".join(pieces)}'.encode(errors="replace"))
    seen: set[str] = set()
    for record in comments(records):
        assert record.reply_to is None or record.reply_to in seen
        assert record.id not in seen
        seen.add(record.id)
