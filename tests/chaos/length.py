"""How long these tests last: seconds in ``make test``, minutes in ``make chaos`` (CHAOS=1)."""

from __future__ import annotations

import os

LONG = os.environ.get("CHAOS") == "1"
MINUTES = float(os.environ.get("CHAOS_MINUTES", "10"))


def seconds(short: float) -> float:
    return MINUTES * 60 if LONG else short
