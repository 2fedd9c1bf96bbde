"""Making corpora, and changing what is said of them."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Comment, Corpus
from annotations.services.audit import Act, note_act
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
    _check_author_names(author_names)
    try:
        with transaction.atomic():
            corpus = Corpus.objects.create(
                slug=slug,
                name=name or slug,
                description=description,
                licence=licence,
                author_names=author_names,
                created_at=now,
            )
            note_act(act=Act.CORPUS_MADE, about=corpus, now=now)
            return corpus
    except IntegrityError:
        raise Conflict(f"There is a corpus {slug!r} already: choose another slug.") from None


@transaction.atomic
def change_corpus(
    *,
    corpus: Corpus,
    name: str | None = None,
    description: str | None = None,
    licence: str | None = None,
    author_names: str | None = None,
    now: datetime,
) -> Corpus:
    """What the corpus says of itself, and how its authors appear; None stays as it is.

    Where its authors are named otherwise, all its comments change. Raises Conflict where names were
    stored, or dropped, and the opposite is asked for now: authors who are there could not be known
    again.
    """
    locked = Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    if author_names is not None:
        _check_author_names(author_names)
        _require_same_storing(locked, author_names)
    told = {"name": name, "description": description, "licence": licence}
    changed = {key: value for key, value in told.items() if value is not None}
    if author_names is not None:
        changed["author_names"] = author_names
    renamed = author_names not in (None, locked.author_names)
    for key, value in changed.items():
        setattr(locked, key, value)
    if changed:
        locked.save(update_fields=list(changed))
        note_act(
            act=Act.CORPUS_CHANGED, about=locked, details={"changed": sorted(changed)}, now=now
        )
    if renamed:
        comments = Comment.objects.filter(corpus=locked).order_by("pk")
        note_comments(
            corpus=locked, comments=comments.values_list("pk", flat=True).iterator(), now=now
        )
    return locked


def _check_author_names(author_names: str) -> None:
    if author_names not in Corpus.AuthorNames.values:
        known = ", ".join(Corpus.AuthorNames.values)
        raise InvalidInput(f"Author names are one of {known}, not {author_names!r}.")


def _require_same_storing(corpus: Corpus, author_names: str) -> None:
    dropped = Corpus.AuthorNames.DROPPED
    if (corpus.author_names == dropped) == (author_names == dropped):
        return
    if corpus.authors.exists():
        sentence = (
            f"{corpus.name} holds authors already: whether their names are stored was said when "
            "the corpus was made. Make another corpus and import into it."
        )
        raise Conflict(sentence, fields={"author_names": [sentence]})
