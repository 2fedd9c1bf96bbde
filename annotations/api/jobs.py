"""What every job shows of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from annotations.api.fields import Choice, Time
from annotations.models import Job
from annotations.selectors.jobs import worker_alive


class JobSerializer(serializers.Serializer[Any]):
    """A job. Give ``job_context`` with it: whether a worker runs is asked once for all shown."""

    id = serializers.IntegerField()
    state = Choice(Job.State)
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    measure = serializers.CharField(help_text="What `done` and `total` count.")
    error = serializers.CharField(help_text="Why it failed, in words.")
    worker_alive = serializers.SerializerMethodField()
    finished = serializers.BooleanField()
    created_at = Time()
    finished_at = Time(allow_null=True)

    def get_worker_alive(self, job: Job) -> bool:
        """Whether any worker runs: without one, jobs wait."""
        return bool(self.context["worker_alive"])


def job_context(now: datetime) -> dict[str, bool]:
    return {"worker_alive": worker_alive(now)}
