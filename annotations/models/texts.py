"""What was found in a corpus's texts: languages, and groups of near-duplicates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop

from annotations.models.corpus import Comment, Corpus
from annotations.models.job import Job


class TextScan(Job):
    """A look at all visible texts of a corpus, made by a job.

    ``languages`` counts them by language code; ``groups`` are those of near-duplicates, and
    ``copies`` the comments in them. The groups themselves are the corpus's newest ones.
    """

    task_name = "annotations.scan_texts"
    measure = gettext_noop("comments")

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="scans")
    languages = models.JSONField(default=dict, blank=True)
    groups = models.PositiveIntegerField(default=0)
    copies = models.PositiveIntegerField(default=0)

    class Meta(Job.Meta):
        db_table = "text_scan"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"scan {self.pk}"


class DuplicateGroup(models.Model):
    """Comments that say nearly the same; the largest group of a corpus has ``rank`` 1.

    ``example`` is the earliest of them. ``authors`` counts those that the source names.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="duplicate_groups")
    rank = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    authors = models.PositiveIntegerField()
    threads = models.PositiveIntegerField()
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    example = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "duplicate_group"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("corpus", "rank"), name="duplicate_group_once_at_its_rank"
            ),
            models.CheckConstraint(condition=Q(size__gte=2), name="duplicate_group_of_two"),
        ]

    def __str__(self) -> str:
        return f"group {self.rank} of {self.size} comments"


class DuplicateMember(models.Model):
    """A comment of a group. ``position`` orders a group by time, from 0, which is the example.

    ``similarity`` is the share of word pairs in common with the example, 0 to 1.
    """

    group = models.ForeignKey(DuplicateGroup, on_delete=models.CASCADE, related_name="members")
    comment = models.OneToOneField(
        Comment, on_delete=models.CASCADE, related_name="duplicate_member"
    )
    position = models.PositiveIntegerField()
    similarity = models.FloatField()

    class Meta:
        db_table = "duplicate_member"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("group", "position"), name="duplicate_member_once_at_its_position"
            ),
            models.CheckConstraint(
                condition=Q(similarity__gte=0, similarity__lte=1),
                name="duplicate_similarity_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} in {self.group_id}"
