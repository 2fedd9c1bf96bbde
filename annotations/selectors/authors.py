"""How an author is named to somebody who may read the corpus."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.models import Author, Comment, Corpus, User
from annotations.permissions import readable_corpora


def shown_name(author: Author | None, corpus: Corpus) -> str:
    """The name where the corpus shows names and the source gave one, else the pseudonym.

    Empty for a comment without an author.
    """
    if author is None:
        return ""
    if corpus.author_names == Corpus.AuthorNames.SHOWN and author.name:
        return author.name
    return author.pseudonym


def readable_authors(user: User) -> QuerySet[Author]:
    """Those in the corpora that the user may read, each with how many ``comments`` they wrote."""
    wrote = Comment.objects.filter(author=OuterRef("pk")).order_by().values("author")
    counted = Subquery(wrote.annotate(count=Count("pk")).values("count"), IntegerField())
    authors = Author.objects.filter(corpus__in=readable_corpora(user)).select_related("corpus")
    return authors.annotate(comments_written=Coalesce(counted, 0))


def authors_shown_as(authors: QuerySet[Author], name: str) -> QuerySet[Author]:
    """Those of them who are shown by this name."""
    named = Q(name=name, corpus__author_names=Corpus.AuthorNames.SHOWN)
    return authors.filter(Q(pseudonym=name) | named)
