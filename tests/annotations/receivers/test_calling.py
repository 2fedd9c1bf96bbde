"""Calling a receiver: what it answers, and that nothing it does costs more than it may."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from annotations.receivers.addresses import Opened
from annotations.receivers.calling import ANSWER_CHARACTERS, Limits, Outcome, call
from tests.annotations.receiver import (
    HOST,
    dripping,
    dripping_words,
    endless,
    raw,
    receiving,
    redirects_to,
    says,
    silent,
)
from tests.annotations.receivers.test_addresses import OUTSIDE, resolver

HERE = Opened.read([HOST])
SHORT = Limits(connect=1, total=0.5)


def called(url: str, *, opened: Opened = HERE, limits: Limits | None = None) -> Outcome:
    headers = {"Content-Type": "application/json", "webhook-id": "1"}
    return call(url, headers=headers, body=b'{"type":"ping"}', opened=opened, limits=limits)


class TestAnswers:
    def test_what_is_sent_comes_as_it_is(self) -> None:
        with receiving() as receiver:
            outcome = called(f"{receiver.url}?of=them")
        (got,) = receiver.got
        assert outcome.is_taken
        assert (got.path, got.body) == ("/hook?of=them", b'{"type":"ping"}')
        assert got.headers["Host"] == f"{HOST}:{receiver.port}"
        assert got.headers["Content-Type"] == "application/json"
        assert got.headers["webhook-id"] == "1"

    @pytest.mark.parametrize("status", [200, 201, 204, 299])
    def test_all_that_begins_with_2_is_taken(self, status: int) -> None:
        with receiving(status) as receiver:
            assert called(receiver.url).is_taken

    @pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
    def test_what_is_refused_has_its_status_and_words(self, status: int) -> None:
        with receiving(says(status, b"No,\0 thanks")) as receiver:
            outcome = called(receiver.url)
        assert (outcome.status, outcome.answer, outcome.error) == (status, "No,� thanks", "")
        assert not outcome.is_taken

    def test_a_long_answer_is_read_to_its_500th_character(self) -> None:
        with receiving(says(200, "ü".encode() * 100_000)) as receiver:
            assert called(receiver.url).answer == "ü" * ANSWER_CHARACTERS

    def test_bytes_that_are_no_text_do_no_harm(self) -> None:
        with receiving(says(500, b"\xff\xfe\x80<script>")) as receiver:
            assert called(receiver.url).answer.endswith("<script>")


class TestHarm:
    def test_a_redirect_is_not_followed(self) -> None:
        with receiving() as inside, receiving(redirects_to(inside.url)) as receiver:
            outcome = called(receiver.url)
        assert (outcome.status, outcome.is_taken) == (307, False)
        assert "not followed" in outcome.error
        assert inside.got == []

    @pytest.mark.parametrize("answer", [silent, dripping])
    def test_who_is_slow_is_left(self, answer: Any) -> None:
        with receiving(answer) as receiver:
            outcome = called(receiver.url, limits=SHORT)
        assert outcome.status is None
        assert outcome.error == "It gave no answer within 0.5 seconds."

    def test_the_status_stands_where_the_words_never_end(self) -> None:
        for answer in (dripping_words, endless):
            with receiving(answer) as receiver:
                outcome = called(receiver.url, limits=SHORT)
            assert outcome.is_taken
            assert set(outcome.answer) == {"x"}
            assert len(outcome.answer) <= ANSWER_CHARACTERS

    @pytest.mark.parametrize(
        "pieces",
        [
            [],
            [b"\0" * 100],
            [b"HTTP/1.1 two hundred\r\n\r\n"],
            [b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"],
            [b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n\r\n"],
            [b"HTTP/1.1 200 OK\r\na: " + b"x" * 100_000 + b"\r\n\r\n"],
        ],
    )
    def test_what_is_no_http_is_no_answer(self, pieces: list[bytes]) -> None:
        with receiving(raw(pieces)) as receiver:
            outcome = called(receiver.url)
        assert outcome.status is None
        assert outcome.error.startswith("It gave no answer")
        assert len(outcome.error) <= 500

    def test_a_broken_body_leaves_its_status(self) -> None:
        pieces = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nno"]
        with receiving(raw(pieces)) as receiver:
            assert called(receiver.url).is_taken

    def test_nobody_there_is_told(self) -> None:
        with socket.socket() as reserved:
            reserved.bind((HOST, 0))
            outcome = called(f"http://{HOST}:{reserved.getsockname()[1]}/")
        assert outcome.error == "It took no connection: Connection refused."

    def test_a_proxy_of_the_environment_is_not_asked(self, monkeypatch: Any) -> None:
        with receiving() as proxy, receiving() as receiver:
            for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            assert called(receiver.url).is_taken
        assert proxy.got == []


class TestWhere:
    def test_nothing_inside_is_called_unless_it_is_opened(self) -> None:
        with receiving() as receiver:
            outcome = called(receiver.url, opened=Opened())
        assert outcome.status is None
        assert "not a public address" in outcome.error
        assert receiver.got == []

    def test_a_name_that_leads_inside_is_not_called(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", resolver([OUTSIDE, HOST]))
        with receiving() as receiver:
            opened = Opened.read(["127.0.0.99"])
            outcome = called("https://lab.example/", opened=opened)
        assert "not public" in outcome.error
        assert receiver.got == []

    def test_a_name_that_leads_elsewhere_the_next_moment_is_looked_up_once(
        self, monkeypatch: Any
    ) -> None:
        """DNS rebinding: the place that was checked is the place that is called."""
        with receiving() as checked, receiving(host="127.0.0.2", port=checked.port) as inside:
            monkeypatch.setattr(socket, "getaddrinfo", resolver([HOST], ["127.0.0.2"]))
            opened = Opened.read([HOST, "lab.example"])
            assert called(f"http://lab.example:{checked.port}/", opened=opened).is_taken
        assert [one.headers["Host"] for one in checked.got] == [f"lab.example:{checked.port}"]
        assert inside.got == []

    def test_the_next_address_is_called_where_one_takes_no_connection(
        self, monkeypatch: Any
    ) -> None:
        with receiving() as receiver:
            monkeypatch.setattr(socket, "getaddrinfo", resolver(["127.0.0.3", HOST]))
            opened = Opened.read(["lab.example"])
            assert called(f"http://lab.example:{receiver.port}/", opened=opened).is_taken


class TestCertificates:
    @pytest.fixture
    def authority(self, monkeypatch: Any, tmp_path: Path) -> trustme.CA:
        """One that this machine trusts."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        monkeypatch.setattr(socket, "getaddrinfo", resolver([HOST]))
        return authority

    def served(self, authority: trustme.CA, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    def test_the_name_counts_though_an_address_is_called(self, authority: trustme.CA) -> None:
        with receiving(tls=self.served(authority, "lab.example")) as receiver:
            opened = Opened.read(["lab.example"])
            outcome = called(f"https://lab.example:{receiver.port}/", opened=opened)
        assert outcome.is_taken, outcome
        assert receiver.got[0].headers["Host"] == f"lab.example:{receiver.port}"

    @pytest.mark.parametrize("name", ["other.example", HOST])
    def test_a_certificate_of_another_name_is_refused(
        self, authority: trustme.CA, name: str
    ) -> None:
        with receiving(tls=self.served(authority, name)) as receiver:
            opened = Opened.read(["lab.example"])
            outcome = called(f"https://lab.example:{receiver.port}/", opened=opened)
        assert "certificate is not one for lab.example" in outcome.error
        assert receiver.got == []

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, authority: trustme.CA) -> None:
        with receiving(tls=self.served(trustme.CA(), "lab.example")) as receiver:
            opened = Opened.read(["lab.example"])
            outcome = called(f"https://lab.example:{receiver.port}/", opened=opened)
        assert "certificate is not one for lab.example" in outcome.error
        assert receiver.got == []

    def test_a_receiver_that_speaks_no_tls_is_no_answer(self, authority: trustme.CA) -> None:
        with receiving() as receiver:
            opened = Opened.read(["lab.example"])
            outcome = called(f"https://lab.example:{receiver.port}/", opened=opened)
        assert outcome.status is None
        assert receiver.got == []

    def test_a_handshake_that_never_ends_is_left(self, authority: trustme.CA) -> None:
        with socket.create_server((HOST, 0)) as silent_server:
            port = silent_server.getsockname()[1]
            opened = Opened.read(["lab.example"])
            outcome = called(f"https://lab.example:{port}/", opened=opened, limits=SHORT)
        assert outcome.error == "It gave no answer within 0.5 seconds."
