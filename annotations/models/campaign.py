"""A corpus annotated with a codebook: who takes part, which units, who works on what."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from annotations.models.codebook import Codebook
from annotations.models.corpus import Comment, Corpus, Thread

LARGEST_UNIT_ID = 2**53 - 1
"""The largest whole number that every client can hold: JavaScript's are floats."""


def new_unit_id() -> int:
    """Drawn by chance: an id that counted up would tell a check, which is made after the sample."""
    return secrets.randbelow(LARGEST_UNIT_ID) + 1


class Campaign(models.Model):
    """A corpus, annotated with a codebook version, under a design."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PAUSED = "paused", _("Paused")
        CLOSED = "closed", _("Closed")

    class Context(models.TextChoices):
        COMMENT = "comment", _("The comment alone")
        PARENT = "parent", _("The comment and what it answers")
        ANCESTORS = "ancestors", _("The comment and all above it")
        PRECEDING = "preceding", _("The thread up to the comment")
        THREAD = "thread", _("The whole thread")

    class Order(models.TextChoices):
        THREAD = "thread", _("Thread by thread, in reading order")
        RANDOM = "random", _("Random, by the seed")
        UNCERTAIN = "uncertain", _("What models are least sure of first")

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="campaigns")
    codebook = models.ForeignKey(Codebook, on_delete=models.PROTECT, related_name="campaigns")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    overlap = models.PositiveSmallIntegerField(
        default=1, help_text="How many annotators label each unit."
    )
    overlap_more = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many label each unit of the share that more label."
    )
    share_more = models.FloatField(
        default=0, help_text="Which share of the units (0 to 1) more annotators label."
    )
    whole_threads = models.BooleanField(
        default=False, help_text="Whether one person labels all units of a thread, in order."
    )
    order = models.CharField(max_length=10, choices=Order, default=Order.THREAD)
    seed = models.PositiveIntegerField(default=1)
    context = models.CharField(max_length=10, choices=Context, default=Context.THREAD)
    show_article = models.BooleanField(default=True)
    show_names = models.BooleanField(default=True)
    show_scores = models.BooleanField(default=False)
    show_times = models.BooleanField(default=True)
    show_suggestions = models.BooleanField(
        default=False, help_text="Whether annotators see what models suggest."
    )
    lease_minutes = models.PositiveIntegerField(
        default=120, help_text="How long an untouched unit stays with an annotator."
    )
    cover_content = models.BooleanField(
        default=True, help_text="Comments with a content warning are covered until opened."
    )
    support_text = models.TextField(
        blank=True, help_text="Where annotators find help. Markdown; always one key away."
    )
    break_minutes = models.PositiveSmallIntegerField(
        default=30, help_text="Work after which a break is suggested; 0: never."
    )
    daily_units = models.PositiveIntegerField(
        null=True, blank=True, help_text="Most units that one annotator gets a day."
    )
    daily_warned = models.PositiveIntegerField(
        null=True, blank=True, help_text="Most units with a content warning a day."
    )
    test_score = models.FloatField(
        null=True, blank=True, help_text="From which score in the test the campaign opens."
    )
    check_every = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="One unit in so many is a check with a known answer."
    )
    check_score = models.FloatField(
        null=True, blank=True, help_text="Below this score in the checks an annotator is paused."
    )
    check_window = models.PositiveSmallIntegerField(
        default=20, help_text="How many of the last checks that score is taken from."
    )
    repeat_every = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="One unit in so many is one that was labeled before."
    )
    traits = models.JSONField(
        default=list, blank=True, help_text="What annotators may tell of themselves, if they want."
    )
    disputes_measured_at = models.DateTimeField(
        null=True, blank=True, help_text="Until when disagreements are measured."
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "campaign"
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(
                condition=Q(overlap__gte=1) & Q(overlap__lte=100), name="campaign_overlap_1_to_100"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "paused", "closed")), name="campaign_state_known"
            ),
            models.CheckConstraint(
                condition=Q(lease_minutes__gte=1), name="campaign_lease_not_empty"
            ),
            models.CheckConstraint(
                condition=(Q(daily_units__isnull=True) | Q(daily_units__gte=1))
                & (Q(daily_warned__isnull=True) | Q(daily_warned__gte=1)),
                name="campaign_cap_leaves_some",
            ),
            models.CheckConstraint(
                condition=Q(overlap_more__isnull=True)
                | (Q(overlap_more__gt=F("overlap")) & Q(overlap_more__lte=100)),
                name="campaign_more_is_more",
            ),
            models.CheckConstraint(
                condition=Q(share_more__gte=0) & Q(share_more__lte=1),
                name="campaign_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=(
                    Q(test_score__isnull=True) | (Q(test_score__gte=0) & Q(test_score__lte=1))
                )
                & (Q(check_score__isnull=True) | (Q(check_score__gte=0) & Q(check_score__lte=1))),
                name="campaign_scores_are_shares",
            ),
            models.CheckConstraint(
                condition=(Q(check_every__isnull=True) | Q(check_every__gte=2))
                & (Q(repeat_every__isnull=True) | Q(repeat_every__gte=2))
                & Q(check_window__gte=1),
                name="campaign_checks_leave_work",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a campaign. ``number`` is the n of the pseudonym An in exports.

    It outlives the user: labels belong to it. ``codebook_seen`` and ``rulings_seen`` say which
    guidelines the person has opened: the codebook's version, and the newest ruling then.
    ``languages`` are those that the person reads (ISO 639; none named: all). ``admitted_at`` is
    when training and test were behind them, or when a manager last let them go on: checks count
    from then. ``paused_at`` says since when they get no more units, for the reason that
    ``pause_reason`` gives in words. ``traits`` is what they told of themselves, of their own will;
    it leaves the installation only where ``traits_agreed_at`` says that they agreed, and when.
    """

    class Role(models.TextChoices):
        MANAGER = "manager", _("Manager")
        ADJUDICATOR = "adjudicator", _("Adjudicator")
        ANNOTATOR = "annotator", _("Annotator")
        VIEWER = "viewer", _("Viewer")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="memberships",
    )
    role = models.CharField(max_length=12, choices=Role)
    number = models.PositiveIntegerField()
    joined_at = models.DateTimeField()
    codebook_seen = models.ForeignKey(
        Codebook, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rulings_seen = models.ForeignKey(
        "Ruling", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    languages = models.JSONField(default=list, blank=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.TextField(blank=True)
    traits = models.JSONField(default=dict, blank=True)
    traits_agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "membership"
        ordering = ("campaign", "number")
        constraints = [
            models.UniqueConstraint(fields=("campaign", "user"), name="membership_once"),
            models.UniqueConstraint(fields=("campaign", "number"), name="membership_number_once"),
            models.CheckConstraint(
                condition=Q(role__in=("manager", "adjudicator", "annotator", "viewer")),
                name="membership_role_known",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=False) | Q(pause_reason=""),
                name="membership_reason_of_a_pause",
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def pseudonym(self) -> str:
        return f"A{self.number}"


class Unit(models.Model):
    """What is labeled as one: a comment of a thread, or (``comment`` null) the thread.

    Those with the purpose ``study`` are the campaign's frozen sample, each drawn by one
    ``sample``; the others train, test or check annotators and are in no dataset. A ``repeat``
    shows a unit once more to who labeled it. ``order`` is the order of working, ``overlap`` how
    many annotators label the unit: 0 for one that was never in the sample.
    """

    class Purpose(models.TextChoices):
        STUDY = "study", _("Sample")
        TRAINING = "training", _("Training")
        TEST = "test", _("Test")
        CHECK = "check", _("Check")
        REPEAT = "repeat", _("Repeat")

    id = models.BigAutoField(primary_key=True, default=new_unit_id)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="units")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="units")
    comment = models.ForeignKey(
        Comment, on_delete=models.PROTECT, null=True, blank=True, related_name="units"
    )
    sample = models.ForeignKey(
        "Sample", on_delete=models.PROTECT, null=True, blank=True, related_name="drawn"
    )
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.STUDY)
    repeat_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeat"
    )
    overlap = models.PositiveSmallIntegerField(default=1)
    order = models.PositiveIntegerField()

    class Meta:
        db_table = "unit"
        ordering = ("campaign", "order")
        constraints = [
            models.UniqueConstraint(fields=("campaign", "order"), name="unit_order_once"),
            models.UniqueConstraint(
                fields=("campaign", "comment"),
                condition=Q(comment__isnull=False, repeat_of__isnull=True),
                name="unit_comment_once",
            ),
            models.UniqueConstraint(
                fields=("campaign", "thread"),
                condition=Q(comment__isnull=True, repeat_of__isnull=True),
                name="unit_thread_once",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=("study", "training", "test", "check"))
                & Q(repeat_of__isnull=True)
                | Q(purpose="repeat", repeat_of__isnull=False),
                name="unit_purpose_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=("campaign", "purpose", "order"),
                condition=~Q(purpose="study"),
                name="unit_beside_the_sample",
            ),
        ]

    def __str__(self) -> str:
        return f"unit {self.order}"


class Assignment(models.Model):
    """One of the ``overlap`` slots of a unit, free (pending) or given to an annotator.

    There are as many rows as labels wanted, so no unit can get one too many; the constraint on
    unit and membership keeps anyone from getting a unit twice. Units that train, test, check or
    repeat have no free slots: theirs are made when they are given.
    ``order``, ``language`` and ``purpose`` are the unit's, here for the indexes; ranking gives a
    free slot another ``order``. ``number`` says which of its annotator's units it is: the first,
    the second, and so on, whatever the unit's purpose; it is what an annotator sees of the order.
    ``score`` is the share of its answers that are as they should be, where that is known.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        LEASED = "leased"
        SUBMITTED = "submitted"
        SKIPPED = "skipped"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assignments")
    slot = models.PositiveSmallIntegerField()
    order = models.PositiveIntegerField()
    language = models.CharField(max_length=8, blank=True)
    purpose = models.CharField(max_length=10, choices=Unit.Purpose, default=Unit.Purpose.STUDY)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="assignments"
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    leased_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)

    class Meta:
        db_table = "assignment"
        ordering = ("campaign", "order", "slot")
        constraints = [
            models.UniqueConstraint(fields=("unit", "slot"), name="assignment_slot_once"),
            models.UniqueConstraint(
                fields=("unit", "membership"), name="assignment_once_per_annotator"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", membership__isnull=True)
                | Q(state="leased", membership__isnull=False, leased_until__isnull=False)
                | Q(state__in=("submitted", "skipped"), membership__isnull=False),
                name="assignment_state_fits_holder",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | (Q(score__gte=0) & Q(score__lte=1)),
                name="assignment_score_is_a_share",
            ),
        ]
        indexes = [
            models.Index(fields=("campaign", "state", "order"), name="assignment_next"),
            models.Index(fields=("membership", "state", "order"), name="assignment_of_annotator"),
            models.Index(fields=("membership", "number"), name="assignment_number"),
            models.Index(
                fields=("leased_until",),
                condition=Q(state="leased"),
                name="assignment_lease_ends",
            ),
            models.Index(
                fields=("campaign", "language", "order"),
                condition=Q(state="pending"),
                name="assignment_next_in_language",
            ),
            models.Index(
                fields=("campaign", "slot", "order"),
                condition=Q(state="pending"),
                name="assignment_next_of_a_turn",
            ),
            models.Index(
                fields=("campaign", "changed_at"),
                condition=Q(state__in=("submitted", "skipped")),
                name="assignment_settled_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} slot {self.slot}"
