"""Releases: drafted, changed, confirmed, made, verified, discarded, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NoReturn

from django.db import IntegrityError, transaction

from annotations.errors import Conflict, InvalidInput
from annotations.exporters.contents import Contents
from annotations.exporters.registry import exporter
from annotations.models import Campaign, Release, User
from annotations.releases.card import Card
from annotations.selectors.dataset import dataset_of
from annotations.services.audit import Act, note_act
from annotations.services.export_file import discard
from annotations.services.release_check import Check, Verification, verify_release
from annotations.services.release_file import every_name, write_release

__all__ = [
    "Check",
    "Verification",
    "change_release",
    "confirm_release",
    "discard_release",
    "draft_release",
    "verify_release",
    "withdraw_release",
    "write_release",
]

State = Release.State
DRAFTS = (State.STAGED, State.FAILED, State.CANCELLED)
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,19}")
KEY = re.compile(r"[0-9A-Za-z]{32,64}")
LONGEST_TITLE = 200


@transaction.atomic
def draft_release(
    *,
    campaign: Campaign,
    title: str,
    version: str,
    contents: Contents,
    formats: Sequence[str],
    card: Card,
    user: User | None,
    now: datetime,
    key: str = "",
) -> Release:
    """A release that waits to be confirmed, and may change until then.

    ``key`` is what its pseudonyms are hashed with: that of an earlier release gives the same ones.
    Without it one is drawn.

    Raises InvalidInput for an unknown format, a version that is none, or contents that the
    campaign does not have, and Conflict where it has a release of this version.
    """
    release = Release(campaign=campaign, state=State.STAGED, created_by=user, created_at=now)
    if key:
        release.key = _key(key)
    _fill(release, title=title, version=version, contents=contents, formats=formats, card=card)
    _save(release)
    version_of = {"version": release.version}
    note_act(act=Act.RELEASE_DRAFTED, about=release, by=user, details=version_of, now=now)
    return release


@transaction.atomic
def change_release(
    *,
    release: Release,
    title: str | None = None,
    version: str | None = None,
    contents: Contents | None = None,
    formats: Sequence[str] | None = None,
    card: Card | None = None,
) -> Release:
    """Change what is given of a draft. Raises as ``draft_release``, and Conflict for a release
    that was confirmed."""
    row = _locked(release)
    if row.state != State.STAGED:
        raise Conflict(f"Version {row.version} was confirmed: draft a new version instead.")
    _fill(row, title=title, version=version, contents=contents, formats=formats, card=card)
    _save(row)
    note_act(act=Act.RELEASE_CHANGED, about=row)
    return row


@transaction.atomic
def confirm_release(*, release: Release, now: datetime) -> Release:
    """Let it be made: from now on it does not change. The caller enqueues it.

    Raises InvalidInput where the card does not say who made it and under which licence it is
    given, and Conflict where it was confirmed before.
    """
    row = _locked(release)
    if row.state != State.STAGED:
        raise Conflict(f"Version {row.version} was confirmed already.")
    if missing := Card.from_json(row.card).missing:
        raise InvalidInput(
            " ".join(missing.values()), fields={name: [told] for name, told in missing.items()}
        )
    dataset_of(row.campaign, Contents.from_json(row.contents))
    row.state, row.sent_at = State.QUEUED, now
    row.save(update_fields=["state", "sent_at"])
    note_act(act=Act.RELEASE_CONFIRMED, about=row, details={"version": row.version}, now=now)
    return row


@transaction.atomic
def discard_release(*, release: Release) -> None:
    """Remove a draft, or one that never came to an end, so that its version is free again.

    Raises Conflict for one that is being made, or was made.
    """
    row = _locked(release)
    if row.state not in DRAFTS:
        raise Conflict(f"Version {row.version} is {row.state}: only a draft is discarded.")
    names = every_name(row)
    note_act(act=Act.RELEASE_DISCARDED, about=row, details={"version": row.version})
    row.delete()
    _delete_files(names)


@transaction.atomic
def withdraw_release(*, release: Release, reason: str, now: datetime) -> Release:
    """Take its files away for good, and keep what it says of itself, with the reason.

    Raises InvalidInput without a reason, Conflict for one that is not finished or was withdrawn.
    """
    if not reason.strip():
        _refuse("reason", "Say why it is withdrawn: those who used it will ask.")
    row = _locked(release)
    if row.state != State.DONE:
        raise Conflict(f"Version {row.version} is {row.state}: only a finished one is withdrawn.")
    if row.withdrawn_at is not None:
        raise Conflict(f"Version {row.version} was withdrawn already.")
    names = every_name(row)
    row.withdrawn_at, row.withdrawn_reason = now, reason.strip()
    row.file = row.frozen = ""
    row.save(update_fields=["withdrawn_at", "withdrawn_reason", "file", "frozen"])
    note_act(act=Act.RELEASE_WITHDRAWN, about=row, details={"version": row.version}, now=now)
    _delete_files(names)
    return row


def _fill(
    release: Release,
    *,
    title: str | None,
    version: str | None,
    contents: Contents | None,
    formats: Sequence[str] | None,
    card: Card | None,
) -> None:
    if title is not None:
        release.title = _title(title)
    if version is not None:
        release.version = _version(version)
    if contents is not None:
        dataset_of(release.campaign, contents)
        release.contents = contents.to_json()
    if formats is not None:
        release.formats = _formats(formats)
    if card is not None:
        release.card = card.to_json()


def _title(title: str) -> str:
    if not 1 <= len(title.strip()) <= LONGEST_TITLE:
        _refuse("title", f"A release has a title of 1 to {LONGEST_TITLE} characters.")
    return title.strip()


def _version(version: str) -> str:
    if not VERSION.fullmatch(version):
        _refuse("version", f"{version[:40]!r} is no version: write one such as 1.0.")
    return version


def _key(key: str) -> str:
    if not KEY.fullmatch(key):
        _refuse("key", "A key has 32 to 64 letters and digits, drawn by chance.")
    return key


def _formats(names: Sequence[str]) -> list[str]:
    """In the order of their names, each once."""
    if not names:
        _refuse("formats", "Choose at least one format.")
    for name in names:
        try:
            exporter(name)
        except InvalidInput as error:
            _refuse("formats", error.message)
    return sorted(set(names))


def _save(release: Release) -> None:
    try:
        with transaction.atomic():
            release.save()
    except IntegrityError:
        taken = Release.objects.filter(campaign=release.campaign, version=release.version)
        if not taken.exclude(pk=release.pk).exists():
            raise
        raise Conflict(
            f"{release.campaign.name} has a release {release.version} already: count on."
        ) from None


def _locked(release: Release) -> Release:
    return (
        Release.objects.select_for_update(of=("self",))
        .select_related("campaign")
        .get(pk=release.pk)
    )


def _delete_files(names: Iterable[str]) -> None:
    """Once the row says so: a file without a row is litter, a row without its file a lie."""

    def delete() -> None:
        for name in names:
            discard(name)

    transaction.on_commit(delete)


def _refuse(name: str, sentence: str) -> NoReturn:
    raise InvalidInput(sentence, fields={name: [sentence]})
