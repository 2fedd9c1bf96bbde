"""The page in which the labeling workspace runs."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from annotations.pages.page import PageRequest, page
from annotations.permissions import access_campaign


@require_safe
@ensure_csrf_cookie
@page
def label(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.write")
    return render(request, "annotations/label.html", {"campaign": access.campaign})
