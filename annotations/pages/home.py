"""The first page: one's own work, and for those who run studies what is going on."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from annotations.models import Job
from annotations.pages.page import PageRequest, page
from annotations.permissions import readable_corpora
from annotations.selectors import home as found
from annotations.selectors.assignments import progress
from annotations.selectors.corpora import thread_counts
from annotations.selectors.jobs import worker_alive

UNFINISHED = {Job.State.QUEUED, Job.State.RUNNING}


@require_safe
@page
def home(request: PageRequest) -> HttpResponse:
    work = found.own_work(request.user)
    go_on = work[0] if work and work[0].can_go_on else None
    readable = readable_corpora(request.user)
    corpora = list(readable[: found.SHOWN])
    counts = thread_counts(corpora)
    imports = found.recent_imports(readable) if corpora else []
    exports = found.recent_exports(request.user)
    states = {run.state for run in imports} | {run.state for run in exports}
    context = {
        "work": work,
        "waits": found.waiting_for(request.user),
        "paused": found.paused_people(request.user),
        "go_on": go_on,
        "progress": progress(go_on.share.membership) if go_on else None,
        "corpora": [(corpus, counts.get(corpus.pk, 0)) for corpus in corpora],
        "imports": imports,
        "exports": exports,
        "codebooks": found.newest_codebooks(),
        "waiting": not UNFINISHED.isdisjoint(states),
        "worker_alive": worker_alive(timezone.now()),
    }
    return render(request, "annotations/home.html", context)
