"""The pictures in docs/images are the ones that the docs show."""

from __future__ import annotations

import re

from project.environment import ROOT

PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]


def test_every_picture_is_shown_and_every_shown_picture_is_there() -> None:
    shown = {
        name for page in PAGES for name in re.findall(r"images/([\w-]+\.png)\)", page.read_text())
    }
    assert shown == {file.name for file in (ROOT / "docs" / "images").iterdir()}
