"""Who may do what through the API: every route, every role."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient

from annotations.codebooks.library import LIBRARY
from annotations.models import Membership, Recoding
from annotations.services.codebooks import load_codebook
from tests.annotations.api.routes import NAMESPACES, check_answer, routes
from tests.annotations.api.world import ROLES, World, decision_body, save_body
from tests.builders import NOON, build_campaign, build_membership

READERS = "200 200 200 404 200 404 401"
ALL = "200 200 200 200 200 200 401"
STAFF_ONLY = "{} 403 403 403 403 403 401"
MANAGERS = "{0} {0} 403 403 403 404 401"
MANAGED = "{0} {0} 404 404 404 404 401"
WORKERS = "403 {1} {1} {0} 403 404 401"
EXPORTERS = "{0} {0} 404 404 {0} 404 401"
QUALITY = "{0} {0} {0} 403 {0} 404 401"
FIGURES = "200 200 200 404 200 404 401"
ADJUDICATORS = "403 {0} {0} 403 403 404 401"
LABELS = "200 200 200 200 200 404 401"

EXPECTED: dict[tuple[str, str], str] = {
    ("GET", "audit"): ALL,
    ("GET", "me"): ALL,
    ("PUT", "avoided"): ALL,
    ("GET", "preferences"): ALL,
    ("PUT", "preferences"): ALL,
    ("GET", "corpora"): ALL,
    ("POST", "corpora"): STAFF_ONLY.format(201),
    ("GET", "corpus"): READERS,
    ("GET", "corpus_changes"): READERS,
    ("PATCH", "corpus"): STAFF_ONLY.format(200),
    ("GET", "corpus_categories"): READERS,
    ("GET", "corpus_rules"): READERS,
    ("GET", "authors"): ALL,
    ("GET", "categories"): ALL,
    ("GET", "warnings"): ALL,
    ("POST", "scans"): STAFF_ONLY.format(202),
    ("GET", "scan"): STAFF_ONLY.format(200),
    ("POST", "scan_cancel"): STAFF_ONLY.format(200),
    ("GET", "threads"): ALL,
    ("GET", "thread"): READERS,
    ("GET", "comments"): ALL,
    ("GET", "comment"): READERS,
    ("GET", "codebooks"): ALL,
    ("POST", "codebooks"): STAFF_ONLY.format(201),
    ("GET", "codebook"): ALL,
    ("POST", "codebook_preview"): STAFF_ONLY.format(200),
    ("GET", "codebook_diff"): ALL,
    ("GET", "campaigns"): ALL,
    ("POST", "campaigns"): STAFF_ONLY.format(201),
    ("GET", "campaign"): LABELS,
    ("PATCH", "campaign"): MANAGERS.format(200),
    ("GET", "members"): MANAGERS.format(200),
    ("POST", "members"): MANAGERS.format(201),
    ("PATCH", "member"): MANAGERS.format(200),
    ("GET", "invitations"): MANAGERS.format(200),
    ("POST", "invitations"): MANAGERS.format(201),
    ("DELETE", "invitation"): MANAGERS.format(204),
    ("GET", "webhooks"): MANAGERS.format(200),
    ("POST", "webhooks"): MANAGERS.format(201),
    ("GET", "webhook"): MANAGERS.format(200),
    ("PATCH", "webhook"): MANAGERS.format(200),
    ("DELETE", "webhook"): MANAGERS.format(204),
    ("POST", "webhook_rotate"): MANAGERS.format(200),
    ("POST", "webhook_ping"): MANAGERS.format(202),
    ("GET", "deliveries"): MANAGERS.format(200),
    ("GET", "delivery"): MANAGERS.format(200),
    ("POST", "delivery_again"): MANAGERS.format(202),
    ("GET", "known"): MANAGERS.format(200),
    ("POST", "known"): MANAGERS.format(200),
    ("POST", "known_gold"): "404 404 403 403 403 404 401",
    ("DELETE", "known_unit"): MANAGERS.format(204),
    ("GET", "progress"): "200 200 200 403 200 404 401",
    ("GET", "units"): "200 200 200 403 200 404 401",
    ("GET", "assignments"): MANAGERS.format(200),
    ("GET", "labels"): "200 200 200 403 200 404 401",
    ("GET", "campaign_changes"): "200 200 200 403 200 404 401",
    ("POST", "stop"): WORKERS.format(200, 200),
    ("POST", "next"): WORKERS.format(200, 200),
    ("GET", "unit"): WORKERS.format(200, 404),
    ("PUT", "unit_annotation"): WORKERS.format(200, 409),
    ("GET", "unit_comments"): WORKERS.format(200, 404),
    ("GET", "history"): WORKERS.format(200, 200),
    ("GET", "workplace"): WORKERS.format(200, 200),
    ("POST", "guidelines_seen"): WORKERS.format(204, 204),
    ("GET", "own_traits"): WORKERS.format(200, 200),
    ("PUT", "own_traits"): WORKERS.format(200, 200),
    ("GET", "recodings"): MANAGERS.format(200),
    ("POST", "recodings"): MANAGERS.format(202),
    ("POST", "recoding_preview"): MANAGERS.format(200),
    ("GET", "recoding"): MANAGED.format(200),
    ("POST", "recoding_cancel"): MANAGED.format(200),
    ("POST", "recoding_retry"): MANAGED.format(202),
    ("GET", "rulings"): LABELS,
    ("POST", "rulings"): MANAGERS.format(201),
    ("POST", "suggestions"): MANAGERS.format(200),
    ("POST", "annotation_lines"): "200 200 200 200 403 404 401",
    ("POST", "fitting"): READERS,
    ("GET", "samples"): "200 200 200 403 200 404 401",
    ("POST", "samples"): MANAGERS.format(202),
    ("POST", "overlap"): MANAGERS.format(202),
    ("GET", "sample"): READERS,
    ("POST", "sample_cancel"): "200 200 404 404 404 404 401",
    ("POST", "sample_retry"): "202 202 404 404 404 404 401",
    ("POST", "rankings"): MANAGERS.format(202),
    ("GET", "ranking"): READERS,
    ("POST", "ranking_cancel"): "200 200 404 404 404 404 401",
    ("GET", "turns"): MANAGERS.format(200),
    ("POST", "turn_release"): MANAGERS.format(204),
    ("GET", "adjudication"): ADJUDICATORS.format(200),
    ("POST", "next_case"): ADJUDICATORS.format(200),
    ("GET", "unit_adjudication"): ADJUDICATORS.format(200),
    ("PUT", "unit_adjudication"): ADJUDICATORS.format(200),
    ("GET", "case_comments"): ADJUDICATORS.format(200),
    ("POST", "rule"): ADJUDICATORS.format(202),
    ("POST", "rule_count"): ADJUDICATORS.format(200),
    ("GET", "rule_run"): ADJUDICATORS.format(200),
    ("POST", "rule_run_cancel"): ADJUDICATORS.format(200),
    ("GET", "notes"): "200 200 200 403 403 404 401",
    # Nobody wrote a note: who may answer one finds none.
    ("POST", "note_reply"): "404 404 404 403 403 404 401",
    ("GET", "annotations"): ALL,
    ("GET", "annotation"): LABELS,
    ("GET", "revisions"): LABELS,
    ("GET", "agreement_runs"): QUALITY.format(200),
    ("POST", "agreement_runs"): QUALITY.format(202),
    ("GET", "agreement_run"): FIGURES,
    ("POST", "agreement_cancel"): FIGURES,
    ("GET", "aggregations"): QUALITY.format(200),
    ("POST", "aggregations"): MANAGERS.format(202),
    ("GET", "aggregation"): FIGURES,
    ("POST", "aggregation_cancel"): "200 200 403 404 403 404 401",
    ("GET", "aggregation_rows"): FIGURES,
    ("GET", "exports"): ALL,
    ("POST", "exports"): "202 202 403 403 202 404 401",
    ("GET", "export"): EXPORTERS.format(200),
    ("GET", "export_file"): EXPORTERS.format(200),
    ("POST", "export_cancel"): EXPORTERS.format(200),
    ("POST", "export_retry"): EXPORTERS.format(202),
    ("GET", "releases"): ALL,
    ("POST", "releases"): MANAGERS.format(201),
    ("GET", "release"): EXPORTERS.format(200),
    ("PATCH", "release"): MANAGED.format(200),
    ("DELETE", "release"): MANAGED.format(204),
    ("POST", "release_confirm"): MANAGED.format(202),
    ("POST", "release_cancel"): MANAGED.format(200),
    ("POST", "release_retry"): MANAGED.format(202),
    # Viewers see what is made, and take nothing away.
    ("POST", "release_withdraw"): "200 200 404 404 403 404 401",
    ("GET", "release_differences"): EXPORTERS.format(200),
    ("GET", "release_file"): EXPORTERS.format(200),
    ("GET", "release_files"): EXPORTERS.format(200),
    ("GET", "release_one_file"): EXPORTERS.format(200),
    ("POST", "records"): STAFF_ONLY.format(200),
    ("GET", "imports"): STAFF_ONLY.format(200),
    ("POST", "imports"): STAFF_ONLY.format(202),
    ("GET", "import"): STAFF_ONLY.format(200),
    ("POST", "import_cancel"): STAFF_ONLY.format(200),
    ("POST", "import_retry"): STAFF_ONLY.format(202),
    ("GET", "tokens"): ALL,
    ("POST", "tokens"): "201 201 201 201 201 201 401",
    ("DELETE", "token"): "404 404 404 204 404 404 401",
    ("GET", "schema"): ALL,
    ("GET", "docs"): "200 200 200 200 200 200 302",
}
QUERIES = {"unit_comments": {"before": 1}, "case_comments": {"before": 1}}
RECODED = """\
key: recoded
version: {}
title: Recoded
questions:
  - {{key: why, title: Why, kind: text}}
"""
OF_THE_STUDY = (
    *("campaign", "campaign_changes", "members", "progress", "labels", "next", "history"),
    *("workplace", "stop", "guidelines_seen", "own_traits", "rulings", "suggestions"),
    *("samples", "overlap", "rankings", "turns", "units", "assignments"),
    *("agreement_runs", "aggregations"),
    *("adjudication", "next_case", "rule", "rule_count", "notes"),
    *("invitations", "known", "known_gold", "annotation_lines", "webhooks"),
)
LINES = {
    "records": b'{"record": "thread", "id": "sent"}\n',
    "annotation_lines": b'{"id": "2b1f6a1e-6f6b-4a53-9d3c-5f1f2c1e7a10", "unit": 1}\n',
}
NOT_DOCUMENTED = {"schema", "docs"}


def address(name: str, world: World, method: str = "GET") -> str:
    export = {"export_cancel": "queued", "export_retry": "failed"}.get(name, "done")
    sample = "failed" if name == "sample_retry" else "done"
    run = "failed" if name == "import_retry" else "queued"
    release = {"release_cancel": "queued", "release_retry": "failed", "release_confirm": "staged"}
    if method in ("PATCH", "DELETE"):
        release["release"] = "staged"
    unit = {"slug": "study", "pk": world.unit.pk}
    annotation = {"pk": world.annotation.pk}
    disputed = {"slug": "study", "pk": world.dispute.unit_id}
    rule_run = {"slug": "study", "pk": world.rule_run.pk}
    webhook = {"slug": "study", "pk": world.delivery.webhook_id}
    delivery = {**webhook, "delivery": world.delivery.pk}
    places: dict[str, dict[str, Any]] = {
        "corpus": {"slug": "talk"},
        "corpus_changes": {"slug": "talk"},
        "corpus_categories": {"slug": "talk"},
        "corpus_rules": {"slug": "talk"},
        "scans": {"slug": "talk"},
        "records": {"slug": "talk"},
        "scan": {"pk": world.scan.pk},
        "scan_cancel": {"pk": world.scan.pk},
        "thread": {"pk": world.thread.pk},
        "comment": {"pk": world.comments[1].pk},
        "codebook": {"key": "claims", "version": 1},
        "codebook_diff": {"key": "recoded", "before": 1, "after": 2},
        "unit": unit,
        "unit_annotation": unit,
        "unit_comments": unit,
        "unit_adjudication": disputed,
        "case_comments": disputed,
        "rule_run": rule_run,
        "rule_run_cancel": rule_run,
        "note_reply": {"slug": "study", **annotation},
        "annotation": annotation,
        "revisions": annotation,
        "token": {"prefix": world.token.token_key},
        "fitting": {"slug": "talk"},
        "turn_release": {"slug": "study", "pk": world.turn.pk},
        "ranking": {"pk": world.ranking.pk},
        "ranking_cancel": {"pk": world.ranking.pk},
        "member": {"slug": "study", "number": world.membership("annotator").number},
        "invitation": {"slug": "study", "pk": world.invitation.pk},
        **dict.fromkeys(("webhook", "webhook_rotate", "webhook_ping", "deliveries"), webhook),
        "delivery": delivery,
        "delivery_again": delivery,
        "known_unit": {"slug": "study", "pk": world.known.pk},
    }
    if name in ("recodings", "recoding_preview"):
        places[name] = {"slug": "recoded"}
    elif name.startswith("recoding"):
        state = "failed" if name == "recoding_retry" else "queued"
        places[name] = {"pk": Recoding.objects.get(state=state).pk}
    elif name in OF_THE_STUDY:
        places[name] = {"slug": "study"}
    elif name.startswith("agreement"):
        places[name] = {"pk": world.agreement.pk}
    elif name.startswith("aggregation"):
        places[name] = {"pk": world.aggregation.pk}
    elif name.startswith("export") and name != "exports":
        places[name] = {"pk": world.exports[export].pk}
    elif name.startswith("release") and name != "releases":
        path = {"path": "labels.csv"} if name == "release_one_file" else {}
        places[name] = {"pk": world.releases[release.get(name, "done")].pk, **path}
    elif name == "sample_cancel":
        places[name] = {"pk": world.waiting_sample().pk}
    elif name.startswith("sample"):
        places[name] = {"pk": world.samples[sample].pk}
    elif name.startswith("import") and name != "imports":
        places[name] = {"pk": world.imports[run].pk}
    namespace = NAMESPACES[name.startswith("import") or name == "records"]
    return reverse(f"{namespace}:{name}", kwargs=places.get(name, {}))


def body(name: str, method: str) -> dict[str, Any]:
    upload = SimpleUploadedFile("talk.csv", b"id,text,thread\n1,Hello,t\n2,Hi there,t\n")
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("POST", "corpora"): {"slug": "fresh"},
        ("PATCH", "corpus"): {"licence": "CC BY 4.0"},
        ("POST", "codebooks"): {"source": (LIBRARY / "claimbuster.yaml").read_text()},
        ("POST", "codebook_preview"): {"source": (LIBRARY / "claimbuster.yaml").read_text()},
        ("POST", "recodings"): {"version": 2},
        ("POST", "recoding_preview"): {"version": 2},
        ("POST", "campaigns"): {
            "slug": "fresh",
            "corpus": "talk",
            "codebook": {"key": "claims", "version": 1},
            "annotators": ["annotator"],
            "overlap": 2,
        },
        ("PATCH", "campaign"): {"state": "paused"},
        ("POST", "members"): {"username": "outsider"},
        ("POST", "samples"): {"draw": "random", "size": 1},
        ("POST", "overlap"): {"overlap": 3},
        ("PATCH", "member"): {"paused": True, "reason": "We talk on Monday."},
        ("POST", "invitations"): {"role": "annotator", "days": 7, "most_uses": 3},
        ("POST", "webhooks"): {"url": "https://lab.example/hook", "events": ["export.done"]},
        ("PATCH", "webhook"): {"events": ["export.done"]},
        ("POST", "known"): {"purpose": "check", "known": []},
        ("POST", "known_gold"): {"purpose": "check", "count": 1},
        ("POST", "rulings"): {"text": "Irony is *no* claim."},
        ("PUT", "unit_adjudication"): decision_body(),
        ("POST", "rule"): {"least": 2},
        ("POST", "rule_count"): {"least": 2},
        ("POST", "note_reply"): {"note": "What is irony?"},
        ("POST", "suggestions"): {"model": "guesser-1", "suggestions": []},
        ("PUT", "unit_annotation"): save_body(revision=1),
        ("POST", "exports"): {"campaign": "study", "format": "jsonl"},
        ("POST", "releases"): {
            "campaign": "study",
            "title": "The study",
            "version": "1.0",
            "formats": ["jsonl"],
        },
        ("PATCH", "release"): {"title": "The study of bridges"},
        ("POST", "release_withdraw"): {"reason": "Somebody took consent back."},
        ("POST", "aggregations"): {"method": "dawid_skene"},
        ("POST", "imports"): {"file": upload, "corpus": "talk", "format": "table"},
        ("PUT", "avoided"): {"categories": []},
        ("PUT", "own_traits"): {"traits": {}, "agreed": False},
        ("PUT", "preferences"): {"theme": "dark"},
        ("POST", "tokens"): {"name": "a script", "scopes": ["labels:read"], "days": 30},
    }
    return bodies.get((method, name), {})


def ask(client: APIClient, world: World, method: str, name: str) -> Any:
    call = getattr(client, method.lower())
    kind = "multipart" if name == "imports" else "json"
    if method == "GET":
        asked = {"release_differences": {"from": world.releases["withdrawn"].pk}}
        return call(address(name, world), {**QUERIES, **asked}.get(name))
    if name in LINES:
        return call(address(name, world), LINES[name], content_type="application/x-ndjson")
    return call(address(name, world, method), body(name, method), format=kind)


@pytest.fixture(autouse=True)
def recodings(world: World) -> None:
    """Two paused campaigns of the same people: one can be recoded, the other is being."""
    before, after = (load_codebook(text=RECODED.format(n), now=NOON) for n in (1, 2))
    for slug in ("recoded", "recoding"):
        campaign = build_campaign(world.corpus, before, slug, state="paused")
        for role in Membership.Role.values:
            build_membership(campaign, world.users[role], role)
    for state, error in (("queued", ""), ("failed", "The disk is full.")):
        Recoding.objects.create(
            campaign=campaign,
            before=before,
            after=after,
            created_at=NOON,
            state=state,
            error=error,
        )


def test_every_route_has_its_row() -> None:
    assert routes() == EXPECTED.keys()


@pytest.mark.parametrize(("method", "name"), EXPECTED, ids=[" ".join(one) for one in EXPECTED])
def test_each_role_gets_what_it_may_have(world: World, method: str, name: str) -> None:
    expected = EXPECTED[method, name].split()
    answers = []
    for role in ROLES:
        with transaction.atomic():
            response = ask(world.client(role), world, method, name)
            answers.append(str(response.status_code))
            if name not in NOT_DOCUMENTED:
                check_answer(method, name, response)
            b"".join(response) if response.streaming else response.content
            transaction.set_rollback(True)
    assert dict(zip(ROLES, answers, strict=True)) == dict(zip(ROLES, expected, strict=True))
