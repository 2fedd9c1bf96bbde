"""Signing what is sent, as Standard Webhooks v1 says: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

PREFIX = "whsec_"


def signed_headers(
    *, event_id: str, sent_at: datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers by which a receiver knows who sent the body, and when.

    With several secrets there is a signature of each: a receiver may know any of them.
    """
    timestamp = str(int(sent_at.timestamp()))
    content = b".".join((event_id.encode(), timestamp.encode(), body))
    signatures = (_signature(secret, content) for secret in secrets)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return f"v1,{b64encode(hmac.digest(key, content, sha256)).decode()}"
