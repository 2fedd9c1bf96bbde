"""A backup holds everything as it was at one moment, and comes back on either database."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from annotations.errors import Conflict, InvalidInput
from annotations.models import Annotation, Campaign, Corpus, Revision
from annotations.services.backup import write_backup
from annotations.services.restore import read_backup
from project.environment import ROOT
from tests.annotations.released import build_study, released
from tests.builders import NOON, build_annotation, build_comment, build_membership, build_unit

NEW_CORPUS = """
from annotations.models import Corpus
from django.utils import timezone
print(Corpus.objects.create(slug="later", created_at=timezone.now()).pk)
"""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return Path(settings.MEDIA_ROOT)


class Installation:
    """Another one: an empty database, and a folder of its own."""

    def __init__(self, var: Path, database: str) -> None:
        self.var = var
        self._environment = {**os.environ, "VAR_DIR": str(var), "DATABASE_URL": database}
        self._environment["DJANGO_SETTINGS_MODULE"] = "project.settings"

    def manage(self, *command: str) -> str:
        """What the command says; fails where it fails."""
        done = self._run(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *command: str) -> str:
        done = self._run(*command)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        return done.stderr

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def installation(
    tmp_path: Path, own_servers: Callable[[], dict[str, str]]
) -> Callable[[str], Installation]:
    """``installation("postgresql")`` is an empty one, on that database."""
    made = iter(range(9))

    def make(vendor: str) -> Installation:
        database = own_servers()["DATABASE_URL"] if vendor == "postgresql" else ""
        return Installation(tmp_path / f"installation-{next(made)}", database)

    return make


def backed_up(path: Path, **more: Any) -> Path:
    with path.open("wb") as file:
        write_backup(file, now=NOON, **more)
    return path


def tables(path: Path) -> dict[str, list[Any]]:
    """The rows of each table in a backup, without the notes of what was migrated."""
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("tables/")]
        return {
            name: [json.loads(line) for line in archive.read(name).splitlines()] for name in names
        }


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    released(build_study(), "csv", "jsonl", "parquet")
    return backed_up(tmp_path / "backup.zip")


OTHERS = ["sqlite", "postgresql"] if connection.vendor == "postgresql" else ["sqlite"]


@pytest.mark.parametrize("vendor", OTHERS)
def test_everything_comes_back_on_either_database(
    backup: Path, installation: Callable[[str], Installation], vendor: str, tmp_path: Path
) -> None:
    """Rows and files; the release of before verifies, an export has the same bytes, and what is
    new gets ids of its own."""
    other = installation(vendor)
    other.manage("restore", str(backup))
    again = tmp_path / "again.zip"
    other.manage("backup", str(again))
    restored, kept = tables(again), tables(backup)
    log = "tables/audit_entry.jsonl"
    entries = kept.pop(log)
    assert restored.pop(log)[: len(entries)] == entries != []  # and one of the restore itself
    assert restored == kept
    other.manage("release", "--verify", str(Campaign.objects.get().releases.get().pk))
    here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    call_command("export", "bridge-study", "--format", "jsonl", "--out", str(here))
    other.manage("export", "bridge-study", "--format", "jsonl", "--out", str(there))
    assert there.read_bytes() == here.read_bytes() != b""
    files = {
        str(path.relative_to(other.var / "files")) for path in (other.var / "files").rglob("*")
    }
    for name in ZipFile(backup).namelist():
        if name.startswith("files/"):
            stored = name.removeprefix("files/")
            assert stored in files
            assert (other.var / "files" / stored).read_bytes() == ZipFile(backup).read(name)
    newest = max(Corpus.objects.values_list("pk", flat=True))
    assert int(other.manage("shell", "-v0", "-c", NEW_CORPUS)) > newest


def test_what_is_saved_meanwhile_is_in_none_of_its_tables(tmp_path: Path) -> None:
    """Another connection saves between any two tables; the backup is of the moment it began."""
    campaign = build_study()
    member = build_membership(campaign, number=3)
    thread = campaign.corpus.threads.get(source_id="t1")

    def save_one() -> None:
        annotation = build_annotation(build_unit(campaign, build_comment(thread, "Late")), member)
        Revision.objects.create(
            annotation=annotation,
            number=1,
            save_id=uuid4(),
            state="submitted",
            content={},
            saved_at=NOON,
        )
        connection.close()

    def tell(line: str) -> None:
        if line.startswith(("annotation:", "answer:", "comment:")):
            saving = threading.Thread(target=save_one)
            saving.start()
            saving.join()

    before = Annotation.objects.count()
    path = backed_up(tmp_path / "backup.zip", tell=tell)
    assert Annotation.objects.count() == before + 3
    rows = tables(path)
    assert len(rows["tables/annotation.jsonl"]) == before
    assert rows["tables/revision.jsonl"] == []


def test_an_installation_that_is_in_use_is_left_alone(backup: Path) -> None:
    before = Annotation.objects.count()
    with backup.open("rb") as file, pytest.raises(Conflict, match="restore into an empty one"):
        read_backup(file)
    assert Annotation.objects.count() == before


def test_a_damaged_backup_restores_nothing(
    backup: Path, installation: Callable[[str], Installation], tmp_path: Path
) -> None:
    content = bytearray(backup.read_bytes())
    place = content.index(b"files/") + 400
    content[place] ^= 255
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(content)
    other = installation("sqlite")
    assert "damaged" in other.refused("restore", str(damaged)) or "cannot be read" in other.refused(
        "restore", str(damaged)
    )
    other.manage("restore", str(backup))


@pytest.mark.parametrize("content", [b"", b"PK", b"nothing of the kind" * 100])
def test_a_file_of_another_kind_is_told_from_a_backup(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="no backup of Threadmark"):
        read_backup(io.BytesIO(content))


def test_a_backup_of_a_later_version_is_not_guessed_at(backup: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.zip"
    with ZipFile(backup) as source, ZipFile(later, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                manifest["migrations"].append(["annotations", "9999_later"])
                content = json.dumps(manifest).encode()
            made.writestr(name, content)
    with later.open("rb") as file, pytest.raises(InvalidInput, match="later version"):
        read_backup(file)


def test_what_is_being_written_or_made_again_is_not_in_it(tmp_path: Path) -> None:
    default_storage.save("labels/kept.parquet", ContentFile(b"made of the tables"))
    default_storage.save("exports/.1.csv.part", ContentFile(b"half"))
    default_storage.save("exports/1.csv", ContentFile(b"whole"))
    names = ZipFile(backed_up(tmp_path / "backup.zip")).namelist()
    assert "files/exports/1.csv" in names
    assert not {"files/exports/.1.csv.part", "files/labels/kept.parquet"} & set(names)


def test_rows_that_do_not_fit_together_leave_nothing_behind(
    backup: Path, installation: Callable[[str], Installation], tmp_path: Path
) -> None:
    """Their checksums are right, but the comments that others name are missing."""
    broken = tmp_path / "broken.zip"
    with ZipFile(backup) as source, ZipFile(broken, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name == "tables/comment.jsonl":
                content = b""
            elif name == "manifest.json":
                manifest = json.loads(content)
                (table,) = [one for one in manifest["tables"] if one["name"] == "comment"]
                table["sha256"] = hashlib.sha256(b"").hexdigest()
                content = json.dumps(manifest).encode()
            made.writestr(name, content)
    other = installation(OTHERS[-1])
    assert "do not fit together" in other.refused("restore", str(broken))
    assert not [path for path in (other.var / "files").rglob("*") if path.is_file()]
    other.manage("restore", str(backup))
