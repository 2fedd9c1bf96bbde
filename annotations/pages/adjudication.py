"""Adjudication: the queue with its rule, and the page in which disputes are decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import ThreadmarkError
from annotations.models import Annotation, Campaign, Comment, Dispute, Membership
from annotations.pages.adjudication_forms import RuleForm, WantedForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import Page, page_of
from annotations.permissions import Access, access_campaign
from annotations.queue import enqueue
from annotations.selectors.care import warning_keys
from annotations.selectors.disputes import decided_disputes, decisions_on, queue_of, rule_run
from annotations.selectors.jobs import worker_alive
from annotations.services.disputes import measure_disputes
from annotations.services.jobs import cancel_job
from annotations.services.rules import RuleCount, count_settled, start_rule

DECIDED_SHOWN = 20
RUNS_SHOWN = 5
EXCERPT = 121


@dataclass(frozen=True)
class DecidedLine:
    """A decided unit as the list shows it; ``excerpt`` is empty where the text is covered."""

    dispute: Dispute
    decision: Annotation | None
    excerpt: str


@require_safe
@page
def adjudication(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.adjudicate")
    measure_disputes(campaign=access.campaign, now=timezone.now())
    return _queue_page(request, access)


@require_safe
@ensure_csrf_cookie
@page
def adjudication_desk(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.adjudicate")
    wanted = WantedForm(request.GET)
    wanted.is_valid()
    context = {"campaign": access.campaign, "wanted": wanted.cleaned_data}
    return render(request, "annotations/adjudication_desk.html", context)


@require_POST
@page
def new_rule(request: PageRequest, slug: str) -> HttpResponse:
    """Count what the rule would settle, or let it."""
    access = access_campaign(request.user, slug, "annotation.adjudicate")
    form = RuleForm(request.POST, campaign=access.campaign)
    if not form.is_valid():
        return _queue_page(request, access, rule_form=form, status=400)
    now = timezone.now()
    measure_disputes(campaign=access.campaign, now=now)
    try:
        if "count" in request.POST:
            counted = count_settled(campaign=access.campaign, rule=form.rule(), now=now)
            return _queue_page(request, access, rule_form=form, counted=counted)
        run = start_rule(membership=_own(access), rule=form.rule(), user=request.user, now=now)
    except ThreadmarkError as error:
        form.refuse(error)
        return _queue_page(request, access, rule_form=form, status=400)
    enqueue(run)
    messages.success(request, _("The rule is on its way: what it settled stands here."))
    return redirect("adjudication", slug=slug)


@require_POST
@page
def cancel_rule(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.adjudicate")
    cancel_job(job=rule_run(access.campaign, pk), now=timezone.now())
    messages.success(request, _("The rule stops. What it settled stays settled."))
    return redirect("adjudication", slug=slug)


def _queue_page(
    request: PageRequest,
    access: Access,
    *,
    rule_form: RuleForm | None = None,
    counted: RuleCount | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    decided = page_of(
        request,
        decided_disputes(access.campaign),
        key=("-decided_at", "-pk"),
        name="decided_",
        size=DECIDED_SHOWN,
    )
    runs = list(access.campaign.rule_runs.order_by("-pk")[:RUNS_SHOWN])
    context: dict[str, Any] = {
        "campaign": access.campaign,
        "access": access,
        "names_users": _own(access).role == Membership.Role.MANAGER,
        "queue": queue_of(access.campaign, now=now),
        "decided": decided,
        "lines": _lines(access.campaign, decided),
        "rule_form": rule_form or RuleForm(campaign=access.campaign),
        "counted": counted,
        "runs": runs,
        "waiting": any(not run.finished for run in runs),
        "worker_alive": worker_alive(now),
    }
    return render(request, "annotations/adjudication.html", context, status=status)


def _lines(campaign: Campaign, decided: Page[Dispute]) -> list[DecidedLine]:
    decisions = decisions_on([one.unit_id for one in decided])
    comments = [one.unit.comment for one in decided if one.unit.comment]
    warned = warning_keys(campaign.corpus, comments) if campaign.cover_content else {}

    def excerpt(comment: Comment | None) -> str:
        if comment is None or comment.status != Comment.Status.VISIBLE or warned.get(comment.pk):
            return ""
        return comment.text[:EXCERPT]

    return [
        DecidedLine(one, decisions.get(one.unit_id), excerpt(one.unit.comment)) for one in decided
    ]


def _own(access: Access) -> Membership:
    assert access.membership is not None
    access.membership.campaign = access.campaign
    return access.membership
