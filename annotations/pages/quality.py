"""The quality of a campaign's labels: figures of agreement, and one answer from many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import Conflict, InvalidInput, NotFound
from annotations.models import Aggregation, AgreementRun, Thread
from annotations.pages import quality_tables as tables
from annotations.pages.competence import competence_of_people, competence_table
from annotations.pages.figures import Table, csv_stream
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.pages.quality_words import in_titles
from annotations.permissions import Access, access_campaign
from annotations.queue import enqueue
from annotations.selectors.codebooks import titles_of
from annotations.selectors.jobs import worker_alive
from annotations.selectors.quality import (
    consensus_rows,
    labels_since,
    newest_aggregation,
    newest_agreement,
    newest_figures,
    threads_by_id,
)
from annotations.selectors.readable import readable_aggregation, readable_agreement
from annotations.services.aggregation import start_aggregation
from annotations.services.agreement import start_agreement
from annotations.services.audit import Act, note_act
from annotations.services.jobs import cancel_job

Result = dict[str, Any]
AT_ONCE = 2_000


class MethodForm(PageForm):
    method = forms.ChoiceField(choices=Aggregation.Method.choices)


@require_safe
@page
def quality(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.read_all")
    campaign = access.campaign
    newest, done = newest_agreement(campaign), newest_figures(campaign)
    results = _questions(done)
    threads = _threads(results)
    runs = page_of(
        request, campaign.aggregations.defer("result"), key="-pk", name="aggregation_", size=10
    )
    aggregation = newest_aggregation(campaign)
    titles = titles_of(campaign.codebook.key, campaign.codebook.version)
    decide = reverse("adjudication_desk", args=[slug]) if _may_decide(access) else ""
    context = {
        "campaign": campaign,
        "access": access,
        "may_manage": access.may("campaign.manage"),
        "newest": newest,
        "run": done,
        "since": labels_since(campaign, done.started_at if done else None),
        "overview": tables.overview(results),
        "questions": [
            tables.question_panels(in_titles(one, titles), threads, decide) for one in results
        ],
        "files": [(name, make([]).title) for name, make in FILES.items()]
        + [("threads", _("Threads"))],
        "aggregations": runs,
        "aggregation": aggregation,
        "competence": competence_of_people(aggregation.result if aggregation else {}, titles),
        "methods": Aggregation.Method.choices,
        "waiting": _waits(newest) or any(not one.finished for one in runs),
        "worker_alive": worker_alive(timezone.now()),
    }
    return render(request, "annotations/quality.html", context)


@require_safe
@page
def quality_file(request: PageRequest, slug: str, name: str) -> HttpResponse:
    """The numbers behind a plot, of the newest figures, for all questions together."""
    access = access_campaign(request.user, slug, "annotation.read_all")
    if name == "competence":
        newest = newest_aggregation(access.campaign)
        return competence_table(newest.result if newest else {}).file()
    results = _questions(newest_figures(access.campaign))
    if name == "threads":
        return tables.threads_table(results, _threads(results)).file()
    make = FILES.get(name)
    if make is None:
        known = ", ".join(sorted({*FILES, "threads", "competence"}))
        raise NotFound(f"There is no table {name!r} here; there are {known}.")
    return make(results).file()


FILES: dict[str, Callable[[list[Result]], Table]] = {
    "figures": tables.figures_table,
    "prevalence": tables.prevalence_table,
    "pairs": tables.pairs_table,
    "gold": tables.gold_table,
    "models": tables.models_table,
    "repeats": tables.repeats_table,
    "depths": tables.depths_table,
}


@require_POST
@page
def new_agreement(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.read_all")
    run = start_agreement(campaign=access.campaign, user=request.user, now=timezone.now())
    enqueue(run)
    messages.success(request, _("The figures are computed: they stand here when it is done."))
    return redirect("quality", slug=slug)


@require_POST
@page
def cancel_agreement(request: PageRequest, pk: int) -> HttpResponse:
    run = cancel_job(job=readable_agreement(request.user, pk), now=timezone.now())
    messages.success(request, _("It is cancelled.") if run.finished else _("It will stop soon."))
    return redirect("quality", slug=run.campaign.slug)


@require_POST
@page
def new_aggregation(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = MethodForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose a method by which the labels are made into one answer.")
    run = start_aggregation(
        campaign=access.campaign, **form.cleaned_data, user=request.user, now=timezone.now()
    )
    enqueue(run)
    messages.success(request, _("One answer from many is on its way; the labels stay."))
    return redirect("quality", slug=slug)


@require_POST
@page
def cancel_aggregation(request: PageRequest, pk: int) -> HttpResponse:
    run = readable_aggregation(request.user, pk)
    access_campaign(request.user, run.campaign.slug, "campaign.manage")
    run = cancel_job(job=run, now=timezone.now())
    messages.success(request, _("It is cancelled.") if run.finished else _("It will stop soon."))
    return redirect("quality", slug=run.campaign.slug)


@require_safe
@page
def consensus_file(request: PageRequest, pk: int) -> StreamingHttpResponse:
    """The answers of an aggregation, streamed."""
    run = readable_aggregation(request.user, pk)
    if run.state != Aggregation.State.DONE:
        raise Conflict(f"The {run} is {run.state}: it has no answers yet.")
    note_act(act=Act.LABELS_TAKEN, about=run, now=timezone.now())
    keys = ("thread_id", "comment_id", "question", "value", "median", "shares")
    return csv_stream(f"{run.campaign.slug}-{run.method}-{run.pk}", keys, _consensus(run))


def _consensus(run: Aggregation) -> Iterator[tuple[Any, ...]]:
    for row in consensus_rows(run).iterator(AT_ONCE):
        value = row.value
        if isinstance(value, list):
            value = json.dumps(value, ensure_ascii=False, sort_keys=True)
        comment = row.unit.comment.source_id if row.unit.comment else ""
        shares = json.dumps(row.shares, ensure_ascii=False, sort_keys=True)
        yield row.unit.thread.source_id, comment, row.question.key, value, row.median, shares


def _questions(run: AgreementRun | None) -> list[Result]:
    return list(run.result.get("questions", ())) if run else []


def _threads(results: list[Result]) -> dict[int, Thread]:
    return threads_by_id({one["thread"] for result in results for one in result["threads"]})


def _may_decide(access: Access) -> bool:
    """Staff without a role in the campaign decide nothing."""
    return access.membership is not None and access.may("annotation.adjudicate")


def _waits(run: AgreementRun | None) -> bool:
    return run is not None and not run.finished
