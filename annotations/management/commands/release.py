"""manage.py release: make a release of a campaign without a worker, verify or compare some."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, cast

import yaml
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotations.errors import ThreadmarkError
from annotations.exporters.contents import Contents
from annotations.management.given import campaign_called, user_called, written_whole
from annotations.models import Release
from annotations.releases.card import Card
from annotations.selectors.releases import difference
from annotations.services.events import tell_release
from annotations.services.jobs import run_job
from annotations.services.releases import (
    Check,
    confirm_release,
    discard_release,
    draft_release,
    verify_release,
    write_release,
)

NEEDED = ("campaign", "title", "release_version", "formats", "card", "out")


class Command(BaseCommand):
    help = "Make a release of a campaign, verify one, or compare two. No worker is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", nargs="?", help="The short name, as in its address.")
        parser.add_argument("--title", help="The dataset's name, as it is cited.")
        parser.add_argument("--release-version", metavar="VERSION", help="Such as 1.0.")
        parser.add_argument("--formats", help="Separated by commas, such as csv,jsonl.")
        parser.add_argument("--card", type=Path, metavar="FILE", help="The data card as YAML.")
        parser.add_argument("--contents", type=Path, metavar="FILE", help="What is in it, as YAML.")
        parser.add_argument("--out", type=Path, metavar="FILE", help="Where the archive goes.")
        parser.add_argument("--key", default="", help="Hashes the pseudonyms; drawn if not given.")
        parser.add_argument("--user", metavar="NAME", help="In whose name it is made.")
        parser.add_argument("--verify", type=int, metavar="ID", help="Verify this release instead.")
        parser.add_argument(
            "--compare",
            type=int,
            nargs=2,
            metavar=("EARLIER", "LATER"),
            help="Say what changed between these releases instead, as JSON.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verify"] is not None:
                self._verify(options["verify"])
            elif options["compare"] is not None:
                self._compare(*options["compare"])
            else:
                self._make(options)
        except ThreadmarkError as error:
            raise CommandError(error.message) from None

    def _make(self, options: dict[str, Any]) -> None:
        """What comes to no end is discarded, so that the same command may be given again."""
        _require_all(options)
        out = options["out"]
        with written_whole(out) as file:
            release = self._drafted(options)
            try:
                release = self._done(release)
            except BaseException:
                discard_release(release=release)
                raise
            with default_storage.open(release.file) as source:
                shutil.copyfileobj(cast(BinaryIO, source), file)
        told = f"{release.rows:,} annotations, {release.bytes:,} bytes, in {out}"
        self.stderr.write(f"Release {release.pk}: {told}, sha256 {release.sha256}.")

    def _drafted(self, options: dict[str, Any]) -> Release:
        return draft_release(
            campaign=campaign_called(options["campaign"]),
            title=options["title"],
            version=options["release_version"],
            contents=Contents.from_json(_read(options["contents"]) if options["contents"] else {}),
            formats=[name.strip() for name in options["formats"].split(",") if name.strip()],
            card=Card.from_json(_read(options["card"])),
            user=user_called(options["user"]),
            now=timezone.now(),
            key=options["key"],
        )

    def _done(self, release: Release) -> Release:
        confirm_release(release=release, now=timezone.now())
        try:
            run_job(Release, release.pk, write_release, watch=self._show, told=tell_release)
        except KeyboardInterrupt:
            raise CommandError("The release was stopped.", returncode=130) from None
        release.refresh_from_db()
        if release.state != Release.State.DONE:
            reason = release.error or f"it is {release.get_state_display().lower()}."
            raise CommandError(f"The release was not made: {reason}")
        return release

    def _show(self, done: int, total: int | None) -> None:
        self.stderr.write(f"{done:,} of {total or 0:,} {Release.measure}")

    def _compare(self, earlier: int, later: int) -> None:
        told = difference(_release(earlier), _release(later), somebody_waits=False)
        self.stdout.write(json.dumps(asdict(told), indent=2, ensure_ascii=False))

    def _verify(self, pk: int) -> None:
        release = _release(pk)
        found = verify_release(release)
        self.stdout.write(f"The stored archive: {_told(found.stored)}")
        self.stdout.write(f"Made again of its frozen rows: {_told(found.again)}")
        self.stdout.write(f"Made of the campaign as it is now: {_told(found.now)}")
        if not (found.stored.same and found.again.same):
            raise CommandError(f"Release {pk} is not what it says.")


def _release(pk: int) -> Release:
    release = Release.objects.filter(pk=pk).select_related("campaign").first()
    if release is None:
        raise CommandError(f"There is no release {pk}.")
    return release


def _require_all(options: dict[str, Any]) -> None:
    for name in NEEDED:
        if not options[name]:
            asked = name if name == "campaign" else f"--{name.replace('_', '-')}"
            raise CommandError(f"Say {asked}: a release is made of all of these: {_usage()}.")


def _usage() -> str:
    return ", ".join(name.replace("_", "-") for name in NEEDED)


def _read(path: Path) -> dict[str, Any]:
    try:
        told = yaml.safe_load(path.read_text())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is no YAML: {error}") from None
    if not isinstance(told, dict):
        raise CommandError(f"{path} has no fields: write one a line, such as licence: CC-BY-4.0.")
    return told


def _told(check: Check) -> str:
    if check.same:
        return "the same bytes."
    return check.reason or f"other bytes in {', '.join(check.files)}."
