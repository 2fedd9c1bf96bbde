"""What a release says of itself: what is in it, how much, of what it was made, and checksums."""

from __future__ import annotations

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
