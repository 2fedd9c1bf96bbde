"""What a corpus warns of: its categories, its rules, and how many comments they are about."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from annotations.errors import NotFound
from annotations.models import Comment, ContentCategory, ContentRule, ContentWarning, Corpus, User
from annotations.permissions import readable_corpora

ORPHANS_AT_ONCE = 1000


@dataclass(frozen=True)
class CorpusContent:
    """``of_all`` are the categories that every comment carries; ``counts`` tells how many comments
    carry each category by themselves."""

    of_all: list[ContentCategory]
    counts: list[tuple[ContentCategory, int]]


def corpus_content(corpus: Corpus) -> CorpusContent:
    return CorpusContent(
        of_all=list(corpus.content_categories.all()), counts=warning_counts(corpus)
    )


def rules_of(corpus: Corpus) -> QuerySet[ContentRule]:
    """The rules, each with ``warned``: how many comments it warns of."""
    rules = ContentRule.objects.filter(corpus=corpus).select_related("category")
    return rules.annotate(warned=Count("warnings")).order_by("pk")


def warning_counts(corpus: Corpus) -> list[tuple[ContentCategory, int]]:
    """How many comments carry each category that any carries."""
    warnings = ContentWarning.objects.filter(comment__corpus=corpus).order_by()
    counts = dict(warnings.values_list("category").annotate(Count("pk")))
    found = ContentCategory.objects.filter(pk__in=counts)
    return [(category, counts[category.pk]) for category in found]


def rule_of(corpus: Corpus, pk: int) -> ContentRule:
    """Raises NotFound."""
    rule = ContentRule.objects.filter(corpus=corpus, pk=pk).first()
    if rule is None:
        raise NotFound(f"There is no rule {pk} in {corpus.name}.")
    return rule


def warned_comment(user: User, pk: int) -> Comment:
    """The comment with its warnings. Raises NotFound where the user may not read the corpus."""
    comment = (
        Comment.objects.filter(pk=pk, corpus__in=readable_corpora(user))
        .select_related("corpus", "thread", "author")
        .defer("raw", "html", "thread__raw")
        .prefetch_related("warnings__category")
        .first()
    )
    if comment is None:
        raise NotFound(f"There is no comment {pk} that you may read.")
    return comment


def readable_warnings(user: User) -> QuerySet[ContentWarning]:
    """Those of comments in the corpora that the user may read."""
    readable = ContentWarning.objects.filter(comment__corpus__in=readable_corpora(user))
    return readable.select_related("category")


def orphaned(corpus: Corpus) -> QuerySet[ContentWarning]:
    """Some of the warnings whose rule was taken away."""
    lost = ContentWarning.objects.filter(
        basis=ContentWarning.Basis.RULE, rule__isnull=True, comment__corpus=corpus
    )
    some = list(lost.order_by("pk").values_list("pk", flat=True)[:ORPHANS_AT_ONCE])
    return ContentWarning.objects.filter(pk__in=some)
