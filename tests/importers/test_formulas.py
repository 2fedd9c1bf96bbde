"""What a file says comes out in no report as a formula."""

from __future__ import annotations

import csv

import pytest
from django.test import Client
from django.utils import timezone

from annotations.exporters.cells import harmless_cell
from importers.models import ImportRun
from tests import builders as build

FORMS = [
    *("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1"),
    *("＝1", "＋1", "－1", "＠SUM(1)", '=HYPERLINK("http://a.example")', "=cmd|' /C calc'!A0"),
]


@pytest.mark.django_db
def test_refusals_of_an_import_run_no_formula(client: Client) -> None:
    """They begin with the name of a file in an archive, which whoever packed it chose."""
    staff = build.build_user("sue", is_staff=True)
    client.force_login(staff)
    run = ImportRun.objects.create(
        corpus=build.build_corpus(),
        file_name="a.zip",
        format="table",
        created_by=staff,
        created_at=timezone.now(),
        state=ImportRun.State.DONE,
        refusals=[{"line": n, "message": form} for n, form in enumerate(FORMS)],
    )
    body = client.get(f"/imports/{run.pk}/refused.csv").content.decode()
    header, *rows = csv.reader(body.splitlines(keepends=True))
    assert header == ["line", "message"]
    assert [message for _, message in rows] == [f"'{form}" for form in FORMS]


@pytest.mark.parametrize("form", FORMS)
def test_an_apostrophe_is_all_that_is_added(form: str) -> None:
    assert harmless_cell(form) == f"'{form}"
    assert harmless_cell(f"a{form}") == f"a{form}"
