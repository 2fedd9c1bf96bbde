"""Making corpora, and changing what is said of them."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Comment, Corpus
from annotations.services.changes import note_comments


def require_free_word(slug: str) -> None:
    """Raises InvalidInput for a slug that is a word of the addresses."""
    if slug == "new":
        raise InvalidInput("“new” is a word of the addresses: choose another slug.")


def create_corpus(
    *,
    slug: str,
    name: str = "",
    description: str = "",
    licence: str = "",
    author_names: str = Corpus.AuthorNames.PSEUDONYM,
    now: datetime,
) -> Corpus:
    """An empty corpus. Raises Conflict if the slug is taken, InvalidInput if it cannot be one."""
    require_free_word(slug)
    if author_names not in Corpus.AuthorNames.values:
        known = ", ".join(Corpus.AuthorNames.values)
        raise InvalidInput(f"Author names are one of {known}, not {author_names!r}.")
    try:
        with transaction.atomic():
            return Corpus.objects.create(
                slug=slug,
                name=name or slug,
                description=description,
                licence=licence,
                author_names=author_names,
                created_at=now,
            )
    except IntegrityError:
        raise Conflict(f"There is a corpus {slug!r} already: choose another slug.") from None


@transaction.atomic
def change_corpus(
    *, corpus: Corpus, name: str, description: str, licence: str, author_names: str, now: datetime
) -> None:
    """What is said of the corpus. Where its authors are named otherwise, all comments change."""
    before = Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk).author_names
    corpus.name, corpus.description, corpus.licence = name, description, licence
    corpus.author_names = author_names
    corpus.save(update_fields=["name", "description", "licence", "author_names"])
    if author_names != before:
        comments = Comment.objects.filter(corpus=corpus).order_by("pk")
        note_comments(
            corpus=corpus, comments=comments.values_list("pk", flat=True).iterator(), now=now
        )
