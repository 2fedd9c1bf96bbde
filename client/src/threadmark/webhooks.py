"""Is a delivery that came to a webhook really the server's? (Standard Webhooks)"""

from __future__ import annotations

import binascii
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from threadmark.errors import NotGenuine

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300.0


def verify(
    headers: Mapping[str, str],
    body: bytes | str,
    secret: str,
    *,
    tolerance: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> dict[str, Any]:
    """The event in a webhook's delivery, once it is proved that the server sent it.

    ``headers`` and ``body`` are those of the request as they came (the body before any parser
    touched it), ``secret`` is what the server showed when the webhook was made. A delivery that
    was signed more than ``tolerance`` seconds before or after ``now`` (seconds since 1970; left
    out: now) is refused, so that nobody can send an old one again; tell repeats within that time
    by the header ``webhook-id``, which stays the same. Raises NotGenuine.

        event = verify(request.headers, request.get_data(), secret)
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        event_id = given["webhook-id"]
        timestamp, signatures = given["webhook-timestamp"], given["webhook-signature"]
    except KeyError as missing:
        raise NotGenuine(f"The delivery has no header {missing.args[0]}.") from None
    sent = body.encode() if isinstance(body, str) else body
    content = b"%s.%s.%s" % (event_id.encode(), timestamp.encode(), sent)
    digest = hmac.digest(_key(secret), content, "sha256")
    expected = b"v1," + b64encode(digest)
    if not any(hmac.compare_digest(expected, one.encode()) for one in signatures.split()):
        raise NotGenuine("The delivery was not signed with this secret.")
    _require_recent(timestamp, time.time() if now is None else now, tolerance)
    event: dict[str, Any] = json.loads(sent)
    return event


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise NotGenuine(f"The secret of a webhook is {PREFIX}… and base64 behind it.") from None


def _require_recent(timestamp: str, now: float, tolerance: float) -> None:
    """Only called for what is signed, so the timestamp is the server's own."""
    apart = abs(now - float(timestamp))
    if apart > tolerance:
        raise NotGenuine(
            f"The delivery was signed {apart:,.0f} seconds from now: it is an old one sent again, "
            "or a clock is wrong."
        )
