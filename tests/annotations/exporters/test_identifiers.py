"""What is found in texts that leads to a person."""

from __future__ import annotations

import pytest

from annotations.exporters.identifiers import handles, identifiers
from annotations.exporters.names import Names
from annotations.exporters.replaced import Replaced, Stretch

FOUND = [
    ("EMAIL", "ada@news.example"),
    ("EMAIL", "ada.o'neil+list@mail.news.example"),
    ("EMAIL", "münze@straße.example"),
    ("EMAIL", "a" * 80 + "@news.example"),
    ("EMAIL", "ada (at) news (dot) example"),
    ("EMAIL", "ada.lovelace[at]news.example"),
    ("EMAIL", "Ada {AT} mail [dot] news [dot] example"),
    ("EMAIL", "ada(ät)news.example"),
    ("URL", "https://news.example/a?b=c#d"),
    ("URL", "www.news.example"),
    ("URL", "news.example/ada"),
    ("URL", "ada-lovelace.com"),
    ("URL", "blog.ada-lovelace.co.uk"),
    ("URL", "Ada.DE"),
    ("URL", "ftp://news.example"),
    ("URL", "1http://news.example"),
    ("URL", "WWW.NEWS.EXAMPLE/A"),
    ("URL", "HTTPS://NEWS.EXAMPLE/ä"),
    ("IP", "192.0.2.17"),
    ("IP", "2001:db8::8a2e:370:7334"),
    ("IP", "::1"),
    ("IP", "::ffff:192.0.2.128"),
    ("IBAN", "DE89 3704 0044 0532 0130 00"),
    ("IBAN", "GB82WEST12345698765432"),
    ("IBAN", "fr14 2004 1010 0505 0001 3m02 606"),
    ("PHONE", "+49 (30) 123-4567"),
    ("PHONE", "+49 30 1234567"),
    ("PHONE", "030/1234567"),
    ("PHONE", "0049 30 1234567"),
    ("PHONE", "(555) 123-4567"),
    ("PHONE", "555-123-4567"),
    ("PHONE", "555 123 4567"),
    ("PHONE", "0170 123 45 67"),
    ("PHONE", "06 12 34 56 78"),
    ("PHONE", "+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧"),
    ("HANDLE", "@ada"),
    ("HANDLE", "@ada_99"),
    ("HANDLE", "@ada@social.example"),
    ("HANDLE", "@ada.social.example"),
    ("HANDLE", "＠ada"),
    ("HANDLE", "u/ada-99"),
    ("HANDLE", "@أدا"),
]
NOT_FOUND = [
    "On 01.03.2026 at 12:30:15 it cost 1,000,000.00 or 2026-03-01.",
    "Version 1.2.3 of 0.123456789 is 50% and/or 3/4 of 2000-2026.",
    "In 1999 2000 2001 2002 there were 1234567 people.",
    "Foo::bar e.g. this, i.e. that. Write me @ home. a@b",
    "GB82WEST12345698765433 has wrong check digits.",
    "12:30 :: 13:45",
    "It is over.It was so.At first, in node.js and co.working, e.g. README.md.",
    "Meet (at) noon, or [at] 8 pm, at the dot on the map.",
    "100 200 300 and 10 000 000 people",
]
LONG = [
    "a" * 200_000,
    "@" * 200_000,
    "a@" * 100_000,
    "a." * 100_000,
    "@a." * 70_000,
    "+1" * 100_000,
    "1 " * 100_000,
    "1.1.1." * 34_000,
    ":" * 200_000,
    "a:" * 100_000,
    "://" * 70_000,
    "AA11" * 50_000,
    "AA11 " * 40_000,
    "www." * 50_000,
    "u/" * 100_000,
    "a" * 100_000 + "@" + "b" * 100_000,
    "!" * 200_000,
    "a (at) " * 30_000,
    "a(at)b." * 30_000,
    "a" * 100_000 + " (at) " + "b" * 100_000,
    "com." * 50_000,
    "(" * 200_000,
    "a-" * 100_000 + ".",
]


@pytest.mark.parametrize(("sort", "written"), FOUND)
@pytest.mark.parametrize("around", ["{}", "See {}.", "({}), or", "שלום {}: 😀", "say {}\nnow {}!"])
def test_it_is_found_whole(sort: str, written: str, around: str) -> None:
    text = around.replace("{}", written)
    redacted = Replaced(text, [Stretch(a, b, 0, f"[{name}]") for a, b, name in identifiers(text)])
    assert redacted.text == around.replace("{}", f"[{sort}]")


@pytest.mark.parametrize("text", NOT_FOUND)
def test_numbers_dates_and_words_stay(text: str) -> None:
    assert [text[one.start : one.end] for one in identifiers(text)] == []


@pytest.mark.parametrize("one", ["DE89 3704 0044 0532 0130 00", "030/1234567", "555-123-4567"])
def test_one_right_after_another_is_found_as_well(one: str) -> None:
    text = f"{one} {one}"
    covered = {n for found in identifiers(text) for n in range(found.start, found.end)}
    assert {n for n in range(len(text)) if text[n].isalnum()} <= covered


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:5])
def test_a_text_of_200_kb_is_read_in_one_go(text: str) -> None:
    """With a pattern that goes back over what it read, each of these takes minutes."""
    assert sum(1 for _ in identifiers(text)) <= len(text)


def test_a_handle_is_told_from_its_mark() -> None:
    found = [(one.mark, one.name) for one in handles("@ada, u/bo-2 and @cy@social.example.")]
    assert found == [("@", "ada"), ("u/", "bo-2"), ("@", "cy@social.example")]


def named(text: str, *known: str) -> list[str]:
    names = Names()
    for name in known:
        names.learn(name, name)
    return [text[one.start : one.end] for one in names.within(text)]


def test_names_are_found_as_whole_words_in_their_own_capitals() -> None:
    assert named("Ada, ada and Adam: Ada!", "Ada") == ["Ada", "Ada"]
    assert named("Ada_1 is not Ada-1.", "Ada") == ["Ada"]


def test_a_name_in_other_capitals_is_found_unless_it_reads_like_a_word() -> None:
    assert named("ADA, says ada.", "Ada") == ["ADA"]
    assert named("Ada, ADA", "ada") == ["Ada", "ADA"]
    assert named("ada lovelace and ADA LOVELACE", "Ada Lovelace") == [
        "ada lovelace",
        "ADA LOVELACE",
    ]
    assert named("bridge_fan42 crossed the bridge", "Bridge_Fan42", "Bridge") == ["bridge_fan42"]


def test_a_genitive_is_found_whole() -> None:
    assert named("Adas bridge, Ada's and ADAS", "Ada") == ["Adas", "Ada"]
    assert named("Ada Lovelaces news", "Ada Lovelace", "New", "new") == ["Ada Lovelaces"]


def test_a_name_that_is_spelled_like_two_is_that_of_who_writes_it_so() -> None:
    names = Names()
    names.learn("first", "ADA")
    names.learn("second", "Ada")
    assert [one.author for one in names.within("Ada ADA")] == ["second", "first"]


def test_of_several_names_each_is_found() -> None:
    found = named("Ada King-Noel and x.y~z", "Ada", "Ada King-Noel", "King", "x.y~z", "~z")
    assert sorted(found) == ["Ada", "Ada King-Noel", "King", "x.y~z"]


def test_a_name_of_two_letters_is_no_name_in_a_text() -> None:
    assert named("No, I am. Bo", "No", "I", "Bo") == []


def test_many_names_that_begin_alike_cost_no_more_than_their_lengths() -> None:
    known = [f"Anonymous {number}" for number in range(20_000)]
    assert len(named("Anonymous 7 " * 10_000, *known)) == 10_000
