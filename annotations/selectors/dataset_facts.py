"""What a reader of a dataset should know of what is in it, and what is not."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from annotations.exporters.contents import Contents
from annotations.models import Aggregation, Annotation, Campaign, Comment, Unit
from annotations.selectors.dataset_annotations import exported_annotations
from annotations.selectors.dataset_consensus import chosen_aggregation


def withheld_comments(campaign: Campaign) -> int:
    """How many comments of the sample do not leave, because their source took them back."""
    units = Unit.objects.filter(campaign=campaign, purpose=Unit.Purpose.STUDY)
    return (
        units.filter(comment__isnull=False).exclude(comment__status=Comment.Status.VISIBLE).count()
    )


def aggregation_warnings(campaign: Campaign, contents: Contents) -> list[str]:
    """Sentences on labels that the aggregation does not know of; none where none is chosen.

    Raises InvalidInput for an aggregation that there is not.
    """
    aggregation = chosen_aggregation(campaign, campaign.codebook, contents)
    if aggregation is None:
        return []
    method = aggregation.get_method_display()
    labels = exported_annotations(campaign).filter(
        source=Annotation.Source.HUMAN, state=Annotation.State.SUBMITTED
    )
    newer, lacking = _newer(aggregation, labels), _lacking(aggregation, labels)
    sentences = []
    if newer:
        sentences.append(
            f"The aggregation by {method} is older than {_counted(newer, 'label')}: "
            "compute it again on the page Quality."
        )
    if lacking:
        sentences.append(
            f"{_counted(lacking, 'labeled unit')} {'has' if lacking == 1 else 'have'} no answer "
            f"of the aggregation by {method}."
        )
    return sentences


def _newer(aggregation: Aggregation, labels: QuerySet[Annotation]) -> int:
    return labels.filter(saved_at__gt=aggregation.started_at).count()


def _lacking(aggregation: Aggregation, labels: QuerySet[Annotation]) -> int:
    answered = aggregation.consensus.filter(unit=OuterRef("unit"))
    return labels.exclude(Exists(answered)).values("unit").distinct().count()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
