"""Which addresses may be called: what a webhook's address says, and where its name leads."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from annotations.receivers.addresses import Opened, Receiver, Refused, checked_places, read_url

NOTHING = Opened()
OUTSIDE = "93.184.216.34"
INSIDE = [
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.254"),  # noqa: S104
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8"),
    *("192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "192.88.99.1"),
    *("224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8"),
    *("::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "2001:db8::1", "3fff::1"),
    *("100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "5f00::1"),
    *("4000::1", "fe80::1%eth0"),
    # the addresses that clouds tell their secrets at, and what else leads there
    *("169.254.170.2", "169.254.169.253", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"),
    *("::ffff:a9fe:a9fe", "::ffff:7f00:1", "0:0:0:0:0:ffff:10.0.0.1", "64:ff9b::a00:1", "::7f00:1"),
    *("64:ff9b::8.8.8.8", "2001:20::1", "2001:10::1", "2001:2::1", "fe80::", "ff0e::1"),
]
PUBLIC = [OUTSIDE, "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80e::200e"]
ODD = [
    *("2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.1", "127.1", "127.0.1"),
    *("0x7F000001", "00000177.0.0.1", "0x7f.0x0.0x0.0x1", "127.0x1", "127.0.0.1.", "4294967295"),
    *("0", "0x0", "2852039166", "0251.0376.0251.0376", "3232235777", "10.1"),
]


def resolver(*answers: Sequence[str]) -> Callable[..., Any]:
    """Looks names up as it is told: each call gives the next answer, the last one for ever."""
    left = list(answers)

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (one, port, 0, 0) if ":" in one else (one, port),
            )
            for one in found
        ]

    return getaddrinfo


def refused(url: str, opened: Opened = NOTHING) -> str:
    with pytest.raises(Refused) as caught:
        read_url(url, opened)
    return str(caught.value)


def in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class TestWhatAnAddressSays:
    @pytest.mark.parametrize(
        ("url", "receiver"),
        [
            ("https://lab.example", Receiver("https", "lab.example", 443, "/")),
            ("http://Lab.Example:80/a?b=c", Receiver("http", "lab.example", 80, "/a?b=c")),
            ("https://lab.example./hook", Receiver("https", "lab.example", 443, "/hook")),
            ("http://lab.example:443/", Receiver("http", "lab.example", 443, "/")),
            (
                "https://xn--bcher-kva.example/",
                Receiver("https", "xn--bcher-kva.example", 443, "/"),
            ),
            (
                "https://[2606:4700:4700::1111]/",
                Receiver("https", "2606:4700:4700::1111", 443, "/"),
            ),
        ],
    )
    def test_it_is_taken_apart(self, url: str, receiver: Receiver) -> None:
        assert read_url(url, NOTHING) == receiver

    def test_the_host_header_names_an_unusual_port_alone(self) -> None:
        opened = Opened.read(["lab.example", "::1"])
        assert read_url("https://lab.example/", opened).host_header == "lab.example"
        assert read_url("https://lab.example:8443/", opened).host_header == "lab.example:8443"
        assert read_url("http://[::1]:81/", opened).host_header == "[::1]:81"

    @pytest.mark.parametrize(
        "url",
        [
            *("", "lab.example", "//lab.example/", "ftp://lab.example/", "file:///etc/passwd"),
            *("gopher://lab.example/", "javascript:alert(1)", "https://", "https:///hook"),
            *(
                "https://ada:secret@lab.example/",
                "https://ada@lab.example/",
                "https://@lab.example",
            ),
            *("https://lab.example/#part", "https://lab.example/#", "https://lab.example:0/"),
            *("https://lab.example:99999/", "https://lab.example:x/", "https://[::1/"),
            *("https://lab.example/a b", "https://lab.example/\n", "https://lab.exa\tmple/"),
            *("https://bücher.example/", "https://lab.example/ü", "https://lab.example\\@evil/"),
            *("https://lab..example/", "https://-/", "https://.lab.example/", "https://a/" * 900),
            *("https://[fe80::1%25eth0]/", "https://lab%2eexample/"),
            *("https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://ｌab.example/"),
            *(
                "https://lab.example:80@127.0.0.1/",
                "https://lab.example%00.evil/",
                "http:lab.example",
            ),
            *(
                "https://lab.example:443:80/",
                "https://lab.example:+443/",
                "https://lab.example: 443/",
            ),
            *("https://[127.0.0.1]/", "https://[::1].lab.example/", "https://[lab.example]/"),
            *(
                "https:\\/\\/lab.example",
                "unix:///var/run/docker.sock",
                "dict://lab.example:11211/",
            ),
        ],
    )
    def test_what_is_no_address_of_a_receiver_is_refused_in_words(self, url: str) -> None:
        assert refused(url).endswith(".")

    @pytest.mark.parametrize("host", [*INSIDE, *ODD])
    def test_an_address_inside_a_network_is_refused(self, host: str) -> None:
        refused(f"https://{in_url(host)}/")

    @pytest.mark.parametrize(
        "host", ["localhost", "LOCALHOST.", "db", "printer.local", "vault.internal", "a.localhost"]
    )
    def test_a_name_inside_a_network_is_refused_and_says_how_to_open_it(self, host: str) -> None:
        assert "WEBHOOK_ALLOWED_HOSTS" in refused(f"https://{host}/")

    @pytest.mark.parametrize("port", [22, 25, 3306, 5432, 6379, 8080, 9200, 11211, 65535])
    def test_other_ports_are_refused(self, port: int) -> None:
        assert f"Port {port}" in refused(f"https://lab.example:{port}/")

    @pytest.mark.parametrize("host", PUBLIC)
    def test_a_public_address_is_taken(self, host: str) -> None:
        assert read_url(f"https://{in_url(host)}/", NOTHING).host == host


class TestWhereANameLeads:
    @pytest.mark.parametrize("address", INSIDE)
    def test_nowhere_inside_a_network(self, monkeypatch: Any, address: str) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", resolver([address]))
        with pytest.raises(Refused, match="not public"):
            checked_places(Receiver("https", "lab.example", 443, "/"), NOTHING)

    def test_one_private_address_among_public_ones_is_enough(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", resolver([*PUBLIC, "10.0.0.1"]))
        with pytest.raises(Refused, match="not public"):
            checked_places(Receiver("https", "lab.example", 443, "/"), NOTHING)

    def test_to_all_its_public_addresses_in_their_order(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", resolver(PUBLIC))
        places = checked_places(Receiver("https", "lab.example", 443, "/"), NOTHING)
        assert [place[0] for _, place in places] == PUBLIC

    def test_an_unknown_name_is_told(self, monkeypatch: Any) -> None:
        def fails(*args: Any, **kwargs: Any) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", fails)
        with pytest.raises(Refused, match="could not be looked up"):
            checked_places(Receiver("https", "lab.example", 443, "/"), NOTHING)

    @pytest.mark.parametrize("host", ODD)
    def test_the_forms_that_the_c_library_reads_are_checked_there_too(self, host: str) -> None:
        with pytest.raises(Refused):
            checked_places(Receiver("http", host, 80, "/"), NOTHING)


class TestWhatIsOpened:
    def test_a_named_host_on_any_port_wherever_it_leads(self, monkeypatch: Any) -> None:
        opened = Opened.read(["Hooks.Lab.Example", "localhost"])
        monkeypatch.setattr(socket, "getaddrinfo", resolver(["10.0.0.1"]))
        receiver = read_url("http://hooks.lab.example:9000/", opened)
        assert checked_places(receiver, opened) == [(socket.AF_INET, ("10.0.0.1", 9000))]
        refused("http://other.lab.example:9000/", opened)

    def test_a_network_opens_addresses_and_names_that_lead_there(self, monkeypatch: Any) -> None:
        opened = Opened.read(["10.1.0.0/16", "fd00::/8"])
        assert read_url("http://10.1.2.3:9000/", opened).port == 9000
        refused("http://10.2.0.1/", opened)
        receiver = read_url("https://lab.example/", opened)
        monkeypatch.setattr(socket, "getaddrinfo", resolver(["10.1.2.3", "fd12::1"]))
        assert len(checked_places(receiver, opened)) == 2
        monkeypatch.setattr(socket, "getaddrinfo", resolver(["10.1.2.3", "10.2.0.1"]))
        with pytest.raises(Refused):
            checked_places(receiver, opened)

    def test_what_is_no_network_is_told_at_once(self) -> None:
        with pytest.raises(ValueError, match="host bits"):
            Opened.read(["10.1.2.3/16"])
