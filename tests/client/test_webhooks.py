"""A webhook's delivery is believed only when the server signed it, and lately."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode

import pytest
from threadmark import NotGenuine, verify

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
BODY = json.dumps({"type": "export.done", "data": {"export": 7, "name": "Hafen 😀"}}).encode()
NOW = 1_760_000_000.0


def signed(body: bytes = BODY, *, at: float = NOW, secret: str = SECRET) -> dict[str, str]:
    key = b64decode(secret.removeprefix("whsec_"))
    content = f"msg_1.{at:.0f}.".encode() + body
    signature = b64encode(hmac.digest(key, content, "sha256")).decode()
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": f"{at:.0f}",
        "Webhook-Signature": f"v1,{signature}",
    }


def test_a_delivery_of_the_server_is_its_event() -> None:
    event = verify(signed(), BODY, SECRET, now=NOW + 10)
    assert event == {"type": "export.done", "data": {"export": 7, "name": "Hafen 😀"}}
    assert verify(signed(), BODY.decode(), SECRET, now=NOW) == event


def test_the_example_of_the_specification_holds() -> None:
    """The test vector that the reference libraries of Standard Webhooks share."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert verify(headers, b'{"test": 2432232314}', secret, now=1_614_265_330) == {
        "test": 2432232314
    }


def test_one_of_several_signatures_is_enough() -> None:
    """While a secret is changed, the server signs with both."""
    headers = signed()
    headers["Webhook-Signature"] = f"v1,AAAA v2,x {headers['Webhook-Signature']}"
    assert verify(headers, BODY, SECRET, now=NOW)["type"] == "export.done"


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"7", b"8"), b""])
def test_a_body_that_was_changed_is_refused(body: bytes) -> None:
    with pytest.raises(NotGenuine, match="not signed with this secret"):
        verify(signed(), body, SECRET, now=NOW)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Webhook-Id", "msg_2"),
        ("Webhook-Timestamp", f"{NOW + 1:.0f}"),
        ("Webhook-Signature", ""),
        ("Webhook-Signature", "v1,ä"),
    ],
)
def test_a_header_that_was_changed_is_refused(header: str, value: str) -> None:
    with pytest.raises(NotGenuine, match="not signed with this secret"):
        verify({**signed(), header: value}, BODY, SECRET, now=NOW)


def test_a_delivery_without_a_signature_is_refused() -> None:
    with pytest.raises(NotGenuine, match="no header webhook-signature"):
        verify({"webhook-id": "msg_1", "webhook-timestamp": "1"}, BODY, SECRET)


@pytest.mark.parametrize("later", [301, -301, 1e9])
def test_an_old_delivery_sent_again_is_refused(later: float) -> None:
    with pytest.raises(NotGenuine, match="an old one sent again"):
        verify(signed(), BODY, SECRET, now=NOW + later)


def test_what_is_no_secret_is_said_to_be_none() -> None:
    with pytest.raises(NotGenuine, match="whsec_"):
        verify(signed(), BODY, "not base64!", now=NOW)
