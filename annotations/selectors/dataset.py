"""A campaign's labels in their threads, read from the database: the one source behind exports,
releases and the API."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, OuterRef
from msgspec import structs

from annotations.errors import Conflict
from annotations.exporters.contents import Contents
from annotations.exporters.dataset import Annotator, Dataset, Rows, Study
from annotations.exporters.rows import CommentRow, NamedRow, ThreadRow
from annotations.models import Aggregation, Campaign, Codebook, Membership, Unit
from annotations.selectors.codebook_facts import codebook_facts
from annotations.selectors.dataset_annotations import ByUnit, Said, exported_annotations
from annotations.selectors.dataset_comments import FoundComment, FoundComments
from annotations.selectors.dataset_consensus import chosen_aggregation
from annotations.selectors.dataset_threads import THREADS_AT_ONCE, FoundThread, FoundThreads
from annotations.selectors.recipe_conditions import require_known
from annotations.selectors.snapshot import snapshot
from annotations.selectors.traits import leaving_traits

COMMENTS_AT_ONCE = 1_000
ANNOTATIONS_AT_ONCE = 5_000


def dataset_of(campaign: Campaign, contents: Contents) -> Dataset:
    """What the campaign's labels are now, by the choice ``contents``; each reading anew.

    Splits and privacy are not its matter. A reading sees the database as it was when it began,
    and raises Conflict where the campaign was recoded since this was called. Raises InvalidInput
    for an aggregation that there is not, or a filter that names a campaign that there is not.
    """
    require_known(campaign.corpus, contents.filters)
    codebook = Codebook.objects.get(campaigns=campaign)
    aggregation = chosen_aggregation(campaign, codebook, contents)
    study = Study(
        campaign=campaign.slug,
        name=campaign.name,
        description=campaign.description,
        corpus=campaign.corpus.slug,
        corpus_name=campaign.corpus.name,
        corpus_licence=campaign.corpus.licence,
        codebook=codebook_facts(codebook),
        contents=contents,
        method=aggregation.method if aggregation else "",
        method_seed=aggregation.seed if aggregation else None,
        annotators=_annotators(campaign, contents),
    )
    return Dataset(study, lambda: _Reader(campaign, codebook, contents, aggregation).rows())


@dataclass
class _Reader:
    campaign: Campaign
    codebook: Codebook
    contents: Contents
    aggregation: Aggregation | None

    def rows(self) -> Rows:
        """Holds a transaction open until it is read to its end or closed."""
        with snapshot():
            self._require_same_codebook()
            said = Said(self.campaign, self.codebook, self.contents, self.aggregation)
            comments = FoundComments(self.campaign, self.contents, self._units_at_once())
            threads = FoundThreads(self.campaign, self.contents.filters).found()
            while some := list(islice(threads, THREADS_AT_ONCE)):
                yield from _of_threads(some, comments, said)

    def _require_same_codebook(self) -> None:
        if not Campaign.objects.filter(pk=self.campaign.pk, codebook=self.codebook).exists():
            raise Conflict(
                f"{self.campaign.name} went on with another version of its codebook meanwhile: "
                "export again."
            )

    def _units_at_once(self) -> int:
        """Fewer where many label each unit, so that as much is held at once."""
        units = Unit.objects.filter(campaign=self.campaign, purpose=Unit.Purpose.STUDY).count()
        annotations = exported_annotations(self.campaign, self.contents).count()
        return max(1, min(COMMENTS_AT_ONCE, ANNOTATIONS_AT_ONCE * units // max(annotations, 1)))


def _of_threads(threads: list[FoundThread], comments: FoundComments, said: Said) -> Rows:
    """Both come in the same order: a thread's row stands before the first of its comments."""
    of_threads = said.of_threads(thread.unit for thread in threads if thread.unit)
    waiting = deque(threads)
    current = 0
    for some in comments.in_order([thread.pk for thread in threads]):
        of_comments = said.of_comments(some)
        mentioned = comments.mentioned(some)
        for comment in some:
            while current != comment.thread:
                thread = waiting.popleft()
                current = thread.pk
                yield _thread_row(thread, of_threads, comments.authors(current))
            row = _comment_row(comment, comments.author(comment), of_comments)
            named = mentioned.get(comment.pk)
            yield structs.replace(row, named=named) if named else row
    for thread in waiting:
        yield _thread_row(thread, of_threads, comments.authors(thread.pk))


def _thread_row(thread: FoundThread, said: ByUnit, named: tuple[NamedRow, ...]) -> ThreadRow:
    return ThreadRow(
        id=thread.source_id,
        title=thread.title,
        url=thread.url,
        platform=thread.platform,
        language=thread.language,
        started_at=thread.started_at,
        annotations=said.get(thread.unit or 0, ()),
        named=named,
    )


def _comment_row(comment: FoundComment, author: str, said: ByUnit) -> CommentRow:
    return CommentRow(
        id=comment.source_id,
        kind=comment.kind,
        reply_to=comment.parent or comment.parent_given,
        position=comment.position,
        depth=comment.depth,
        author=author,
        posted_at=comment.posted_at,
        language=comment.language,
        score=comment.score,
        text=comment.text,
        sampled=comment.unit is not None,
        annotations=said.get(comment.unit or 0, ()),
    )


def _annotators(campaign: Campaign, contents: Contents) -> tuple[Annotator, ...]:
    """Who labeled; what they told of themselves only where they agreed and it is asked for."""
    labeled = exported_annotations(campaign, contents).filter(membership=OuterRef("pk"))
    members = Membership.objects.filter(Exists(labeled), campaign=campaign).order_by("number")
    return tuple(
        Annotator(
            name=member.pseudonym,
            role=member.role,
            traits=leaving_traits(campaign, member) if contents.traits else {},
        )
        for member in members
    )
