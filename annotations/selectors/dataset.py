"""A campaign's labels in their threads, read from the database: the one source behind exports,
releases and the API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from msgspec import structs

from annotations.errors import Conflict, InvalidInput
from annotations.exporters.contents import KEEPS_NAMES_OUT, Contents
from annotations.exporters.dataset import Annotator, Dataset, Rows, Study
from annotations.exporters.rows import (
    AGGREGATED,
    AnnotationRow,
    AnswerRow,
    CommentRow,
    NamedRow,
    ThreadRow,
)
from annotations.models import (
    Aggregation,
    Annotation,
    Answer,
    Campaign,
    Codebook,
    Comment,
    CommentRevision,
    Consensus,
    Corpus,
    Membership,
    Question,
    Unit,
)
from annotations.samples.recipe import Recipe
from annotations.selectors.candidates import by_code_points, comments_that_fit, threads_that_fit
from annotations.selectors.codebook_facts import codebook_facts
from annotations.selectors.codebooks import questions_of
from annotations.selectors.named import People, mentioned_people, thread_authors
from annotations.selectors.snapshot import snapshot

AT_ONCE = 1_000
THREADS_AT_ONCE = 200
THREAD = ("pk", "source_id", "title", "url", "platform", "language", "started_at")
COMMENT = (
    *("pk", "thread_id", "source_id", "kind", "reply_to__source_id", "reply_to_source_id"),
    *("position", "depth", "author__name", "author__pseudonym", "posted_at", "language", "score"),
    *("text", "text_revision"),
)
ANNOTATION = (
    *("pk", "unit_id", "source", "membership__number", "model", "state", "revision", "saved_at"),
    *("submitted_at", "seconds", "confidence", "certainty", "flagged", "note", "skip_reason"),
    *("reason", "rule", "text_revision"),
)
ANSWER = (
    *("annotation_id", "question_id", "label_id", "number", "text", "start", "end", "quote"),
    "related__source_id",
)


class _Thread(NamedTuple):
    pk: int
    source_id: str
    title: str
    url: str
    platform: str
    language: str
    started_at: Any


class _Comment(NamedTuple):
    pk: int
    thread: int
    source_id: str
    kind: str
    parent: str | None
    parent_given: str
    position: int
    depth: int
    name: str | None
    pseudonym: str | None
    posted_at: Any
    language: str
    score: int | None
    text: str
    text_revision: int


class _Window(NamedTuple):
    """Threads, or the comments of one thread from position ``first`` to before ``last``."""

    threads: list[_Thread]
    first: int = 0
    last: int | None = None


def dataset_of(campaign: Campaign, contents: Contents) -> Dataset:
    """What the campaign's labels are now, by the choice ``contents``; each reading anew.

    Splits and privacy are not its matter. A reading sees the database as it was when it began,
    and raises Conflict where the campaign was recoded since this was called. Raises InvalidInput
    for an aggregation that there is not.
    """
    aggregation = _aggregation(campaign, contents)
    codebook = Codebook.objects.get(campaigns=campaign)
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


def exported_annotations(campaign: Campaign, contents: Contents | None = None) -> QuerySet[Any]:
    """All that was submitted or skipped in the layers chosen, by whomever; no drafts.

    A unit that was skipped because it harms is left out: somebody else labels it, and that it
    harmed is nobody's business. Units that train, test, check or repeat are in no dataset. What
    the source took back does not leave.
    """
    layers = (contents or Contents()).layers
    return (
        Annotation.objects.filter(
            Q(unit__comment=None) | Q(unit__comment__status=Comment.Status.VISIBLE),
            unit__campaign=campaign,
            unit__purpose=Unit.Purpose.STUDY,
            source__in=layers,
            harmful=False,
        )
        .exclude(state=Annotation.State.DRAFT)
        .order_by(F("membership__number").asc(nulls_last=True), "source", "model")
    )


def withheld_comments(campaign: Campaign) -> int:
    """How many comments of the sample do not leave, because their source took them back."""
    units = Unit.objects.filter(campaign=campaign, purpose=Unit.Purpose.STUDY)
    return (
        units.filter(comment__isnull=False).exclude(comment__status=Comment.Status.VISIBLE).count()
    )


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
            questions = questions_of(self.codebook.pk)
            self._questions = {one.pk: one for one in questions}
            self._labels = {
                label.pk: label.key for question in questions for label in question.labels.all()
            }
            shown = self.campaign.corpus.author_names == Corpus.AuthorNames.SHOWN
            self._shows_names = shown
            self._text_fits = self.contents.filters.text_fits()
            for window in _windows(self._threads()):
                yield from self._of_window(window)

    def _require_same_codebook(self) -> None:
        if not Campaign.objects.filter(pk=self.campaign.pk, codebook=self.codebook).exists():
            raise Conflict(
                f"{self.campaign.name} went on with another version of its codebook meanwhile: "
                "export again."
            )

    def _threads(self) -> Iterator[_Thread]:
        units = self._units().filter(thread=OuterRef("pk"))
        threads = threads_that_fit(self.campaign.corpus, self.contents.filters)
        threads = threads.filter(Exists(units)).order_by(by_code_points())
        return map(_Thread._make, threads.values_list(*THREAD).iterator(chunk_size=AT_ONCE))

    def _units(self) -> QuerySet[Unit]:
        """Those that the filters leave, but for filters of words."""
        recipe = self.contents.filters
        units = Unit.objects.filter(campaign=self.campaign, purpose=Unit.Purpose.STUDY)
        if recipe == Recipe():
            return units.filter(Q(comment=None) | Q(comment__status=Comment.Status.VISIBLE))
        fitting = Exists(comments_that_fit(Comment.objects.filter(pk=OuterRef("comment")), recipe))
        whole = Q(comment=None) if not recipe.reads_comments else Q(pk=None)
        return units.filter(whole | (Q(comment__isnull=False) & fitting))

    def _of_window(self, window: _Window) -> Rows:
        units = self._units_in(window)
        places = {comment: pk for pk, _, comment in units if comment}
        wholes = {thread: pk for pk, thread, comment in units if not comment}
        comments = self._comments(window, places)
        if self.contents.filters.reads_texts:
            kept = [one for one in comments if one.pk not in places or self._text_fits(one.text)]
            unfit = {one.pk for one in comments} - {one.pk for one in kept}
            if self.contents.context == "none":
                comments = kept
            places = {pk: unit for pk, unit in places.items() if pk not in unfit}
        said = self._annotations([pk for pk, _, _ in units], comments, places)
        authors, mentioned = self._people(window, comments)
        by_thread: dict[int, list[_Comment]] = {thread.pk: [] for thread in window.threads}
        for comment in comments:
            by_thread[comment.thread].append(comment)
        for thread in window.threads:
            found = by_thread[thread.pk]
            if window.first == 0:
                whole = said.get(wholes.get(thread.pk, 0), ())
                yield _thread_row(thread, whole, authors.get(thread.pk, ()))
            for comment in found:
                unit = places.get(comment.pk, 0)
                row = self._comment_row(comment, bool(unit), said.get(unit, ()))
                named = mentioned.get(comment.pk, ())
                yield structs.replace(row, named=named) if named else row

    def _people(self, window: _Window, comments: list[_Comment]) -> tuple[People, People]:
        """The authors of threads that begin in the window, and whom its comments mention."""
        if self.contents.privacy not in KEEPS_NAMES_OUT:
            return {}, {}
        shown = self._shows_names
        begin = [one.pk for one in window.threads] if window.first == 0 else []
        mentioned = mentioned_people([one.pk for one in comments], shows_names=shown)
        return thread_authors(begin, shows_names=shown), mentioned

    def _units_in(self, window: _Window) -> list[tuple[int, int, int | None]]:
        units = self._units().filter(thread__in=[one.pk for one in window.threads])
        if window.last is not None:
            inside = Q(comment__position__gte=window.first, comment__position__lt=window.last)
            units = units.filter(inside | Q(comment=None) if window.first == 0 else inside)
        return list(units.order_by("order").values_list("pk", "thread_id", "comment_id"))

    def _comments(self, window: _Window, places: dict[int, int]) -> list[_Comment]:
        comments = Comment.objects.filter(status=Comment.Status.VISIBLE)
        context = self.contents.context
        if context == "none":
            comments = comments.filter(pk__in=places)
        else:
            comments = comments.filter(thread__in=[one.pk for one in window.threads])
            if window.last is not None:
                comments = comments.filter(position__gte=window.first, position__lt=window.last)
            if context == "article":
                comments = comments.filter(~Q(kind=Comment.Kind.COMMENT) | Q(pk__in=places))
        rows = comments.order_by("thread", "position").values_list(*COMMENT)
        return list(map(_Comment._make, rows))

    def _annotations(
        self, units: list[int], comments: list[_Comment], places: dict[int, int]
    ) -> dict[int, tuple[AnnotationRow, ...]]:
        """What was said of each unit."""
        rows = list(
            exported_annotations(self.campaign, self.contents)
            .filter(unit__in=units)
            .values_list(*ANNOTATION)
        )
        by_unit = {places[one.pk]: one for one in comments if one.pk in places}
        texts = _earlier_texts(rows, by_unit)
        answers = self._answers([row[0] for row in rows])
        found: dict[int, list[AnnotationRow]] = {}
        for row in rows:
            comment = by_unit.get(row[1])
            text = texts.get((comment.pk, row[17])) if comment else None
            found.setdefault(row[1], []).append(
                self._annotation_row(row, tuple(answers.get(row[0], ())), text)
            )
        if self.aggregation is not None:
            for unit, consensus in self._consensus(units, by_unit).items():
                found.setdefault(unit, []).append(consensus)
        return {unit: tuple(said) for unit, said in found.items()}

    def _annotation_row(
        self, row: Sequence[Any], answers: tuple[AnswerRow, ...], text: str | None
    ) -> AnnotationRow:
        notes = self.contents.notes
        return AnnotationRow(
            source=row[2],
            annotator=f"A{row[3]}" if row[3] is not None else "",
            model=row[4],
            state=row[5],
            revision=row[6],
            saved_at=row[7],
            submitted_at=row[8],
            seconds=row[9],
            confidence=row[10],
            certainty=row[11],
            flagged=row[12],
            note=row[13] if notes else "",
            skip_reason=row[14],
            reason=row[15] if notes else "",
            rule=row[16],
            text=text,
            answers=answers,
        )

    def _answers(self, annotations: list[int]) -> dict[int, list[AnswerRow]]:
        rows = (
            Answer.objects.filter(annotation__in=annotations)
            .order_by("annotation", "question__position", "position")
            .values_list(*ANSWER)
        )
        found: dict[int, list[AnswerRow]] = {}
        for row in rows:
            question = self._questions[row[1]]
            found.setdefault(row[0], []).append(
                AnswerRow(
                    question=question.key,
                    kind=question.kind,
                    value=_value(self._labels.get(row[2]), row[3], row[4]),
                    start=row[5],
                    end=row[6],
                    quote=row[7],
                    related=row[8] or "",
                )
            )
        return found

    def _consensus(
        self, units: list[int], by_unit: dict[int, _Comment]
    ) -> dict[int, AnnotationRow]:
        assert self.aggregation is not None
        rows = (
            Consensus.objects.filter(aggregation=self.aggregation, unit__in=units)
            .order_by("unit", "question__position")
            .values_list("unit_id", "question_id", "value", "shares")
        )
        answers: dict[int, list[AnswerRow]] = {}
        shares: dict[int, dict[str, dict[str, float]]] = {}
        for unit, question_id, value, shared in rows:
            question = self._questions[question_id]
            text = by_unit[unit].text if unit in by_unit else ""
            answers.setdefault(unit, []).extend(_consensus_answers(question, value, text))
            told = shares.setdefault(unit, {})
            if shared:
                told[question.key] = {key: shared[key] for key in sorted(shared)}
        return {
            unit: AnnotationRow(
                source=AGGREGATED,
                model=self.aggregation.method,
                saved_at=None,
                answers=tuple(given),
                shares=shares[unit],
            )
            for unit, given in answers.items()
        }

    def _comment_row(
        self, comment: _Comment, sampled: bool, said: tuple[AnnotationRow, ...]
    ) -> CommentRow:
        name = comment.name if self._shows_names else ""
        return CommentRow(
            id=comment.source_id,
            kind=comment.kind,
            reply_to=comment.parent or comment.parent_given,
            position=comment.position,
            depth=comment.depth,
            author=name or comment.pseudonym or "",
            posted_at=comment.posted_at,
            language=comment.language,
            score=comment.score,
            text=comment.text,
            sampled=sampled,
            annotations=said,
        )


def _windows(threads: Iterator[_Thread]) -> Iterator[_Window]:
    """Threads by the thousand comments; one that has more, in parts."""
    some: list[_Thread] = []
    size = 0
    for thread, comments in _with_sizes(threads):
        if some and size + comments > AT_ONCE:
            yield _Window(some)
            some, size = [], 0
        if comments > AT_ONCE:
            yield from _parts(thread)
        else:
            some.append(thread)
            size += comments
    if some:
        yield _Window(some)


def _with_sizes(threads: Iterator[_Thread]) -> Iterator[tuple[_Thread, int]]:
    """Each thread with the number of its comments, the opening among them."""
    while some := list(islice(threads, THREADS_AT_ONCE)):
        comments = Comment.objects.filter(thread__in=[thread.pk for thread in some])
        sizes = dict(comments.values_list("thread").annotate(Count("pk")).order_by())
        for thread in some:
            yield thread, sizes.get(thread.pk, 0)


def _parts(thread: _Thread) -> Iterator[_Window]:
    last = Comment.objects.filter(thread=thread.pk).aggregate(last=Max("position"))["last"]
    for first in range(0, last + 1, AT_ONCE):
        yield _Window([thread], first, first + AT_ONCE)


def _aggregation(campaign: Campaign, contents: Contents) -> Aggregation | None:
    """The newest one that is done, by the method chosen. Raises InvalidInput."""
    if AGGREGATED not in contents.layers:
        return None
    done = campaign.aggregations.filter(method=contents.method, state=Aggregation.State.DONE)
    found: Aggregation | None = done.order_by("-id").first()
    if found is None:
        sentence = (
            f"{campaign.name} has no finished aggregation by {contents.method}: "
            "start one on its page Quality."
        )
        raise InvalidInput(sentence, fields={"method": [sentence]})
    return found


def _annotators(campaign: Campaign, contents: Contents) -> tuple[Annotator, ...]:
    """Who labeled; what they told of themselves only where they agreed and it is asked for."""
    labeled = exported_annotations(campaign, contents).filter(membership=OuterRef("pk"))
    members = Membership.objects.filter(Exists(labeled), campaign=campaign).order_by("number")
    return tuple(
        Annotator(
            name=member.pseudonym,
            role=member.role,
            traits=member.traits if contents.traits and member.traits_agreed_at else {},
        )
        for member in members
    )


def _earlier_texts(
    rows: list[tuple[Any, ...]], by_unit: dict[int, _Comment]
) -> dict[tuple[int, int], str]:
    """The texts, by comment and revision, of comments that changed after they were labeled."""
    changed = {
        by_unit[row[1]].pk
        for row in rows
        if row[1] in by_unit and by_unit[row[1]].text_revision != row[17]
    }
    if not changed:
        return {}
    revisions = CommentRevision.objects.filter(comment__in=changed)
    return {(revision.comment_id, revision.number): revision.text for revision in revisions}


def _thread_row(
    thread: _Thread, said: tuple[AnnotationRow, ...], named: tuple[NamedRow, ...]
) -> ThreadRow:
    return ThreadRow(
        id=thread.source_id,
        title=thread.title,
        url=thread.url,
        platform=thread.platform,
        language=thread.language,
        started_at=thread.started_at,
        annotations=said,
        named=named,
    )


def _value(label: str | None, number: float | None, text: str) -> str | int | float:
    if label is not None:
        return label
    if number is not None:
        return _whole(number)
    return text


def _consensus_answers(question: Question, value: Any, text: str) -> list[AnswerRow]:
    """None where no answer is ahead of the others; several for several labels or spans."""
    if value is None:
        return []
    key, kind = question.key, question.kind
    if kind == Question.Kind.SPAN:
        return [
            AnswerRow(
                question=key,
                kind=kind,
                value=span["label"] or "",
                start=span["start"],
                end=span["end"],
                quote=text[span["start"] : span["end"]],
            )
            for span in value
        ]
    several = value if isinstance(value, list) else [value]
    return [AnswerRow(question=key, kind=kind, value=_whole(one)) for one in several]


def _whole(value: str | float) -> str | int | float:
    return int(value) if isinstance(value, float) and value.is_integer() else value
