"""What happens in a campaign, as its webhooks are told: where to go on, never what was said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Q
from django.urls import reverse

from annotations.models import (
    Annotation,
    Assignment,
    Campaign,
    Delivery,
    ExportRun,
    Release,
    Unit,
    Webhook,
)
from annotations.prepared import Prepared
from annotations.selectors.webhooks import has_all_labels, last_drawing
from annotations.services.webhooks import tell, tell_each, wanting_webhooks

Event = Webhook.Event
State = Assignment.State
_told_when_no_slot_is_free: Prepared[tuple[int, list[str]]] = Prepared(
    lambda campaign: Webhook.objects.filter(
        ~Exists(
            Assignment.objects.filter(
                campaign=campaign, state=State.PENDING, purpose=Unit.Purpose.STUDY
            )
        ),
        campaign=campaign,
    ).values_list("pk", "events")
)


def tell_export(run: ExportRun, now: datetime) -> None:
    """That the export is done; in the transaction in which it ends."""
    run.refresh_from_db()
    data = {
        "campaign": run.campaign.slug,
        "export": run.pk,
        "format": run.format,
        "rows": run.rows,
        "bytes": run.bytes,
        "sha256": run.sha256,
        "export_url": reverse("api:export", args=[run.pk]),
        "file_url": reverse("api:export_file", args=[run.pk]),
    }
    subject = f"export:{run.pk}"
    tell(campaign=run.campaign, event=Event.EXPORT_DONE, subject=subject, data=data, now=now)


def tell_release(release: Release, now: datetime) -> None:
    """That the release is made; in the transaction in which it ends."""
    release.refresh_from_db(fields=["rows", "bytes", "sha256"])
    data = {
        "campaign": release.campaign.slug,
        "release": release.pk,
        "version": release.version,
        "rows": release.rows,
        "bytes": release.bytes,
        "sha256": release.sha256,
        "release_url": reverse("api:release", args=[release.pk]),
        "file_url": reverse("api:release_file", args=[release.pk]),
    }
    subject = f"release:{release.pk}"
    tell(campaign=release.campaign, event=Event.RELEASE_DONE, subject=subject, data=data, now=now)


def tell_adjudicated(
    *,
    campaign: Campaign,
    decisions: Iterable[tuple[Annotation, Unit]],
    by: str,
    now: datetime,
) -> None:
    """That these decisions stand; each revision of one is told. ``by`` is ``person``, ``rule``
    or ``recoding``."""
    happened = (
        (f"decision:{one.pk}:{one.revision}", _decision(campaign, one, unit, by))
        for one, unit in decisions
    )
    tell_each(campaign=campaign, event=Event.UNIT_ADJUDICATED, happened=happened, now=now)


def tell_if_finished(*, campaign: Campaign, now: datetime) -> None:
    """That the campaign has all its labels, if it has, once after each drawing.

    To be called whenever a slot of the sample is settled. While a slot is free, this costs one
    step in an index.
    """
    told = _told_when_no_slot_is_free(campaign.pk)
    wanting = [pk for pk, events in told if Event.CAMPAIGN_FINISHED in events]
    if not wanting:
        return
    # Two who settle the last two slots at once would each see the other's as held: whoever comes
    # second waits here, and sees it settled.
    locked = Webhook.objects.select_for_update(no_key=True).filter(pk__in=wanting).order_by("pk")
    list(locked.values_list("pk", flat=True))
    if has_all_labels(campaign):
        _tell_finished(campaign, f"finished:{last_drawing(campaign)}", complete=True, now=now)


def tell_closed(*, campaign: Campaign, now: datetime) -> None:
    """That a campaign which was closed has all the labels that it will have, unless it was told
    that it is finished."""
    if not wanting_webhooks(campaign, Event.CAMPAIGN_FINISHED):
        return
    drawing = last_drawing(campaign)
    told = Delivery.objects.filter(webhook__campaign=campaign, subject=f"finished:{drawing}")
    if not told.exists():
        complete = has_all_labels(campaign)
        name = "finished" if complete else "closed"
        _tell_finished(campaign, f"{name}:{drawing}", complete=complete, now=now)


def _tell_finished(campaign: Campaign, subject: str, *, complete: bool, now: datetime) -> None:
    told = Delivery.objects.filter(webhook__campaign=campaign, subject=subject)
    wanting = wanting_webhooks(campaign, Event.CAMPAIGN_FINISHED)
    if told.count() >= len(wanting):
        return  # the counts below are of the whole campaign
    study = Assignment.objects.filter(campaign=campaign, purpose=Unit.Purpose.STUDY)
    counts = study.aggregate(
        units=Count("unit", distinct=True),
        labels=Count("pk", filter=Q(state=State.SUBMITTED)),
        skipped=Count("pk", filter=Q(state=State.SKIPPED)),
    )
    data = {
        "campaign": campaign.slug,
        "state": campaign.state,
        "complete": complete,
        **counts,
        "campaign_url": reverse("api:campaign", args=[campaign.slug]),
        "labels_url": reverse("api:labels", args=[campaign.slug]),
    }
    tell(campaign=campaign, event=Event.CAMPAIGN_FINISHED, subject=subject, data=data, now=now)


def _decision(campaign: Campaign, annotation: Annotation, unit: Unit, by: str) -> dict[str, Any]:
    return {
        "campaign": campaign.slug,
        "unit": unit.pk,
        "thread": unit.thread_id,
        "comment": unit.comment_id,
        "annotation": annotation.pk,
        "revision": annotation.revision,
        "by": by,
        "annotation_url": reverse("api:annotation", args=[annotation.pk]),
    }
