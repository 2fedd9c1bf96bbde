"""What a reader of a dataset should know of what is in it, and what is not."""

from __future__ import annotations

from annotations.models import Campaign, Comment, Unit


def withheld_comments(campaign: Campaign) -> int:
    """How many comments of the sample do not leave, because their source took them back."""
    units = Unit.objects.filter(campaign=campaign, purpose=Unit.Purpose.STUDY)
    return (
        units.filter(comment__isnull=False).exclude(comment__status=Comment.Status.VISIBLE).count()
    )
