"""What is true of a campaign beside its dataset, for a release that is frozen now."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from annotations.exporters.contents import Contents
from annotations.models import (
    AgreementRun,
    Campaign,
    Comment,
    ContentCategory,
    Ruling,
    Sample,
    Unit,
)
from annotations.releases.agreement import figures
from annotations.releases.facts import Circumstances, ContentWarned, Drawn
from annotations.selectors.care import corpus_keys
from annotations.selectors.dataset_consensus import chosen_aggregation
from annotations.selectors.dataset_facts import (
    is_of_codebook,
    labels_after,
    withheld_comments,
)
from annotations.selectors.dataset_threads import units_that_fit
from annotations.selectors.quality import newest_figures
from annotations.selectors.recipe_conditions import threads_that_fit

READ_AT_ONCE = 2_000
PURPOSES = (Unit.Purpose.TRAINING, Unit.Purpose.TEST, Unit.Purpose.CHECK)


def circumstances(campaign: Campaign, contents: Contents) -> Circumstances:
    """Of the campaign as it is now. Read it in one snapshot with the rows."""
    rulings = _rulings(campaign)
    agreement = _agreement(campaign)
    aggregation = chosen_aggregation(campaign, campaign.codebook, contents)
    tells_them = contents.privacy == "full"
    return Circumstances(
        labels_each=campaign.overlap,
        context=campaign.context,
        order=campaign.order,
        withheld=withheld_comments(campaign),
        warnings=tuple(_warned(campaign, contents)),
        samples=tuple(_drawn(campaign)),
        rulings=rulings if tells_them else (),
        rulings_kept_back=0 if tells_them else len(rulings),
        agreement=figures(agreement.result) if agreement else {},
        known=_known(campaign),
        newer_than_agreement=labels_after(campaign, agreement) if agreement else 0,
        newer_than_aggregation=labels_after(campaign, aggregation) if aggregation else 0,
    )


def _rulings(campaign: Campaign) -> tuple[str, ...]:
    """The first one first. They are written on comments, so they may quote and name."""
    found = Ruling.objects.filter(campaign=campaign).order_by("pk")
    return tuple(found.values_list("text", flat=True))


def _warned(campaign: Campaign, contents: Contents) -> Iterator[ContentWarned]:
    """The kinds of content of which a comment in the data is warned, or the whole corpus."""
    everywhere = set(corpus_keys(campaign.corpus))
    for category in ContentCategory.objects.all():
        count = _count_warned(campaign, contents, category)
        if count or category.key in everywhere:
            yield ContentWarned(
                key=category.key,
                title=category.title,
                comments=count,
                everywhere=category.key in everywhere,
            )


def _count_warned(campaign: Campaign, contents: Contents, category: ContentCategory) -> int:
    recipe = contents.filters
    threads = threads_that_fit(campaign.corpus, recipe)
    units = units_that_fit(campaign, recipe).filter(thread__in=threads)
    comments = Comment.objects.filter(
        pk__in=units.values("comment"), warnings__category=category
    ).order_by()
    if not recipe.reads_texts:
        return comments.count()
    texts = comments.values_list("text", flat=True)
    return sum(map(recipe.text_fits(), texts.iterator(chunk_size=READ_AT_ONCE)))


def _drawn(campaign: Campaign) -> Iterator[Drawn]:
    """What came of each drawing, the first one first."""
    for sample in Sample.objects.filter(campaign=campaign, drawn_at__isnull=False).order_by("pk"):
        yield Drawn(
            kind=sample.kind,
            recipe=sample.recipe,
            candidates=sample.candidates,
            units=sample.units,
        )


def _known(campaign: Campaign) -> dict[str, int]:
    """By purpose, as far as there are any."""
    units = Unit.objects.filter(campaign=campaign, purpose__in=PURPOSES).order_by()
    counts = dict(units.values_list("purpose").annotate(Count("pk")))
    return {purpose: counts[purpose] for purpose in PURPOSES if purpose in counts}


def _agreement(campaign: Campaign) -> AgreementRun | None:
    """The figures that the page Quality shows, if they are of this version of the codebook."""
    newest = newest_figures(campaign)
    return newest if newest and is_of_codebook(newest, campaign) else None
