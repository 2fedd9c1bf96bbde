"""What the migration to stages makes of campaigns that ran before."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from annotations.models import Assignment, Membership
from tests.annotations.study import build_study, label_next
from tests.builders import build_membership


@pytest.mark.django_db
def test_units_are_numbered_and_those_at_work_are_admitted() -> None:
    study = build_study(4, annotators=2)
    for member in (*study.members, study.members[0]):
        label_next(member)
    idle = build_membership(study.campaign)
    Assignment.objects.update(number=None)
    Membership.objects.update(admitted_at=None)
    stages = import_module("annotations.migrations.0011_stages")
    with connection.cursor() as cursor:
        cursor.execute(stages.NUMBER)
        cursor.execute(stages.ADMIT)
    numbers = Assignment.objects.order_by("order").values_list("membership__number", "number")
    assert list(numbers) == [(1, 1), (2, 1), (1, 2), (None, None)]
    admitted = Membership.objects.filter(admitted_at__isnull=False)
    assert set(admitted) == set(study.members)
    assert idle not in admitted
