"""Text for XML, which cannot hold every character."""

from __future__ import annotations

import re

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def for_xml(text: str) -> str:
    """``text`` with U+FFFD for each character that XML 1.0 forbids: no offset moves."""
    return FORBIDDEN.sub("\ufffd", text)
