from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from project import environment
from project.environment import ROOT, VARIABLES

ROW = re.compile(
    r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>.*?) ?\| (?P<meaning>.+) \|$", re.MULTILINE
)


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))


def test_the_readme_has_the_same_table() -> None:
    text = (ROOT / "README.md").read_text()
    documented = [(row["name"], row["default"], row["meaning"]) for row in ROW.finditer(text)]
    assert documented == [
        (variable.name, f"`{variable.default}`" if variable.default else "", variable.meaning)
        for variable in VARIABLES
    ]


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = environment.secret_key()
    assert environment.secret_key() == first
    assert len(first) >= 60
    assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600


def test_two_installations_have_different_keys(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = environment.secret_key()
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "other"))
    assert environment.secret_key() != first


def test_a_short_secret_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    with pytest.raises(SystemExit, match="SECRET_KEY is shorter than 50 characters"):
        environment.secret_key()


def test_the_folder_for_state_is_closed_to_others(tmp_path: Path) -> None:
    assert environment.var_dir() == tmp_path / "var"
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


@pytest.mark.parametrize(("given", "expected"), [("1", True), ("YES", True), ("", False)])
def test_a_flag_is_off_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch, given: str, expected: bool
) -> None:
    monkeypatch.setenv("DEBUG", given)
    assert environment.flag("DEBUG") is expected


def test_a_number_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "80a")
    with pytest.raises(SystemExit, match="PORT must be a whole number, not '80a'"):
        environment.number("PORT")
