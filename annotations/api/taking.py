"""What the audit log is told of downloads."""

from __future__ import annotations

from django.db.models import Model
from django.utils import timezone
from rest_framework.request import Request

from annotations.services.audit import Details, note_act, note_seen


def note_taken(request: Request, *, act: str, about: Model, details: Details | None = None) -> None:
    """Somebody downloads this: each time, but once an hour where they read it by parts.

    A download that cannot be noted is not begun. Who only asks how large the file is takes
    nothing.
    """
    now = timezone.now()
    if "Range" in request.headers:
        note_seen(act=act, about=about, now=now)
    elif request.method != "HEAD":
        note_act(act=act, about=about, details=details, now=now)
