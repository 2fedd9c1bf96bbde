"""The texts of a corpus as their authors' own words, and what a scan found in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf.locale import LANG_INFO
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, gettext_lazy

from annotations.errors import NotFound
from annotations.models import (
    Comment,
    CommentRelation,
    Corpus,
    DuplicateGroup,
    DuplicateMember,
    TextScan,
    Thread,
)
from annotations.selectors.jobs import worker_alive
from annotations.texts.language import UNDETERMINED
from annotations.texts.words import without_quoted

READ_AT_ONCE = 1000
LARGEST = 5
LANGUAGES_SHOWN = 8
MEMBERS_SHOWN = 10
_NAMES = {
    UNDETERMINED: gettext_lazy("Not told"),
    "no": gettext_lazy("Norwegian"),
    "zh": gettext_lazy("Chinese"),
}
_FIELDS = (
    *("pk", "text", "text_revision", "blocks", "language"),
    *("thread_id", "author_id", "source_id", "posted_at"),
)


@dataclass(frozen=True, slots=True)
class OwnText:
    """What the author of a comment wrote, without what is quoted in it."""

    comment: int
    text: str
    revision: int
    language: str
    thread: int
    author: int | None
    source_id: str
    posted_at: datetime | None


@dataclass(frozen=True)
class LanguageCount:
    code: str
    name: str
    count: int


@dataclass(frozen=True)
class CorpusTexts:
    """What is known of a corpus's texts. ``scan`` is the newest look at them, ended or not.

    ``languages`` are those of the last look that came to its end, the most frequent first;
    ``groups`` are the largest groups of near-duplicates.
    """

    languages: list[LanguageCount]
    groups: list[DuplicateGroup]
    scan: TextScan | None
    worker_alive: bool

    @property
    def other_languages(self) -> int:
        """How many comments are in languages beyond the first eight."""
        return sum(language.count for language in self.languages[LANGUAGES_SHOWN:])

    @property
    def waiting(self) -> bool:
        return self.scan is not None and not self.scan.finished


def corpus_texts(corpus: Corpus, *, now: datetime) -> CorpusTexts:
    """Costs the same for every size of corpus."""
    scans = TextScan.objects.filter(corpus=corpus).order_by("-pk")
    done = scans.filter(state=TextScan.State.DONE).first()
    return CorpusTexts(
        languages=language_counts(done) if done else [],
        groups=list(duplicate_groups(corpus).order_by("rank")[:LARGEST]),
        scan=scans.first(),
        worker_alive=worker_alive(now),
    )


def language_counts(scan: TextScan) -> list[LanguageCount]:
    """The languages that the scan counted, the most frequent first."""
    counts = sorted(scan.languages.items(), key=lambda one: (-one[1], one[0]))
    return [LanguageCount(code, language_name(code), count) for code, count in counts]


def language_name(code: str) -> str:
    """The language's name, in the language of the page; the code where no name is known."""
    if code in _NAMES:
        return str(_NAMES[code])
    known = LANG_INFO.get(code, {}).get("name")
    return gettext(known) if known else code


def duplicate_groups(corpus: Corpus) -> QuerySet[DuplicateGroup]:
    """With their examples."""
    groups = DuplicateGroup.objects.filter(corpus=corpus).select_related("example")
    return groups.defer("example__raw", "example__html", "example__blocks", "example__links")


def first_members(groups: Iterable[DuplicateGroup]) -> dict[int, list[DuplicateMember]]:
    """The first ten members of each group, by the group's id."""
    first = _members().filter(group__in=list(groups), position__lt=MEMBERS_SHOWN)
    found: dict[int, list[DuplicateMember]] = {}
    for member in first.order_by("group", "position"):
        found.setdefault(member.group_id, []).append(member)
    return found


def duplicate_group(corpus: Corpus, rank: int) -> DuplicateGroup:
    """Raises NotFound."""
    group = duplicate_groups(corpus).filter(rank=rank).first()
    if group is None:
        raise NotFound(f"There is no group {rank} of near-duplicates in {corpus.name}.")
    return group


def members_of(group: DuplicateGroup) -> QuerySet[DuplicateMember]:
    return _members().filter(group=group)


def _members() -> QuerySet[DuplicateMember]:
    """With their comments and threads, as far as a line about them shows those."""
    unread = ("raw", "html", "blocks", "links", "thread__raw")
    return DuplicateMember.objects.select_related("comment__thread", "comment__author").defer(
        *(f"comment__{name}" for name in unread)
    )


def get_scan(pk: int) -> TextScan:
    """Raises NotFound."""
    scan = TextScan.objects.select_related("corpus").filter(pk=pk).first()
    if scan is None:
        raise NotFound(f"There is no scan {pk}.")
    return scan


def visible_comments(corpus: Corpus) -> QuerySet[Comment]:
    return Comment.objects.filter(corpus=corpus, status=Comment.Status.VISIBLE)


def own_texts(corpus: Corpus) -> Iterator[list[OwnText]]:
    """The visible texts of the corpus, openings too, some at a time, in the order of their ids.

    No cursor stays open between two batches, so the caller may write.
    """
    last = 0
    while batch := _read(visible_comments(corpus).filter(pk__gt=last)):
        yield batch
        last = batch[-1].comment


def own_texts_of(pks: Collection[int]) -> list[OwnText]:
    """Those of these comments, at most 1,000, that are still visible."""
    return _read(Comment.objects.filter(pk__in=pks, status=Comment.Status.VISIBLE))


def common_language() -> Coalesce:
    """For a query over threads: the language of most comments, "und" where none could be told.

    Of two that are as frequent the first by its code.
    """
    detected = Comment.objects.filter(thread=OuterRef("pk"), status=Comment.Status.VISIBLE).exclude(
        language=""
    )
    counted = detected.values("language").annotate(
        told=Count("pk", filter=~Q(language=UNDETERMINED))
    )
    ranked = counted.order_by("-told", "language").values("language")[:1]
    return Coalesce(Subquery(ranked), Value(""))


def threads_after(corpus: Corpus, pk: int, count: int) -> list[int]:
    threads = Thread.objects.filter(corpus=corpus, pk__gt=pk).order_by("pk")
    return list(threads.values_list("pk", flat=True)[:count])


def _read(comments: QuerySet[Comment]) -> list[OwnText]:
    found = list(comments.order_by("pk").only(*_FIELDS)[:READ_AT_ONCE])
    quoted = _quoted(found)
    return [
        OwnText(
            comment=comment.pk,
            text=without_quoted(comment.text, quoted.get(comment.pk, ())),
            revision=comment.text_revision,
            language=comment.language,
            thread=comment.thread_id,
            author=comment.author_id,
            source_id=comment.source_id,
            posted_at=comment.posted_at,
        )
        for comment in found
    ]


def _quoted(comments: list[Comment]) -> dict[int, list[tuple[int, int]]]:
    """The ranges of each text that are others' words: quotes of comments, and quote blocks."""
    ranges: dict[int, list[tuple[int, int]]] = {}
    for comment in comments:
        for block in comment.blocks:
            if block["kind"] == "quote":
                ranges.setdefault(comment.pk, []).append((block["start"], block["end"]))
    quotes = CommentRelation.objects.filter(
        comment__in=[comment.pk for comment in comments], kind=CommentRelation.Kind.QUOTE
    )
    for pk, start, end in quotes.order_by().values_list("comment", "start", "end"):
        ranges.setdefault(pk, []).append((start, end))
    return ranges
