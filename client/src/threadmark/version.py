"""The version of this client: that of the server which it came with."""

from __future__ import annotations

__version__ = "0.1.0"
