"""What a reader of a dataset should know of what is in it, and what is not."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from annotations.exporters.contents import Contents
from annotations.models import Aggregation, AgreementRun, Annotation, Campaign, Comment, Unit
from annotations.selectors.dataset_annotations import exported_annotations
from annotations.selectors.dataset_consensus import chosen_aggregation
from annotations.selectors.quality import newest_figures


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
    newer = labels_after(campaign, aggregation)
    lacking = _lacking(aggregation, _labels(campaign))
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


def agreement_warnings(campaign: Campaign) -> list[str]:
    """Sentences on labels that the figures of agreement do not know of; none where none were
    computed."""
    newest = newest_figures(campaign)
    if newest is None:
        return []
    if not is_of_codebook(newest, campaign):
        return [
            "The agreement was computed for another version of the codebook, and is left out: "
            "compute it again on the page Quality."
        ]
    newer = labels_after(campaign, newest)
    if not newer:
        return []
    return [
        f"The agreement is older than {_counted(newer, 'label')}: "
        "compute it again on the page Quality."
    ]


def is_of_codebook(figures: AgreementRun, campaign: Campaign) -> bool:
    """Whether they are of the questions that the campaign asks now."""
    codebook = campaign.codebook
    told = {"key": codebook.key, "version": codebook.version}
    return bool(figures.result.get("codebook") == told)


def labels_after(campaign: Campaign, computed: AgreementRun | Aggregation) -> int:
    """How many labels of people were saved after the labels were read for this."""
    return _labels(campaign).filter(saved_at__gt=computed.started_at).count()


def _labels(campaign: Campaign) -> QuerySet[Annotation]:
    return exported_annotations(campaign).filter(
        source=Annotation.Source.HUMAN, state=Annotation.State.SUBMITTED
    )


def _lacking(aggregation: Aggregation, labels: QuerySet[Annotation]) -> int:
    answered = aggregation.consensus.filter(unit=OuterRef("unit"))
    return labels.exclude(Exists(answered)).values("unit").distinct().count()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
