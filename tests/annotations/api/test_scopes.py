"""What a token opens: every route, every scope, every role."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from annotations.api import scopes
from annotations.models import ApiToken, Campaign
from tests.annotations.api.routes import check_answer, operations
from tests.annotations.api.test_roles import (
    EXPECTED,
    NOT_DOCUMENTED,
    ask,
    recodings,  # noqa: F401 (a fixture that each test here uses, too)
)
from tests.annotations.api.world import API, ROLES, World, save_body
from tests.builders import (
    build_annotation,
    build_campaign,
    build_codebook,
    build_comment,
    build_corpus,
    build_membership,
    build_thread,
    build_unit,
)

SCOPES = ApiToken.Scope.values
EVERY = "labels corpus suggestions annotations manage all"
LABELS = "labels manage all"
CORPUS = "corpus manage all"
WORK = "annotations all"
MANAGE = "manage all"
OWNER = "all"
NOBODY = ""

OPENED_BY: dict[tuple[str, str], str] = {
    ("GET", "audit"): MANAGE,
    ("GET", "me"): EVERY,
    ("PUT", "avoided"): OWNER,
    ("GET", "preferences"): OWNER,
    ("PUT", "preferences"): OWNER,
    ("GET", "corpora"): CORPUS,
    ("POST", "corpora"): MANAGE,
    ("GET", "corpus"): CORPUS,
    ("GET", "corpus_changes"): CORPUS,
    ("PATCH", "corpus"): MANAGE,
    ("GET", "corpus_categories"): CORPUS,
    ("GET", "corpus_rules"): CORPUS,
    ("GET", "authors"): CORPUS,
    ("GET", "categories"): EVERY,
    ("GET", "warnings"): CORPUS,
    ("POST", "scans"): MANAGE,
    ("GET", "scan"): MANAGE,
    ("POST", "scan_cancel"): MANAGE,
    ("GET", "threads"): CORPUS,
    ("GET", "thread"): CORPUS,
    ("GET", "comments"): CORPUS,
    ("GET", "comment"): CORPUS,
    ("GET", "codebooks"): EVERY,
    ("POST", "codebooks"): MANAGE,
    ("GET", "codebook"): EVERY,
    ("POST", "codebook_preview"): MANAGE,
    ("GET", "codebook_diff"): EVERY,
    ("GET", "campaigns"): EVERY,
    ("POST", "campaigns"): MANAGE,
    ("GET", "campaign"): EVERY,
    ("PATCH", "campaign"): MANAGE,
    ("GET", "members"): MANAGE,
    ("POST", "members"): MANAGE,
    ("PATCH", "member"): MANAGE,
    ("GET", "invitations"): MANAGE,
    ("POST", "invitations"): MANAGE,
    ("DELETE", "invitation"): MANAGE,
    ("GET", "webhooks"): MANAGE,
    ("POST", "webhooks"): MANAGE,
    ("GET", "webhook"): MANAGE,
    ("PATCH", "webhook"): MANAGE,
    ("DELETE", "webhook"): MANAGE,
    ("POST", "webhook_rotate"): MANAGE,
    ("POST", "webhook_ping"): MANAGE,
    ("GET", "deliveries"): MANAGE,
    ("GET", "delivery"): MANAGE,
    ("POST", "delivery_again"): MANAGE,
    ("GET", "known"): MANAGE,
    ("POST", "known"): MANAGE,
    ("POST", "known_gold"): MANAGE,
    ("DELETE", "known_unit"): MANAGE,
    ("GET", "units"): LABELS,
    ("GET", "assignments"): MANAGE,
    ("GET", "labels"): LABELS,
    ("GET", "campaign_changes"): LABELS,
    ("POST", "stop"): WORK,
    ("POST", "next"): WORK,
    ("GET", "unit"): WORK,
    ("PUT", "unit_annotation"): WORK,
    ("GET", "unit_comments"): WORK,
    ("GET", "history"): WORK,
    ("GET", "workplace"): WORK,
    ("POST", "guidelines_seen"): WORK,
    ("GET", "recodings"): MANAGE,
    ("POST", "recodings"): MANAGE,
    ("POST", "recoding_preview"): MANAGE,
    ("GET", "recoding"): MANAGE,
    ("POST", "recoding_cancel"): MANAGE,
    ("POST", "recoding_retry"): MANAGE,
    ("GET", "progress"): LABELS,
    ("GET", "rulings"): EVERY,
    ("POST", "rulings"): MANAGE,
    ("POST", "suggestions"): "suggestions manage all",
    ("POST", "annotation_lines"): "annotations manage all",
    ("POST", "fitting"): CORPUS,
    ("GET", "samples"): CORPUS,
    ("POST", "samples"): MANAGE,
    ("POST", "overlap"): MANAGE,
    ("GET", "sample"): CORPUS,
    ("POST", "sample_cancel"): MANAGE,
    ("POST", "sample_retry"): MANAGE,
    ("POST", "rankings"): MANAGE,
    ("GET", "ranking"): CORPUS,
    ("POST", "ranking_cancel"): MANAGE,
    ("GET", "turns"): MANAGE,
    ("POST", "turn_release"): MANAGE,
    ("GET", "adjudication"): MANAGE,
    ("POST", "next_case"): MANAGE,
    ("GET", "unit_adjudication"): MANAGE,
    ("PUT", "unit_adjudication"): MANAGE,
    ("GET", "case_comments"): MANAGE,
    ("POST", "rule"): MANAGE,
    ("POST", "rule_count"): MANAGE,
    ("GET", "rule_run"): MANAGE,
    ("POST", "rule_run_cancel"): MANAGE,
    ("GET", "notes"): MANAGE,
    ("POST", "note_reply"): MANAGE,
    ("GET", "annotations"): "labels annotations manage all",
    ("GET", "annotation"): "labels annotations manage all",
    ("GET", "revisions"): "labels annotations manage all",
    ("GET", "agreement_runs"): LABELS,
    ("POST", "agreement_runs"): MANAGE,
    ("GET", "agreement_run"): LABELS,
    ("POST", "agreement_cancel"): MANAGE,
    ("GET", "aggregations"): LABELS,
    ("POST", "aggregations"): MANAGE,
    ("GET", "aggregation"): LABELS,
    ("POST", "aggregation_cancel"): MANAGE,
    ("GET", "aggregation_rows"): LABELS,
    ("GET", "exports"): LABELS,
    ("POST", "exports"): LABELS,
    ("GET", "export"): LABELS,
    ("GET", "export_file"): LABELS,
    ("POST", "export_cancel"): LABELS,
    ("POST", "export_retry"): LABELS,
    ("GET", "releases"): LABELS,
    ("POST", "releases"): MANAGE,
    ("GET", "release"): LABELS,
    ("PATCH", "release"): MANAGE,
    ("DELETE", "release"): MANAGE,
    ("POST", "release_confirm"): MANAGE,
    ("POST", "release_cancel"): MANAGE,
    ("POST", "release_retry"): MANAGE,
    ("POST", "release_withdraw"): MANAGE,
    ("GET", "release_differences"): LABELS,
    ("GET", "release_file"): LABELS,
    ("GET", "release_files"): LABELS,
    ("GET", "release_one_file"): LABELS,
    ("GET", "own_traits"): OWNER,
    ("PUT", "own_traits"): OWNER,
    ("POST", "records"): MANAGE,
    ("GET", "imports"): MANAGE,
    ("POST", "imports"): MANAGE,
    ("GET", "import"): MANAGE,
    ("POST", "import_cancel"): MANAGE,
    ("POST", "import_retry"): MANAGE,
    ("GET", "tokens"): OWNER,
    ("POST", "tokens"): NOBODY,
    ("DELETE", "token"): OWNER,
    ("GET", "schema"): EVERY,
    ("GET", "docs"): NOBODY,
}
# What only one's own labels are to be seen of is asked by who made them.
ASKED_BY = {"annotation": "annotator", "revisions": "annotator"}
# Who labels and carries over, each by its own scope.
ASKED_BY["annotation_lines"] = "manager"
SHUT = {"docs": "302"}  # a page: it asks for a login


def opens(method: str, name: str, scope: str) -> bool:
    return scope.partition(":")[0] in OPENED_BY[method, name].split()


def asked(client: APIClient, world: World, method: str, name: str) -> str:
    """The status; all that the request changed is undone."""
    with transaction.atomic():
        response: Any = ask(client, world, method, name)
        if name not in NOT_DOCUMENTED:
            check_answer(method, name, response)
        b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    return str(response.status_code)


def test_every_route_has_its_row() -> None:
    assert OPENED_BY.keys() == EXPECTED.keys()


def test_only_operations_that_there_are_can_be_opened() -> None:
    opened = scopes.OPEN_TO_ALL.union(*scopes.OPENS.values())
    assert opened <= set(operations())


@pytest.mark.once
@pytest.mark.parametrize(("method", "name"), EXPECTED, ids=[" ".join(one) for one in EXPECTED])
def test_a_token_gives_what_role_and_scope_both_allow(world: World, method: str, name: str) -> None:
    """Who may do it gets exactly what the scope opens; nobody gets more than without a token. All
    scopes that do not open it do not do so together."""
    opening = [scope for scope in SCOPES if opens(method, name, scope)]
    others = [scope for scope in SCOPES if scope not in opening]
    by_role = dict(zip(ROLES[:-1], EXPECTED[method, name].split(), strict=False))
    able = [role for role, status in by_role.items() if status.startswith("2")]
    asker = ASKED_BY.get(name, able[0] if able else "staff")
    for role, status in by_role.items():
        if others:
            answer = asked(world.script(role, *others), world, method, name)
            assert answer == SHUT.get(name, "403"), role
        for scope in opening:
            answer = asked(world.script(role, scope), world, method, name)
            if role == asker:
                assert answer == status, (role, scope)
            else:
                assert answer in {status, "403", "404"}, (role, scope)


@pytest.fixture
def elsewhere(world: World) -> Campaign:
    """Another campaign of the same people, on another corpus."""
    corpus = build_corpus("harbour")
    campaign = build_campaign(corpus, build_codebook("topics"), "elsewhere")
    for role in ("manager", "adjudicator", "annotator", "viewer"):
        member = build_membership(campaign, world.users[role], role)
    unit = build_unit(campaign, build_comment(build_thread(corpus)))
    build_annotation(unit, member, state="submitted")
    return campaign


@pytest.mark.once
@pytest.mark.parametrize(("method", "name"), EXPECTED, ids=[" ".join(one) for one in EXPECTED])
def test_a_token_of_one_campaign_does_not_reach_another(
    world: World, elsewhere: Campaign, method: str, name: str
) -> None:
    for role in ROLES[:-1]:
        script = world.script(role, "all", campaigns=[elsewhere])
        with transaction.atomic():
            response: Any = ask(script, world, method, name)
            transaction.set_rollback(True)
        if response.status_code < 300 and name not in NOT_DOCUMENTED:
            assert method == "GET", (role, name)
            for slug in ("study", "talk"):
                assert f'"{slug}"' not in response.content.decode(), (role, name)
        else:
            assert response.status_code in (200, 302, 403, 404), (role, name)


def test_it_reaches_its_own_campaign_and_corpus(world: World, elsewhere: Campaign) -> None:
    script = world.script("manager", "all", campaigns=[elsewhere])
    (mine,) = script.get(API + "me/").json()["memberships"]
    assert mine["campaign"] == "elsewhere"
    assert [one["slug"] for one in rows(script, "campaigns/")] == ["elsewhere"]
    assert [one["slug"] for one in rows(script, "corpora/")] == ["harbour"]
    assert len(rows(script, "comments/")) == 1
    assert len(rows(script, "annotations/")) == 1
    assert script.get(API + "campaigns/elsewhere/labels/").status_code == 200


def test_staff_with_a_token_of_one_campaign_is_staff_in_it_alone(
    world: World, elsewhere: Campaign
) -> None:
    script = world.script("staff", "manage", campaigns=[elsewhere])
    assert [one["slug"] for one in rows(script, "campaigns/")] == ["elsewhere"]
    assert [one["slug"] for one in rows(script, "corpora/")] == ["harbour"]
    response = script.post(API + "corpora/", {"slug": "fresh"}, format="json")
    assert response.json()["message"] == (
        "This token reaches its campaigns only: this lies outside of them."
    )


def test_a_token_whose_campaign_is_gone_reaches_nothing(world: World, elsewhere: Campaign) -> None:
    script = world.script("manager", "all", campaigns=[elsewhere])
    ApiToken.campaigns.through.objects.all().delete()
    assert rows(script, "campaigns/") == []
    assert rows(script, "annotations/") == []


def test_a_refusal_names_the_scopes_that_would_do(world: World) -> None:
    script = world.script("manager", "corpus:read", "suggestions:write")
    response = script.get(API + "campaigns/study/labels/")
    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
    assert response.json()["message"] == (
        "This token may not do this: it would need the scope `labels:read` or `manage` or `all`."
    )


def test_several_scopes_add_up(world: World) -> None:
    script = world.script("manager", "corpus:read", "suggestions:write")
    assert script.get(API + "threads/").status_code == 200
    sent = {"model": "guesser-1", "suggestions": []}
    assert script.post(API + "campaigns/study/suggestions/", sent, format="json").status_code == 200
    assert script.post(API + "campaigns/study/rankings/").status_code == 403


def test_a_scope_that_nobody_knows_any_more_opens_nothing(world: World) -> None:
    script = world.script("manager", "labels:erase")
    assert rows(script, "campaigns/") == []
    assert script.get(API + "corpora/").status_code == 403


def test_who_reads_the_corpus_by_token_does_not_learn_what_is_labeled(world: World) -> None:
    build_annotation(world.unit, world.membership("viewer"), state="submitted")
    found = "threads/?has_labels=true"
    assert len(rows(world.script("manager", "corpus:read"), found)) == 0
    assert len(rows(world.script("manager", "corpus:read", "labels:read"), found)) == 1


def test_a_script_labels_in_the_name_of_its_owner(world: World) -> None:
    script = world.script("annotator", "annotations:write")
    unit = script.post(API + "campaigns/study/next/", {}, format="json").json()["unit"]
    address = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
    saved = script.put(address, save_body(revision=1), format="json")
    assert saved.status_code == 200, (unit, saved.json())
    assert saved.json()["annotation"]["state"] == "submitted"


def rows(client: APIClient, address: str) -> list[Any]:
    response = client.get(API + address)
    assert response.status_code == 200, response.json()
    found: list[Any] = response.json()["results"]
    return found
