"""What Celery runs for the domain: find the row, call the service."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from annotations import presence
from annotations.models import (
    Aggregation,
    AgreementRun,
    ExportRun,
    Ranking,
    Recoding,
    Release,
    RuleRun,
    Sample,
    TextScan,
)
from annotations.queue import DELIVER, send
from annotations.selectors.webhooks import to_send
from annotations.services.aggregation import aggregate
from annotations.services.agreement import compute_agreement
from annotations.services.assignments import release_expired
from annotations.services.deliveries import send_due, sweep_deliveries
from annotations.services.disputes import campaigns_to_measure, measure_disputes
from annotations.services.events import tell_export, tell_release
from annotations.services.exports import write_export
from annotations.services.feeds import settle_feeds
from annotations.services.jobs import run_job, sweep_jobs
from annotations.services.label_files import sweep_label_files
from annotations.services.ranking import rank_units
from annotations.services.recoding import recode
from annotations.services.releases import write_release
from annotations.services.rules import settle_clear
from annotations.services.sampling import draw_sample, tidy_samples
from annotations.services.texts import scan_texts
from annotations.services.turns import release_expired_turns
from annotations.services.workers import forget_workers

__all__ = [
    "aggregate_labels",
    "agree",
    "deliver",
    "draw",
    "export",
    "presence",
    "rank",
    "recode_campaign",
    "release",
    "scan",
    "settle",
    "sweep",
]


@shared_task(name=ExportRun.task_name)
def export(pk: int) -> None:
    run_job(ExportRun, pk, write_export, told=tell_export)
    _deliver_soon()


@shared_task(name=TextScan.task_name)
def scan(pk: int) -> None:
    run_job(TextScan, pk, scan_texts)


@shared_task(name=Sample.task_name)
def draw(pk: int) -> None:
    run_job(Sample, pk, draw_sample)


@shared_task(name=Ranking.task_name)
def rank(pk: int) -> None:
    run_job(Ranking, pk, rank_units)


@shared_task(name=AgreementRun.task_name)
def agree(pk: int) -> None:
    run_job(AgreementRun, pk, compute_agreement)


@shared_task(name=Aggregation.task_name)
def aggregate_labels(pk: int) -> None:
    run_job(Aggregation, pk, aggregate)


@shared_task(name=RuleRun.task_name)
def settle(pk: int) -> None:
    run_job(RuleRun, pk, settle_clear)
    _deliver_soon()


@shared_task(name=Recoding.task_name)
def recode_campaign(pk: int) -> None:
    run_job(Recoding, pk, recode)
    _deliver_soon()


@shared_task(name=Release.task_name)
def release(pk: int) -> None:
    run_job(Release, pk, write_release, told=tell_release)
    _deliver_soon()


@shared_task(name=DELIVER)
def deliver() -> None:
    """Send what webhooks were told; where that does not come to an end soon, go on behind what
    else waits for a worker."""
    if send_due(clock=timezone.now):
        send(DELIVER)


@shared_task(name="annotations.sweep", expires=60)
def sweep() -> None:
    """Send again what nobody works on, free what nobody holds, measure where people disagree.

    Expires, so that sweeps do not pile up while every worker is busy.
    """
    now = timezone.now()
    for task_name, pk in sweep_jobs(now=now):
        send(task_name, pk)
    _deliver_soon()
    sweep_deliveries(now=now)
    forget_workers(now=now)
    release_expired(now=now)
    release_expired_turns(now=now)
    tidy_samples(now=now)
    sweep_label_files(now=now)
    settle_feeds()
    for campaign in campaigns_to_measure():
        measure_disputes(campaign=campaign, now=now)


def _deliver_soon() -> None:
    """Have a worker send what is due, if anything is."""
    if to_send(timezone.now()).exists():
        send(DELIVER)
