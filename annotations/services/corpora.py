"""Making corpora."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Corpus


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
