"""Webhooks of a campaign: made, changed, tried out, and what became of all that was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import ThreadmarkError
from annotations.models import Delivery, Webhook
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.pages.webhook_forms import WebhookForm
from annotations.permissions import Access, access_campaign
from annotations.queue import enqueue_deliveries
from annotations.selectors.jobs import worker_alive
from annotations.selectors.webhooks import deliveries_of, delivery_of, webhook_of, webhooks_of
from annotations.services import webhooks as service

SHOWN = 20
FILTERS: dict[str, Promise] = {
    "": gettext_lazy("All"),
    Delivery.State.WAITING: gettext_lazy("Waiting"),
    Delivery.State.DELIVERED: gettext_lazy("Delivered"),
    Delivery.State.FAILED: gettext_lazy("Given up"),
}


@require_safe
@page
def webhooks(request: PageRequest, slug: str) -> HttpResponse:
    return _list_page(request, access_campaign(request.user, slug, "campaign.manage"))


@never_cache
@require_POST
@page
def new_webhook(request: PageRequest, slug: str) -> HttpResponse:
    """The page with the secret on it: it is shown this once, so there is no redirect."""
    access = access_campaign(request.user, slug, "campaign.manage")
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            made = service.create_webhook(
                campaign=access.campaign,
                user=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            return _page_of(request, access, made, secret=made.secret)
    return _list_page(request, access, form=form, status=400)


@require_safe
@page
def webhook(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    access, found = _managed(request, slug, pk)
    return _page_of(request, access, found)


@require_POST
@page
def change_webhook(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    access, found = _managed(request, slug, pk)
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            service.change_webhook(webhook=found, **form.cleaned_data)
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The webhook is changed."))
            return redirect("webhook", slug=slug, pk=pk)
    return _page_of(request, access, found, form=form, status=400)


@never_cache
@require_POST
@page
def rotate_webhook(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """The page with the new secret on it, once."""
    access, found = _managed(request, slug, pk)
    changed = service.rotate_secret(webhook=found, now=timezone.now())
    return _page_of(request, access, changed, secret=changed.secret)


@require_POST
@page
def pause_webhook(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    def act(found: Webhook) -> str:
        service.pause_webhook(webhook=found, now=timezone.now())
        return _("The webhook is paused: what happens now waits until you resume it.")

    return _act(request, slug, pk, act)


@require_POST
@page
def resume_webhook(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    def act(found: Webhook) -> str:
        service.resume_webhook(webhook=found, now=timezone.now())
        return _("The webhook goes on: what waited is sent now.")

    return _act(request, slug, pk, act)


@require_POST
@page
def ping_webhook(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    def act(found: Webhook) -> str:
        service.ping_webhook(webhook=found, now=timezone.now())
        return _("A test is on its way: look at this page again in a moment.")

    return _act(request, slug, pk, act)


@require_POST
@page
def redeliver(request: PageRequest, slug: str, pk: int, delivery: int) -> HttpResponse:
    def act(found: Webhook) -> str:
        service.redeliver(delivery=delivery_of(found, delivery), now=timezone.now())
        return _("It is sent once more, under the same id.")

    return _act(request, slug, pk, act)


@require_POST
@page
def delete_webhook(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    _access, found = _managed(request, slug, pk)
    service.delete_webhook(webhook=found)
    messages.success(request, _("The webhook is gone, with all that was sent to it."))
    return redirect("webhooks", slug=slug)


def _managed(request: PageRequest, slug: str, pk: int) -> tuple[Access, Webhook]:
    access = access_campaign(request.user, slug, "campaign.manage")
    return access, webhook_of(access.campaign, pk)


def _act(request: PageRequest, slug: str, pk: int, act: Callable[[Webhook], str]) -> HttpResponse:
    """Do it, say so, and show the webhook again; what it refuses becomes a message."""
    access, found = _managed(request, slug, pk)
    try:
        messages.success(request, act(found))
    except ThreadmarkError as error:
        messages.error(request, error.message)
    enqueue_deliveries(access.campaign)
    return redirect("webhook", slug=slug, pk=pk)


def _list_page(
    request: PageRequest, access: Access, *, form: WebhookForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "campaign": access.campaign,
        "access": access,
        "webhooks": [(one, _events_of(one)) for one in webhooks_of(access.campaign)],
        "form": form or WebhookForm(initial={"events": service.EVENTS}),
    }
    return render(request, "annotations/webhooks.html", context, status=status)


def _page_of(
    request: PageRequest,
    access: Access,
    found: Webhook,
    *,
    form: WebhookForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    state = request.GET.get("state", "")
    rows = deliveries_of(found).prefetch_related("log")
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    deliveries = page_of(request, rows, key="-pk", size=SHOWN)
    context: dict[str, Any] = {
        "campaign": access.campaign,
        "access": access,
        "webhook": found,
        "events": _events_of(found),
        "form": form or WebhookForm.of(found),
        "secret": secret,
        "deliveries": deliveries,
        "filters": [(value, words, value == state) for value, words in FILTERS.items()],
        "waiting": any(one.state == Delivery.State.WAITING for one in deliveries),
        "worker_alive": worker_alive(timezone.now()),
    }
    return render(request, "annotations/webhook.html", context, status=status)


def _events_of(webhook: Webhook) -> list[Promise | str]:
    return [Webhook.Event(event).label for event in webhook.events]
