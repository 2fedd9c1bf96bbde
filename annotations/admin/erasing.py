"""Erasing people: what goes and what stays is shown first, and a name is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from annotations.admin.confirming import Act, confirmed, is_confirmed, who
from annotations.admin.tables import ReadOnlyAdmin
from annotations.errors import ThreadmarkError
from annotations.models import Author, Erasure, User
from annotations.queue import enqueue
from annotations.selectors.erasing import comments_of, erasure_preview, require_not_erased
from annotations.services.erasing import erase_person
from annotations.services.texts import start_scan

MOST_COMMENTS = 5_000
FINAL = "Nothing undoes this, and a backup that was made before still holds the person."
LABELS_STAY = (
    "Labels stay, as those of A1 and so on: nobody can tell whose they were. Read below what goes "
    "and what stays."
)
PLACES_STAY = (
    "The places of their comments stay, empty, so that threads keep their shape. Files that are "
    "imported later bring nothing of them back."
)


class TypedName(forms.Form):
    typed = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, name: str, data: Any = None) -> None:
        super().__init__(data)
        self.name = name
        self.fields["typed"].label = f"Type {name} to erase them"

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed != self.name:
            raise ValidationError(f"Type {self.name}: nothing was erased.")
        return typed


class ErasesPeople(admin.ModelAdmin):  # type: ignore[type-arg]
    """A table of people, one of whom can be erased at a time."""

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Who may delete a row of this table."""
        return request.user.has_perm(f"{self.opts.app_label}.delete_{self.opts.model_name}")

    @admin.action(description="Erase this person", permissions=["erase"])
    def erase(self, request: HttpRequest, people: QuerySet[Any]) -> HttpResponse | None:
        chosen: list[User | Author] = list(people[:2])
        if len(chosen) != 1:
            messages.error(request, "People are erased one at a time: choose one.")
            return None
        (person,) = chosen
        try:
            _require_erasable(person)
        except ThreadmarkError as error:
            messages.error(request, error.message)
            return None
        return confirmed(self, request, people, _act(request, person), _erase_by(request))


def _require_erasable(person: User | Author) -> None:
    """Raises Conflict, and ThreadmarkError for what a request cannot wait for."""
    if isinstance(person, User):
        return
    require_not_erased(person)
    if comments_of(person)[MOST_COMMENTS:].exists():
        raise ThreadmarkError(
            f"{person.pseudonym} wrote more than {MOST_COMMENTS:,} comments, which takes longer "
            "than a page may: use `manage.py erase_person` on the server."
        )


def _act(request: HttpRequest, person: User | Author) -> Act:
    name = person.username if isinstance(person, User) else person.pseudonym
    preview = erasure_preview(person)
    releases = [
        (
            f"{release.campaign}: {release.title} {release.version}",
            reverse("admin:annotations_release_change", args=[release.pk]),
        )
        for release in preview.releases
    ]
    told = "Releases that may hold something of theirs: they keep their files until withdrawn"
    return Act(
        action="erase",
        title=f"Erase {name}?",
        sentences=(LABELS_STAY if isinstance(person, User) else PLACES_STAY, FINAL),
        tables=(("What goes", preview.goes), ("What stays", preview.stays)),
        links=((told, releases),) if releases else (),
        warnings=preview.warnings,
        button="Erase for good",
        done="erased",
        is_final=True,
        form=TypedName(name, request.POST if is_confirmed(request) else None),
    )


def _erase_by(request: HttpRequest) -> Any:
    def do(person: User | Author) -> Erasure:
        now = timezone.now()
        erasure = erase_person(person=person, by=who(request), now=now)
        if erasure.corpus is not None:
            enqueue(start_scan(corpus=erasure.corpus, user=who(request), now=now))
        return erasure

    return do


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """That people were erased; nobody can tell who."""

    list_display = ("id", "kind", "corpus", "erased_by", "erased_at")
    list_select_related = ("corpus", "erased_by")
    list_filter = ("kind",)
    search_fields = ("=corpus__slug", "=erased_by__username")
