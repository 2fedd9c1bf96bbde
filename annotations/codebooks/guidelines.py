"""Guidelines from markdown to HTML that is safe to show."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

TAGS = {
    *("a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"),
    *("pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
FOLLOWED = {"http", "https", "mailto"}
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def guidelines_html(text: str) -> str:
    """The markdown as HTML: no scripts, styles, pictures, or HTML of the author's own.

    Its highest headings become the third level, below the page's and the section's.
    """
    tokens = _markdown.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + 3, 6)}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes=FOLLOWED)
