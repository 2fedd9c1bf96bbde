"""The server asks nobody for anything, but webhooks' receivers: no other module can connect."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from project.environment import ROOT

CONNECTS = {
    *("socket", "ssl", "http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp"),
    *("smtplib", "ftplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "asyncio", "paramiko"),
    *("django.core.mail", "websockets", "pycurl", "boto3", "urllib.robotparser", "socketserver"),
}
MAY = {
    "annotations/receivers/addresses.py": {"socket"},
    "annotations/receivers/calling.py": {"socket", "ssl", "http.client"},
    # whether the web server of this machine answers, and whether its port is free
    "project/address.py": {"socket", "http.client"},
}
RUNS_OR_READS = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "code", "codeop"}
CALLS = {"eval", "exec", "compile", "__import__"}


def test_nothing_else_can_open_a_connection() -> None:
    found = {place: used for place in sources() if (used := imported(place) & CONNECTS)}
    assert {str(place.relative_to(ROOT)): used for place, used in found.items()} == MAY


def test_nothing_that_is_read_can_run() -> None:
    for place in sources():
        assert not imported(place) & RUNS_OR_READS, place
        tree = ast.parse(place.read_text())
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & CALLS, place


def test_the_search_sees_every_way_to_import(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    for line in (
        *("import socket", "import http.client as h", "from http import client"),
        *("from urllib.request import urlopen", "def f():\n  import requests.sessions"),
    ):
        file.write_text(line)
        assert imported(file) & CONNECTS, line


def sources() -> list[Path]:
    found = [one for room in ("annotations", "importers", "project")
             for one in (ROOT / room).rglob("*.py")]  # fmt: skip
    assert len(found) > 300
    return [*found, ROOT / "manage.py"]


def imported(place: Path) -> set[str]:
    """The modules that it imports, with those that they lie in."""
    return {name for full in _named(ast.parse(place.read_text())) for name in _prefixes(full)}


def _named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _prefixes(full: str) -> Iterator[str]:
    parts = full.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))
