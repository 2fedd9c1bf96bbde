"""What browsers report of the policy is logged without words, and costs little."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client

from annotations.buckets import OwnBuckets

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PLACE = "/policy-report/"
OLD = {
    "csp-report": {
        "document-uri": "https://lab.example/join/s3cret-token/?q=words",
        "violated-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/a.js?who=ada",
        "script-sample": "alert('words of a comment')",
        "referrer": "https://lab.example/comments/7/?words",
    }
}
NEW = [
    {
        "type": "csp-violation",
        "body": {
            "documentURL": "https://lab.example/threads/7/?q=words",
            "effectiveDirective": "img-src",
            "blockedURL": "inline",
            "sample": "words",
        },
    }
]


@pytest.fixture(autouse=True)
def own_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    made = OwnBuckets()
    monkeypatch.setattr("annotations.buckets.buckets", lambda: made)


def report(sent: object, client: Client | None = None, **more: Any) -> int:
    text = sent if isinstance(sent, str) else json.dumps(sent)
    kind = "application/csp-report"
    return (client or Client()).post(PLACE, text, content_type=kind, **more).status_code


def test_one_line_says_which_rule_on_which_page_and_no_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "threadmark.policy"):
        assert (report(OLD), report(NEW)) == (204, 204)
    assert [record.getMessage() for record in caplog.records] == [
        "A page broke the policy: script-src-elem on /join/ by https://evil.example",
        "A page broke the policy: img-src on /threads/7/ by inline",
    ]


@pytest.mark.parametrize(
    "sent",
    ["", "nul", "[", "[" * 5_000, "7", '"x"', [[]], {"csp-report": 1}, {"csp-report": {}},
     {"body": {"documentURL": "http://[", "blockedURL": "http://["}},
     {"csp-report": {"document-uri": "https://a/\n2026 ERROR forged", "blocked-uri": "\x1b[31m"}},
     [NEW[0]] * 40],
)  # fmt: skip
def test_nothing_breaks_it_and_no_line_is_forged(
    caplog: pytest.LogCaptureFixture, sent: object
) -> None:
    assert report(sent) == 204
    lines = [record.getMessage() for record in caplog.records if record.name == "threadmark.policy"]
    assert len(lines) <= 10
    assert not any(set("\n\r\x1b") & set(line) for line in lines)
    assert not any("forged" in line for line in lines)


def test_a_large_one_is_not_read_and_many_are_not_taken() -> None:
    assert report("x" * 20_000) == 413
    statuses = [report(OLD) for _ in range(15)]
    assert statuses[:10] == [204] * 10
    assert statuses[-1] == 429
    other = Client(REMOTE_ADDR="192.0.2.9")
    assert report(OLD, other) == 204


def test_it_needs_no_session_and_gives_none() -> None:
    client = Client(enforce_csrf_checks=True)
    assert report(OLD, client) == 204
    assert not client.cookies
    assert client.get(PLACE).status_code == 405
