"""Erasing a person: somebody with an account, or the author of comments of a corpus."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.errors import Conflict
from annotations.models import Author, Corpus, Erasure, User
from annotations.selectors.erasing import (
    campaigns_with_threads_of,
    erasure_preview,
    require_not_erased,
)
from annotations.services.audit import Act, note_act
from annotations.services.erased_account import GHOST, erase_account
from annotations.services.erased_author import erase_author
from annotations.services.label_files import forget_label_files
from annotations.services.taken_back import hold_corpora, take_back_attempts


@transaction.atomic
def erase_person(*, person: User | Author, by: User | None, now: datetime) -> Erasure:
    """Erase the person, all at once or not at all, and note that somebody was erased.

    Labels stay: an annotator's as those of A1, and those of an author's comments as labels of
    comments that are gone, which no dataset holds. ``selectors.erasing.erasure_preview`` tells
    what goes. After an author the caller starts a scan of the corpus. Raises Conflict for the last
    administrator, for one's own account, and for somebody who was erased already.
    """
    transaction.on_commit(forget_label_files)  # those who know the tag of one would still get it
    erasure = _account(person, by, now) if isinstance(person, User) else _author(person, by, now)
    note_act(act=Act.PERSON_ERASED, about=erasure, by=by, details={"kind": erasure.kind}, now=now)
    return erasure


def _account(user: User, by: User | None, now: datetime) -> Erasure:
    held = User.objects.select_for_update().filter(pk=user.pk).first()
    if held is None or held.username == GHOST:
        raise Conflict("This account was erased already.")
    if by is not None and by.pk == held.pk:
        raise Conflict("Nobody erases their own account here: ask another administrator.")
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=held.pk)
    if held.is_superuser and not others.exists():
        raise Conflict(f"{held.username} is the last administrator: name another one first.")
    counts = dict(erasure_preview(held).goes)
    campaigns = list(held.memberships.values_list("campaign", flat=True))
    hold_corpora(campaigns)
    take_back_attempts(campaigns)  # first: what is done by then is found below
    erase_account(user=held, now=now)
    return Erasure.objects.create(
        kind=Erasure.Kind.ACCOUNT, counts=counts, erased_by=by, erased_at=now
    )


def _author(author: Author, by: User | None, now: datetime) -> Erasure:
    # No import stores a batch, and no thread is put in order, while the corpus is held.
    corpus = Corpus.objects.select_for_update().get(pk=author.corpus_id)
    held = Author.objects.select_for_update(of=("self",)).select_related("corpus").get(pk=author.pk)
    require_not_erased(held)
    counts = dict(erasure_preview(held).goes)
    campaigns = list(campaigns_with_threads_of(held).values_list("pk", flat=True))
    take_back_attempts(campaigns)  # first: what is done by then is found below
    erase_author(author=held, now=now)
    return Erasure.objects.create(
        kind=Erasure.Kind.AUTHOR, corpus=corpus, counts=counts, erased_by=by, erased_at=now
    )
