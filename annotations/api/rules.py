"""The rule that settles what is clear: counted first, then done as a job."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.adjudication import Adjudication
from annotations.api.fields import FiniteNumber, RequestSerializer, WholeNumber
from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.queue import enqueue
from annotations.selectors.disputes import rule_run
from annotations.services.disputes import measure_disputes
from annotations.services.jobs import cancel_job
from annotations.services.rules import Rule, RuleCount, count_settled, start_rule

MOST_QUESTIONS = 200


class RuleSerializer(RequestSerializer):
    """How many must have answered, and how many of them alike."""

    least = WholeNumber(min_value=2, max_value=100, help_text="So many people at least.")
    agree = FiniteNumber(
        default=1.0, help_text="The share of them that must agree: above 0.5, 1 for all."
    )
    questions = serializers.ListField(
        child=serializers.SlugField(max_length=80),
        default=list,
        max_length=MOST_QUESTIONS,
        help_text="Only these must be clear and are settled; empty for all but free texts.",
    )


class RuleCountSerializer(serializers.Serializer[RuleCount]):
    settles = serializers.IntegerField(help_text="Units that the rule would settle.")
    looked = serializers.IntegerField(help_text="Undecided units that were looked at.")
    whole = serializers.BooleanField(help_text="False where only the first 5,000 were.")


class RuleRunSerializer(JobSerializer):
    """A rule at work on the clear units of a campaign, as a job."""

    campaign = serializers.SlugField(source="campaign.slug")
    least = serializers.IntegerField()
    agree = serializers.FloatField()
    questions = serializers.ListField(child=serializers.SlugField())
    settled = serializers.IntegerField(help_text="Units that got a decision.")


class RuleView(Adjudication):
    @operation("rule_start", RuleRunSerializer, body=RuleSerializer, status=202, errors=(404, 409))
    def post(self, request: Request, slug: str) -> Response:
        """Settle what is clear; what a person decided is never touched."""
        membership, now = self.membership(slug), timezone.now()
        rule = read_rule(self.read(RuleSerializer))
        measure_disputes(campaign=membership.campaign, now=now)
        run = start_rule(membership=membership, rule=rule, user=self.user, now=now)
        enqueue(run)
        return self.show(RuleRunSerializer, run, status=202, context=job_context(now))


class RuleCountView(Adjudication):
    @operation("rule_count", RuleCountSerializer, body=RuleSerializer, errors=(404,))
    def post(self, request: Request, slug: str) -> Response:
        """How many units the rule would settle; nothing is changed."""
        campaign, now = self.membership(slug).campaign, timezone.now()
        rule = read_rule(self.read(RuleSerializer))
        measure_disputes(campaign=campaign, now=now)
        return self.show(RuleCountSerializer, count_settled(campaign=campaign, rule=rule, now=now))


class RuleRunView(Adjudication):
    @operation("rule_run", RuleRunSerializer, errors=(403, 404))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One run of a rule: its state and progress."""
        run = rule_run(self.membership(slug).campaign, pk)
        return self.show(RuleRunSerializer, run, context=job_context(timezone.now()))


class RuleRunCancelView(Adjudication):
    @operation("rule_run_cancel", RuleRunSerializer, errors=(404, 409))
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Stop a run that has not ended; what it settled stays settled."""
        now = timezone.now()
        run = cancel_job(job=rule_run(self.membership(slug).campaign, pk), now=now)
        return self.show(RuleRunSerializer, run, context=job_context(now))


def read_rule(sent: dict[str, Any]) -> Rule:
    return Rule(
        least=sent["least"], agree=sent["agree"], questions=tuple(dict.fromkeys(sent["questions"]))
    )
