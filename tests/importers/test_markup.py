from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.markup import Marked, Quotation, html_to_text
from importers.records import BlockRecord, LinkRecord

TAGS = st.sampled_from(
    [
        *("<p>", "</p>", "<br>", "<br/>", "<div>", "</div>", "<ul>", "<li>", "</ul>", "<hr>"),
        *("<pre>", "</pre>", "<blockquote>", "</blockquote>", '<span class="quote">', "</span>"),
        *('<a href="/x">', "</a>", "<td>", "<tr>", "<table>", "</table>", "<script>", "</script>"),
        *("<!--", "-->", "<!x>", "<svg>", "&nbsp;", "&#0;", "&#xD800;", "&amp;", "<", ">", '"'),
        *('<img alt=" :smile: ">', '<aside class="quote" data-post="3">', "</aside>", "<b", "&"),
    ]
)
FRAGMENTS = st.lists(TAGS | st.text(max_size=6) | st.just(" "), max_size=30).map("".join)
WHITE = " \t\n\r\f"


def quoted(marked: Marked) -> list[str]:
    return [marked.text[part.start : part.end] for part in marked.quotations]


def blocks(marked: Marked) -> list[tuple[str, str]]:
    return [(block.kind, marked.text[block.start : block.end]) for block in marked.blocks]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("  a \n b ", "a b"),
        ("<p>a</p>\n<p>b</p>", "a\n\nb"),
        ("a<p>b<p>c", "a\n\nb\n\nc"),
        ("a <br> b<br/><br />c<br>", "a\nb\n\nc"),
        ("<div><p>a<br></p></div><div>b</div>", "a\n\nb"),
        ("<b>a</b> <i>b</i>c", "a bc"),
        ("a&nbsp; b<p>&nbsp;</p>c", "a\xa0 b\n\nc"),
        ("&lt;b&gt; &amp;amp; &quot;&#x27;", "<b> &amp; \"'"),
        ("a&#0;b&#xD800;c\x00d\ud800", "a\ufffdb\ufffdc\ufffdd\ufffd"),
        (f"&#{'0' * 5000}65; &#{'9' * 5000};", "A \ufffd"),
        ("<ul><li>a</li><li>b<ol><li>c</ol></ul>d", "a\nb\nc\n\nd"),
        ("<dl><dt>a<dd>b</dl>", "a\nb"),
        ("<table><tr><th>a<th>b<tr><td>c</td> <td> d</table>", "a\tb\nc\td"),
        ("a<hr>b", "a\n\n* * *\n\nb"),
        ("a<pre>\n  b\n\n    c \n</pre>d  e", "a\n\n  b\n\n    c\n\nd e"),
        ("a<script>b</script><style>c</style><template>d</template>e", "ae"),
        ("a<!-- b -->c<!-->d<!doctype html>e<?php f ?>g", "acdeg"),
        ("a<svg>b", "ab"),
        ("a <!-- b", "a"),
        ('a <img src="x" alt=" :smile: ">!<img src="y">', "a :smile: !"),
        ("<s>hidden</s> <wbr>word", "hidden word"),
        ("1 < 2 & 3 > 2 <3", "1 < 2 & 3 > 2 <3"),
        ('cut off <a href="https://exam', "cut off"),
        ("if a <b then", "if a <b then"),
        ("a</p>b</br>c", "a\n\nb\nc"),
    ],
)
def test_text(source: str, text: str) -> None:
    assert html_to_text(source).text == text


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/?a=1&amp;b=2", "https://example.org/?a=1&b=2"),
        ("/x?a=1&copy=2", "/x?a=1&copy=2"),
        ("#p123", "#p123"),
        ("mailto:ada@example.org", "mailto:ada@example.org"),
        (" HTTP://EXAMPLE.ORG ", "HTTP://EXAMPLE.ORG"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("&#106;avascript:alert(1)", None),
        ("data:text/html,x", None),
        ("", None),
        ("/" + "x" * 2000, None),
    ],
)
def test_links(address: str, kept: str | None) -> None:
    marked = html_to_text(f'See <a href="{address}"> this <b>page</b> </a>.')
    assert marked.text == "See this page ."
    assert [link.url for link in marked.links] == ([kept] if kept else [])
    assert all(marked.text[link.start : link.end] == "this page" for link in marked.links)


def test_a_link_without_text_and_one_never_closed() -> None:
    marked = html_to_text('<a href="/1"></a><a href="/2">two <a href="/3">three')
    assert [(link.url, link.start, link.end) for link in marked.links] == [
        ("/2", 0, 3),
        ("/3", 4, 9),
    ]


def test_quoted_lines_are_blocks_of_their_own() -> None:
    marked = html_to_text(
        '<a href="#p1">&gt;&gt;1</a><br><span class="quote">&gt;so it is</span><br>'
        '<span class="quote">&gt;always</span><br>no'
    )
    assert marked.text == ">>1\n>so it is\n>always\nno"
    assert blocks(marked) == [
        ("paragraph", ">>1"),
        ("quote", ">so it is\n>always"),
        ("paragraph", "no"),
    ]
    assert quoted(marked) == [">so it is", ">always"]


def test_a_quotation_keeps_the_attributes_of_its_tag() -> None:
    marked = html_to_text(
        '<aside class="quote no-group" data-username="ada" data-post="3" data-topic="7">'
        "<blockquote><p>One.</p><p>Two.</p></blockquote></aside><p>Yes.</p>"
        '<blockquote cite="/c/9">Three</blockquote>'
    )
    assert quoted(marked) == ["One.\n\nTwo.", "One.\n\nTwo.", "Three"]
    outer, _, last = marked.quotations
    assert outer.tag == "aside"
    assert outer.attributes["data-username"] == "ada"
    assert (outer.attributes["data-post"], outer.attributes["data-topic"]) == ("3", "7")
    assert last.attributes == {"cite": "/c/9"}
    assert [kind for kind, _ in blocks(marked)] == ["quote", "quote", "paragraph", "quote"]


def test_other_asides_and_spans_quote_nothing() -> None:
    marked = html_to_text('<aside>a</aside><span class="x">b</span><font color="red">c</font>')
    assert not marked.quotations
    assert quoted(html_to_text('<font color="#789922">&gt;&gt;No.1</font><br>d')) == [">>No.1"]


def test_a_quote_left_open_ends_with_the_one_around_it() -> None:
    marked = html_to_text(
        '<blockquote>a <span class="quote">b</blockquote>c <span>d</span> e</span> f'
    )
    assert quoted(marked) == ["a b", "b"]


def test_rules_are_section_breaks() -> None:
    assert blocks(html_to_text("a<hr><hr>b")) == [
        ("paragraph", "a"),
        ("section_break", "* * *"),
        ("section_break", "* * *"),
        ("paragraph", "b"),
    ]


@settings(deadline=None)
@given(st.text())
def test_words_that_were_escaped_come_back(text: str) -> None:
    words = re.sub("[\x00\ud800-\udfff]", "\ufffd", text).split()
    assert html_to_text(html.escape(text)).text.split() == words


@settings(max_examples=200, deadline=None)
@given(FRAGMENTS)
def test_all_parts_lie_in_the_text(fragment: str) -> None:
    check_parts(html_to_text(fragment))


def check_parts(marked: Marked) -> None:
    """Every part lies in the text, and the blocks are all of it but the white space."""
    assert marked.text == marked.text.strip(WHITE)
    marked.text.encode()
    parts: list[BlockRecord | LinkRecord | Quotation]
    parts = [*marked.blocks, *marked.links, *marked.quotations]
    for part in parts:
        assert 0 <= part.start < part.end <= len(marked.text)
    end = 0
    for block in marked.blocks:
        assert block.start >= end
        assert not marked.text[end : block.start].strip(WHITE)
        end = block.end
    assert end == len(marked.text)


@pytest.mark.parametrize(
    "piece",
    [
        *("<!", "<!--", "</", "</p", "<a ", '<a b="', "<a b='>' ", "<a b='>", "<", "&", "&#", "&a"),
        *(
            "<blockquote>",
            "<blockquote>a",
            "</blockquote>",
            "<span class=quote>a",
            "<svg>",
            "<pre> ",
        ),
        *(
            "<script>a",
            "<ul><li>",
            "<td>",
            "<p>x",
            "<a href=x>y",
            "<a =",
            "&#1",
            "<br>",
            "<!-- x -->",
        ),
    ],
)
@pytest.mark.parametrize("start", ["", "<a ", "<pre>"])
def test_hostile_markup_comes_to_an_end(piece: str, start: str) -> None:
    """Where work grows with the square of the length, this does not."""
    check_parts(html_to_text(start + piece * (100_000 // len(piece))))


def test_hundred_thousand_open_tags() -> None:
    marked = html_to_text("<blockquote><b>" * 100_000 + "deep")
    assert marked.text == "deep"
    assert len(marked.quotations) == 100_000
