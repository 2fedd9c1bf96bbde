"""The version of Threadmark, as what it makes tells it."""

from __future__ import annotations

VERSION = "0.1.0"
