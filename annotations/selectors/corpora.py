"""What is in the corpora."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from annotations.models import Author, Comment, Corpus, Thread


@dataclass(frozen=True)
class CorpusNumbers:
    """How much a corpus holds. ``openings`` are articles and posts; ``missing`` comments exist
    at the source but not in the files; ``gone`` ones are only shown as gone."""

    threads: int
    openings: int
    comments: int
    gone: int
    authors: int
    missing: int


def corpus_numbers(corpus: Corpus) -> CorpusNumbers:
    is_comment = Q(kind=Comment.Kind.COMMENT)
    counts = Comment.objects.filter(corpus=corpus).aggregate(
        comments=Count("pk", filter=is_comment),
        openings=Count("pk", filter=~is_comment),
        gone=Count("pk", filter=~Q(status=Comment.Status.VISIBLE)),
    )
    threads = Thread.objects.filter(corpus=corpus).aggregate(
        threads=Count("pk"), missing=Sum("missing", default=0)
    )
    authors = Author.objects.filter(corpus=corpus).count()
    return CorpusNumbers(**counts, **threads, authors=authors)


def thread_counts(corpora: Iterable[Corpus]) -> dict[int, int]:
    """How many threads each of these corpora holds, by the corpus's id."""
    counts = Thread.objects.filter(corpus__in=[corpus.pk for corpus in corpora]).order_by()
    return dict(counts.values_list("corpus").annotate(Count("pk")))
