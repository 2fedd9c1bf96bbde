"""Attempts at files of labels while somebody is erased: none of them may store what goes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from annotations.models import Campaign, Corpus, ExportRun, Job, Release
from annotations.services import export_file
from annotations.services.exports import names_of
from annotations.services.release_file import every_name

UNDER_WAY = {"state": Job.State.QUEUED, "lease_until": None, "tries": 0}
NOT_FROZEN = {"frozen": "", "frozen_at": None, "rows": 0}


def hold_corpora(campaigns: Sequence[int]) -> None:
    """From now to the end of the transaction no attempt at a file of theirs begins to read."""
    corpora = Campaign.objects.filter(pk__in=campaigns).values("corpus")
    list(Corpus.objects.filter(pk__in=corpora).order_by("pk").select_for_update())


def take_back_attempts(campaigns: Sequence[int]) -> None:
    """Let exports and releases of the campaigns that are being made begin anew, and releases
    forget the rows that they froze on the way.

    A worker that is at one finds at its next write that its attempt is over. Call it while their
    corpora are held: then what began before is taken back here, and what begins later reads what
    is left.
    """
    names: set[str] = set()
    exports = ExportRun.objects.filter(campaign__in=campaigns, state=Job.State.RUNNING)
    for run in exports.select_for_update(of=("self",)).select_related("campaign"):
        names |= names_of(run)
        ExportRun.objects.filter(pk=run.pk).update(**UNDER_WAY)
    releases = Release.objects.filter(campaign__in=campaigns).exclude(state=Job.State.DONE)
    for release in releases.select_for_update(of=("self",)).select_related("campaign"):
        names |= every_name(release)
        begun = release.state in (Job.State.RUNNING, Job.State.QUEUED)
        anew = {**NOT_FROZEN, **UNDER_WAY} if begun else NOT_FROZEN
        Release.objects.filter(pk=release.pk).update(**anew)
    transaction.on_commit(lambda: _discard(names))


def _discard(names: set[str]) -> None:
    for name in sorted(names):
        export_file.discard(name)
