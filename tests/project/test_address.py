from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from project.address import Address, CannotListen
from tests.servers import free_port


class Healthy(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


class Broken(Healthy):
    status = 500


def test_a_free_port_is_taken_as_it_is() -> None:
    Address("127.0.0.1", free_port()).require_free()


def test_a_taken_port_is_named_in_one_line_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen) as refusal:
            Address("127.0.0.1", port).require_free()
    message = str(refusal.value)
    assert str(port) in message
    assert "PORT=8000 make run" in message
    assert "\n" not in message


@pytest.mark.parametrize("port", [0, 65_536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(CannotListen, match="between 1 and 65535"):
        Address("127.0.0.1", port).require_free()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotListen):
        Address("192.0.2.1", free_port()).require_free()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),  # noqa: S104
        ("::1", "http://[::1]:8000/"),
    ],
)
def test_the_url_is_one_that_a_browser_here_can_open(host: str, url: str) -> None:
    assert Address(host, 8000).url == url


@pytest.mark.parametrize(("handler", "ready"), [(Healthy, True), (Broken, False)])
def test_a_server_is_ready_when_it_answers_without_an_error(
    handler: type[Healthy], ready: bool
) -> None:
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.handle_request).start()
        assert Address("127.0.0.1", server.server_port).answers() is ready


def test_a_port_where_nothing_listens_is_not_ready() -> None:
    assert not Address("127.0.0.1", free_port()).answers()
