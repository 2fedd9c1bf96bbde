"""Texts that are scripts wherever they are taken for HTML, for a link, or for a template.

From OWASP's evasion sheet, from mutation XSS, and from SVG and MathML. All that run call
``canary()``; all elements that appear carry ``data-planted``, so that one that was not stopped is
found even where it could not run.
"""

from __future__ import annotations

RUN = "canary(1)"
PLANTED = "data-planted"
_MARK = f"{PLANTED}=1"

HTML = (
    f"<script {_MARK}>{RUN}</script>",
    f'"><script {_MARK}>{RUN}</script>',
    f"'><img {_MARK} src=x onerror={RUN}>",
    f'"><img {_MARK} src=x onerror="{RUN}">',
    f"</title><svg {_MARK} onload={RUN}>",
    f"</textarea><img {_MARK} src=x onerror={RUN}>",
    f"</script><script {_MARK}>{RUN}</script>",
    f"--><img {_MARK} src=x onerror={RUN}><!--",
    f"]]><img {_MARK} src=x onerror={RUN}>",
    f"<ScRiPt {_MARK}>{RUN}</sCrIpT>",
    f"<img/{_MARK}/src=x/onerror={RUN}>",
    f"<svg {_MARK}><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg {_MARK}><a xlink:href=javascript:{RUN}><text y=20>here</text></a></svg>",
    f"<svg {_MARK}><foreignObject><iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<math {_MARK}><mtext><table><mglyph><style><!--</style><img src=x onerror={RUN}>",
    f"<math {_MARK} href=javascript:{RUN}>here</math>",
    f"<noscript {_MARK}><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<form {_MARK}><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<details {_MARK} open ontoggle={RUN}>",
    f"<input {_MARK} autofocus onfocus={RUN}>",
    f"<video {_MARK}><source onerror={RUN}></video>",
    f"<iframe {_MARK} src=javascript:parent.{RUN}></iframe>",
    f"<object {_MARK} data=javascript:{RUN}></object>",
    f"<base {_MARK} href=//evil.example/>",
    f"<link {_MARK} rel=stylesheet href=//evil.example/a.css>",
    f"<meta {_MARK} http-equiv=refresh content='0;url=//evil.example/'>",
    f"<style {_MARK}>@import url(//evil.example/a.css);</style>",
    f"<a {_MARK} href=javascript:{RUN}>here</a>",
    f"<button {_MARK} formaction=javascript:{RUN}>here</button>",
    f"<template {_MARK} shadowrootmode=open><img src=x onerror={RUN}></template>",
    f"\u2028<img {_MARK} src=x onerror={RUN}>\u2029",
    f"<x {_MARK} onpointerover={RUN} style=position:fixed;inset:0>",
)
ESCAPED = (
    f"&lt;img {_MARK} src=x onerror={RUN}&gt;",
    f"&#60;img {_MARK} src=x onerror={RUN}&#62;",
    f"\\u003cimg {_MARK} src=x onerror={RUN}\\u003e",
    f"%3Cimg {_MARK} src=x onerror={RUN}%3E",
    f"\uff1cimg {_MARK} src=x onerror={RUN}\uff1e",
)
IN_PLACE = (
    f'" onmouseover="{RUN}" {_MARK} x="',
    f"' onfocus='{RUN}' autofocus {_MARK} x='",
    f"';{RUN};//",
    f"${{{RUN}}}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    "{% load static %}{{ request.user.password }}",
    "{{ 7|add:7 }}{% debug %}",
)
MARKDOWN = (
    f"[here](javascript:{RUN})",
    f"[here](JaVaScRiPt:{RUN})",
    f"[here](java&#10;script:{RUN})",
    f"[here](data:text/html,<script>{RUN}</script>)",
    f"[here](vbscript:{RUN})",
    f"[here]( javascript:{RUN})",
    f"[here][1]\n\n[1]: javascript:{RUN}",
    f"<javascript:{RUN}>",
    f'![x](//evil.example/a.png)\n![x](x"onerror="{RUN})',
    f"![x](https://evil.example/a.png \"t' onerror='{RUN}\")",
    f"`<img {_MARK} src=x onerror={RUN}>`",
    f"```\n</code></pre><img {_MARK} src=x onerror={RUN}>\n```",
    f"| a |\n|---|\n| <img {_MARK} src=x onerror={RUN}> |",
)
LINKS = (
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"java\tscript:{RUN}",
    f"\x01javascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f"vbscript:{RUN}",
    f"//evil.example/{RUN}",
    f'https://evil.example/" onclick="{RUN}',
    f"https://evil.example/'><img {_MARK} src=x onerror={RUN}>",
)
ALL = (*HTML, *ESCAPED, *IN_PLACE, *MARKDOWN, *LINKS)


def line(number: int, most: int = 200) -> str:
    """One for a field of a line: another for each number."""
    short = [one for one in (*HTML, *IN_PLACE) if len(one) <= most]
    return " ".join(short[number % len(short)].split())


def text() -> str:
    """All of them, a paragraph each, but for what no text may hold."""
    return "\n\n".join(one for one in ALL if one.replace("\n", "").isprintable())
