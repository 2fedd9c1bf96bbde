"""What an installation must not start with, and what it has when it is served over HTTPS."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from project import environment
from project.environment import ROOT, VARIABLES

SAYS = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
page = Client().get("/healthz", secure=True, headers={"host": "lab.example"})
plain = Client().get("/login/", headers={"host": "lab.example"})
names = ("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
         "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "DEBUG",
         "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_PATH", "CSRF_COOKIE_DOMAIN",
         "LANGUAGE_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS", "ALLOWED_HOSTS")
print(json.dumps({
    "settings": {name: getattr(settings, name) for name in names},
    "hsts": page.headers.get("Strict-Transport-Security"),
    "plain": [plain.status_code, plain.headers.get("Location")],
}))
"""


def run(var: Path, *command: str, **chosen: str) -> subprocess.CompletedProcess[str]:
    ours = {variable.name for variable in VARIABLES}
    env = {name: value for name, value in os.environ.items() if name not in ours}
    env |= {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "project.settings", **chosen}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """What ``make run`` has prepared: the folder of static files."""
    (tmp_path / "var" / "static").mkdir(parents=True, mode=0o700)
    return tmp_path / "var"


@pytest.mark.slow
def test_the_check_before_a_deployment_finds_nothing(var: Path) -> None:
    chosen = {"HTTPS": "1", "ALLOWED_HOSTS": "lab.example"}
    done = run(var, "manage.py", "check", "--deploy", "--fail-level", "DEBUG", **chosen)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert "(0 silenced)" in done.stdout


@pytest.mark.slow
def test_over_https_cookies_are_of_this_host_alone_and_nothing_is_plain(var: Path) -> None:
    done = run(var, "-c", SAYS, HTTPS="1", ALLOWED_HOSTS="lab.example,.uni.example")
    told = json.loads(done.stdout)
    assert told["settings"] == {
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": "/",
        "DEBUG": False,
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_PATH": "/",
        "CSRF_COOKIE_DOMAIN": None,
        "LANGUAGE_COOKIE_SECURE": True,
        "CSRF_TRUSTED_ORIGINS": ["https://lab.example", "https://*.uni.example"],
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]", "lab.example", ".uni.example"],
    }
    assert told["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert told["plain"] == [301, "https://lab.example/login/"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than 50 characters"),
        ({"DEBUG": "1", "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS takes names of hosts"),
    ],
)
def test_it_does_not_start_with_what_is_open_to_all(
    var: Path, chosen: dict[str, str], sentence: str
) -> None:
    done = run(var, "-m", "project.launch", PORT="1", **chosen)
    assert done.returncode == 1
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


class TestKeys:
    @pytest.fixture(autouse=True)
    def nothing_chosen(self, monkeypatch: pytest.MonkeyPatch, var: Path) -> None:
        for variable in VARIABLES:
            monkeypatch.delenv(variable.name, raising=False)
        monkeypatch.setenv("VAR_DIR", str(var))

    @pytest.mark.parametrize(
        "key",
        ["", "change-me", "a" * 80, f"django-insecure-{'0123456789abcdefghijklm' * 3}", "bad" * 25],
    )
    def test_one_that_can_be_guessed_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("SECRET_KEY", key)
        if not key:
            assert len(environment.secret_key()) >= 50
            return
        with pytest.raises(SystemExit, match="SECRET_KEY"):
            environment.secret_key()

    def test_one_that_was_drawn_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for key in (secrets.token_hex(32), secrets.token_urlsafe(40)):
            monkeypatch.setenv("SECRET_KEY", key)
            assert environment.secret_key() == key

    @pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o666])
    def test_a_file_that_others_can_read_is_refused(self, var: Path, mode: int) -> None:
        environment.secret_key()
        (var / "secret-key").chmod(mode)
        with pytest.raises(SystemExit, match="can be read by others"):
            environment.secret_key()

    @pytest.mark.parametrize("hosts", ["*", "lab.example,*", ".", "*.", " * "])
    def test_no_installation_answers_for_every_host(
        self, monkeypatch: pytest.MonkeyPatch, hosts: str
    ) -> None:
        monkeypatch.setenv("ALLOWED_HOSTS", hosts)
        with pytest.raises(SystemExit, match="ALLOWED_HOSTS"):
            environment.hosts()
