"""What may be relied on when a release is made or verified from the command line."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from annotations.models import Campaign, Release
from annotations.releases.card import Card
from tests.annotations.released import KEY, build_study
from tests.annotations.releases.edition import CARD
from tests.builders import build_user


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    """The file storage of the test, as a folder."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def campaign(db: None) -> Campaign:
    return build_study()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command is given, with card.yaml and contents.yaml."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "card.yaml").write_text(yaml.safe_dump(CARD.to_json()))
    (folder / "contents.yaml").write_text("privacy: pseudonymous\nsplit_by: thread\n")
    return folder


def command(*given: str, **changes: str) -> str:
    """What the command says on stdout and stderr."""
    said = io.StringIO()
    options = {
        "title": "Claims",
        "release-version": "1.0",
        "formats": "csv, jsonl",
        "card": "card.yaml",
        "out": "claims.zip",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    arguments = [f"--{name}={value}" for name, value in options.items() if value]
    call_command("release", "bridge-study", *arguments, *given, stdout=said, stderr=said)
    return said.getvalue()


def test_it_makes_the_archive_and_records_the_release(campaign: Campaign, folder: Path) -> None:
    user = build_user("rosa")
    said = command("--contents=contents.yaml", f"--key={KEY}", "--user=rosa")
    release = Release.objects.get()
    with default_storage.open(release.file) as stored:
        assert (folder / "claims.zip").read_bytes() == stored.read()
    assert (release.created_by, release.key, release.formats) == (user, KEY, ["csv", "jsonl"])
    assert release.contents["privacy"] == "pseudonymous"
    assert Card.from_json(release.card) == CARD
    assert f"27 annotations, {release.bytes:,} bytes, in claims.zip" in said
    assert sorted(path.name for path in folder.iterdir()) == [
        *("card.yaml", "claims.zip", "contents.yaml")
    ]


@pytest.mark.usefixtures("folder")
def test_it_verifies_a_release(campaign: Campaign, storage: Path) -> None:
    command()
    release = Release.objects.get()
    said = io.StringIO()
    call_command("release", f"--verify={release.pk}", stdout=said)
    assert said.getvalue().count("the same bytes.") == 3
    with (storage / release.file).open("ab") as file:
        file.write(b"more")
    with pytest.raises(CommandError, match="is not what it says"):
        call_command("release", f"--verify={release.pk}", stdout=said)
    with pytest.raises(CommandError, match="no release 0"):
        call_command("release", "--verify=0")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"formats": "xml"}, "'xml' is no export format"),
        ({"formats": ""}, "Say --formats"),
        ({"release_version": "one two"}, "no version"),
        ({"card": "none.yaml"}, r"none\.yaml cannot be read"),
        ({"card": "broken.yaml"}, r"broken\.yaml is no YAML"),
        ({"card": "list.yaml"}, r"list\.yaml has no fields"),
        ({"card": "nobody.yaml"}, "Say who made the dataset"),
        ({"contents": "card.yaml"}, "have no 'answers'"),
        ({"user": "nobody"}, "no user 'nobody'"),
        ({"key": "x"}, "32 to 64 letters"),
        ({"out": "."}, "is a folder"),
    ],
)
def test_a_mistake_leaves_nothing_behind(
    campaign: Campaign, folder: Path, changes: dict[str, str], message: str
) -> None:
    (folder / "broken.yaml").write_text("a: [")
    (folder / "list.yaml").write_text("- a\n")
    (folder / "nobody.yaml").write_text("licence: MIT\n")
    before = sorted(folder.iterdir())
    with pytest.raises(CommandError, match=message):
        command(**changes)
    assert not Release.objects.exists()
    assert sorted(folder.iterdir()) == before


def test_one_that_fails_leaves_the_older_file_and_its_version_free(
    campaign: Campaign, folder: Path, storage: Path
) -> None:
    (folder / "claims.zip").write_text("old")
    storage.mkdir()
    (storage / "releases").write_text("a file where the folder should be")
    with pytest.raises(CommandError, match="The release was not made: Unexpected error"):
        command()
    assert (folder / "claims.zip").read_text() == "old"
    assert not Release.objects.exists()
