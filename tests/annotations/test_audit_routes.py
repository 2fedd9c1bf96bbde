"""What every route tells the audit log: a new one without a row here fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.urls.converters import IntConverter

from annotations.models import Aggregation, AuditEntry, ContentCategory, Recoding, User
from annotations.services.codebooks import load_codebook
from annotations.urls import urlpatterns as annotations_patterns
from importers.urls import urlpatterns as importers_patterns
from tests.annotations.api.routes import routes
from tests.annotations.api.test_roles import (
    EXPECTED,
    RECODED,
    ask,
    recodings,  # noqa: F401 (a fixture that each test here uses, too)
)
from tests.annotations.api.world import ROLES, World, build_world
from tests.annotations.test_open_pages import PLACES
from tests.builders import NOON, build_category

THEIRS = "their own affair, which nobody else is to see"
KEEPS_SAVES = "annotations keep every save, with who and when"
KEEPS_WHO = "the row says who asked for it, and changes no label"
ONLY_COUNTS = "only counts or shows what would be"
HOLDS = "who holds which unit, which the slots say"

TOLD: dict[tuple[str, str], str] = {
    ("GET", "audit"): "log_taken",
    ("POST", "corpora"): "corpus_made",
    ("GET", "corpus_changes"): "records_seen",
    ("PATCH", "corpus"): "corpus_changed",
    ("GET", "authors"): "authors_seen",
    ("POST", "scan_cancel"): "job_cancelled",
    ("GET", "threads"): "records_seen",
    ("GET", "thread"): "records_seen",
    ("GET", "comments"): "records_seen",
    ("GET", "comment"): "records_seen",
    ("POST", "codebooks"): "codebook_loaded",
    ("POST", "campaigns"): "campaign_made role_given role_given units_added",
    ("PATCH", "campaign"): "campaign_paused",
    ("GET", "members"): "people_seen",
    ("POST", "members"): "role_given",
    ("PATCH", "member"): "member_paused",
    ("POST", "invitations"): "invitation_made",
    ("DELETE", "invitation"): "invitation_revoked",
    ("POST", "webhooks"): "webhook_made",
    ("PATCH", "webhook"): "webhook_changed",
    ("DELETE", "webhook"): "webhook_deleted",
    ("POST", "webhook_rotate"): "webhook_changed",
    ("POST", "known"): "known_changed",
    ("DELETE", "known_unit"): "known_changed",
    ("GET", "labels"): "labels_taken",
    ("GET", "campaign_changes"): "labels_taken",
    ("POST", "recodings"): "recoding_started",
    ("POST", "recoding_cancel"): "job_cancelled",
    ("POST", "recoding_retry"): "job_retried",
    ("POST", "rulings"): "ruling_made",
    ("POST", "suggestions"): "suggestions_sent",
    ("POST", "samples"): "units_added",
    ("POST", "overlap"): "units_added",
    ("POST", "sample_cancel"): "job_cancelled",
    ("POST", "sample_retry"): "job_retried",
    ("POST", "ranking_cancel"): "job_cancelled",
    ("POST", "next_case"): "annotations_seen",
    ("GET", "unit_adjudication"): "annotations_seen",
    ("POST", "rule"): "rule_started",
    ("POST", "rule_run_cancel"): "job_cancelled",
    ("GET", "notes"): "annotations_seen",
    ("GET", "annotations"): "annotations_seen",
    ("GET", "annotation"): "annotations_seen",
    ("GET", "revisions"): "annotations_seen",
    ("POST", "agreement_cancel"): "job_cancelled",
    ("POST", "aggregation_cancel"): "job_cancelled",
    ("GET", "aggregation_rows"): "labels_taken",
    ("POST", "exports"): "export_started",
    ("GET", "export_file"): "export_taken",
    ("POST", "export_cancel"): "job_cancelled",
    ("POST", "export_retry"): "job_retried",
    ("POST", "releases"): "release_drafted",
    ("PATCH", "release"): "release_changed",
    ("DELETE", "release"): "release_discarded",
    ("POST", "release_confirm"): "release_confirmed",
    ("POST", "release_cancel"): "job_cancelled",
    ("POST", "release_retry"): "job_retried",
    ("POST", "release_withdraw"): "release_withdrawn",
    ("GET", "release_file"): "release_taken",
    ("GET", "release_one_file"): "release_taken",
    ("POST", "records"): "records_sent",
    ("POST", "imports"): "import_started",
    ("POST", "import_cancel"): "job_cancelled",
    ("POST", "import_retry"): "job_retried",
    ("POST", "tokens"): "token_made",
    ("DELETE", "token"): "token_revoked",
}
NOT_TOLD: dict[tuple[str, str], str] = {
    ("PUT", "avoided"): THEIRS,
    ("PUT", "preferences"): THEIRS,
    ("PUT", "own_traits"): THEIRS,
    ("POST", "guidelines_seen"): THEIRS,
    ("POST", "stop"): HOLDS,
    ("POST", "next"): HOLDS,
    ("POST", "turn_release"): HOLDS,
    ("PUT", "unit_annotation"): KEEPS_SAVES,
    ("POST", "annotation_lines"): KEEPS_SAVES,
    ("PUT", "unit_adjudication"): KEEPS_SAVES,
    ("POST", "scans"): KEEPS_WHO,
    ("POST", "rankings"): KEEPS_WHO,
    ("POST", "agreement_runs"): KEEPS_WHO,
    ("POST", "aggregations"): KEEPS_WHO,
    ("POST", "webhook_ping"): KEEPS_WHO,
    ("POST", "delivery_again"): KEEPS_WHO,
    ("POST", "note_reply"): KEEPS_WHO,
    ("POST", "codebook_preview"): ONLY_COUNTS,
    ("POST", "recoding_preview"): ONLY_COUNTS,
    ("POST", "fitting"): ONLY_COUNTS,
    ("POST", "rule_count"): ONLY_COUNTS,
    # Nothing here is gold: tests/annotations/test_audit.py tells of what is.
    ("POST", "known_gold"): "known_changed, by the service of known",
}


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "files"
    return build_world()


def told(act: Callable[[], Any]) -> str:
    """The acts that the log is told of meanwhile; nothing else comes of it."""
    with transaction.atomic():
        before = set(AuditEntry.objects.values_list("pk", flat=True))
        answer = act()
        assert answer.status_code < 400 or answer.status_code == 404, answer.content
        b"".join(answer) if answer.streaming else answer.content
        new = AuditEntry.objects.exclude(pk__in=before).order_by("act")
        acts = " ".join(new.values_list("act", flat=True))
        transaction.set_rollback(True)
    return acts


def test_every_route_that_changes_something_has_its_row() -> None:
    changing = {route for route in routes() if route[0] != "GET"}
    assert changing == {route for route in TOLD | NOT_TOLD if route[0] != "GET"}
    assert not TOLD.keys() & NOT_TOLD.keys()


def test_every_route_of_the_api_tells_what_its_row_says(world: World) -> None:
    """The first role that may do it does it."""
    found = {}
    for method, name in EXPECTED:
        statuses = zip(ROLES, EXPECTED[method, name].split(), strict=True)
        role = next((role for role, status in statuses if status[0] == "2"), "staff")
        client = world.client(role)
        found[method, name] = told(lambda: ask(client, world, method, name))  # noqa: B023
    assert {route: acts for route, acts in found.items() if acts} == TOLD


# Pages: what is sent to each as staff who manage the campaign, too, and what is told of it. A page
# whose form is long has its own test; its row names the route of the API that does the same.
Place = Callable[[World], tuple[Any, ...]]
NOWHERE: Place = lambda _: ()  # noqa: E731
CORPUS: Place = lambda world: (world.corpus.slug,)  # noqa: E731
CAMPAIGN: Place = lambda world: (world.campaign.slug,)  # noqa: E731
WEBHOOK: Place = lambda world: (world.campaign.slug, world.delivery.webhook_id)  # noqa: E731


def member(world: World) -> tuple[str, int]:
    return world.campaign.slug, world.membership("annotator").number


def recoding(state: str) -> Place:
    return lambda _: (Recoding.objects.get(state=state).pk,)


PAGES: dict[str, tuple[Place, dict[str, Any], str]] = {
    "new_corpus": (NOWHERE, {"name": "A", "slug": "a", "author_names": "shown"}, "corpus_made"),
    "set_corpus_categories": (CORPUS, {}, "warnings_changed"),
    "new_word_rule": (CORPUS, {"category": "{category}", "words": "damn"}, "warnings_changed"),
    "new_field_rule": (CORPUS, {"category": "{category}", "field": "a"}, "warnings_changed"),
    "comment_warnings": (lambda world: (world.comments[1].pk,), {}, "warnings_changed"),
    "cancel_scan": (lambda world: (world.scan.pk,), {}, "job_cancelled"),
    "load_from_library": (lambda _: ("claimbuster",), {}, "codebook_loaded"),
    "change_state": (CAMPAIGN, {"state": "closed"}, "campaign_closed"),
    "change_care": (CAMPAIGN, {"break_minutes": 5}, "campaign_changed"),
    "change_asked_traits": (CAMPAIGN, {}, "campaign_changed"),
    "add_member": (CAMPAIGN, {"username": "outsider", "role": "viewer"}, "role_given"),
    "change_role": (member, {"role": "viewer"}, "role_changed"),
    "pause_member": (member, {}, "member_paused"),
    "new_invitation": (CAMPAIGN, {"role": "viewer", "days": 7}, "invitation_made"),
    "revoke_invitation": (
        lambda world: (world.campaign.slug, world.invitation.pk),
        {},
        "invitation_revoked",
    ),
    "change_stages": (CAMPAIGN, {"check_window": 20}, "campaign_changed"),
    "take_back_known": (
        lambda world: (world.campaign.slug, world.known.pk),
        {},
        "known_changed",
    ),
    "new_ruling": (CAMPAIGN, {"text": "Irony is no claim."}, "ruling_made"),
    "new_recoding": (lambda _: ("recoded",), {"version": 2}, "recoding_started"),
    "cancel_recoding": (recoding("queued"), {}, "job_cancelled"),
    "retry_recoding": (recoding("failed"), {}, "job_retried"),
    "new_webhook": (
        CAMPAIGN,
        {"url": "https://lab.example/a", "events": ["export.done"]},
        "webhook_made",
    ),
    "change_webhook": (
        WEBHOOK,
        {"url": "https://lab.example/a", "events": ["export.done"]},
        "webhook_changed",
    ),
    "pause_webhook": (WEBHOOK, {}, "webhook_changed"),
    "rotate_webhook": (WEBHOOK, {}, "webhook_changed"),
    "delete_webhook": (WEBHOOK, {}, "webhook_deleted"),
    "raise_overlap": (CAMPAIGN, {"overlap": 3}, "units_added"),
    "retry_sample": (lambda world: (world.samples["failed"].pk,), {}, "job_retried"),
    "cancel_ranking": (lambda world: (world.ranking.pk,), {}, "job_cancelled"),
    "new_rule": (CAMPAIGN, {"least": 2, "agree": "1", "settle": "1"}, "rule_started"),
    "cancel_agreement": (lambda world: (world.agreement.pk,), {}, "job_cancelled"),
    "cancel_aggregation": (lambda world: (world.aggregation.pk,), {}, "job_cancelled"),
    "confirm_release": (lambda world: (world.releases["staged"].pk,), {}, "release_confirmed"),
    "discard_release": (lambda world: (world.releases["staged"].pk,), {}, "release_discarded"),
    "cancel_release": (lambda world: (world.releases["queued"].pk,), {}, "job_cancelled"),
    "retry_release": (lambda world: (world.releases["failed"].pk,), {}, "job_retried"),
    "withdraw_release": (
        lambda world: (world.releases["done"].pk,),
        {"reason": "Somebody took consent back."},
        "release_withdrawn",
    ),
    "cancel_export": (lambda world: (world.exports["queued"].pk,), {}, "job_cancelled"),
    "retry_export": (lambda world: (world.exports["failed"].pk,), {}, "job_retried"),
    "cancel_import": (lambda world: (world.imports["queued"].pk,), {}, "job_cancelled"),
    "retry_import": (lambda world: (world.imports["failed"].pk,), {}, "job_retried"),
    "new_token": (
        NOWHERE,
        {"name": "a", "scopes": ["all"], "days": 9},
        "token_made",
    ),
    "change_password": (
        NOWHERE,
        {
            "old_password": "{password}",
            "new_password1": "a-quite-new-secret",
            "new_password2": "a-quite-new-secret",
        },
        "password_changed",
    ),
    "logout": (NOWHERE, {}, "logged_out"),
    # Nothing is told of these.
    "set_language": (NOWHERE, {"language": "de"}, ""),
    "save_avoided": (NOWHERE, {}, ""),
    "save_preferences": (NOWHERE, {"theme": "dark"}, ""),
    "own_traits": (CAMPAIGN, {}, ""),
    "new_scan": (CORPUS, {}, ""),
    "new_ranking": (CAMPAIGN, {}, ""),
    "give_turn_back": (lambda world: (world.campaign.slug, world.turn.pk), {}, ""),
    "new_agreement": (CAMPAIGN, {}, ""),
    "new_aggregation": (CAMPAIGN, {"method": "mace"}, ""),
    "ping_webhook": (WEBHOOK, {}, ""),
    "redeliver": (
        lambda world: (world.campaign.slug, world.delivery.webhook_id, world.delivery.pk),
        {},
        "",
    ),
}
# The service that does it tells of it, as on the route of the API that is named.
BY_THE_SERVICE: dict[str, tuple[str, str] | str] = {
    "login": "logged_in, login_failed: tests/annotations/test_audit.py",
    "join": "account_made, invitation_used: tests/annotations/test_audit.py",
    "revoke_token": ("DELETE", "token"),
    "delete_rule": "warnings_changed, as the other rules of a corpus",
    "new_codebook": ("POST", "codebooks"),
    "edit_codebook": ("POST", "codebooks"),
    "new_campaign": ("POST", "campaigns"),
    "change_languages": "languages_changed, where they change: tests/annotations/test_audit.py",
    "change_own_languages": "languages_changed, where they change",
    "let_go_on": "member_resumed, for who is paused: tests/annotations/test_audit.py",
    "upload_known": ("POST", "known"),
    "draw_known": ("POST", "known"),
    "new_export": ("POST", "exports"),
    "resume_webhook": ("PATCH", "webhook"),
    "new_sample": ("POST", "samples"),
    "cancel_sample": ("POST", "sample_cancel"),
    "cancel_rule": ("POST", "rule_run_cancel"),
    "reply_to_note": ("POST", "note_reply"),
    "new_release": ("POST", "releases"),
    "change_release": ("PATCH", "release"),
    "new_import": "nothing yet: it is staged, and no row of a corpus changes",
    "import_format": "nothing yet: it is staged",
    "start_import": ("POST", "imports"),
    "repeat_import": "nothing yet: it is staged",
    "policy_report": "nothing: a browser reports, and it goes to the server's log",
}
SEEN = {
    "thread": "records_seen",
    "people": "people_seen",
    "campaign_progress": "people_seen",
    "progress_file": "people_seen",
    "notes": "annotations_seen",
    "consensus_file": "labels_taken",
}
PASSWORD = "a-rather-long-secret"


def manager_of(world: World) -> User:
    """Staff, and a manager of the campaign: may use every page."""
    user: User = world.users["manager"]
    user.is_staff = True
    user.set_password(PASSWORD)
    user.save()
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def filled_in(sent: dict[str, Any]) -> dict[str, Any]:
    category = ContentCategory.objects.first() or build_category("hate")
    words = {"{category}": str(category.pk), "{password}": PASSWORD}
    return {
        key: words.get(value, value) if isinstance(value, str) else value
        for key, value in sent.items()
    }


def test_every_page_that_takes_a_form_has_its_row(db: None) -> None:
    """A page that only shows something answers 405 to what is sent to it."""
    taking = set()
    for pattern in [*annotations_patterns, *importers_patterns]:
        args = {
            key: 1 if isinstance(converter, IntConverter) else "a"
            for key, converter in pattern.pattern.converters.items()
        }
        answer = Client().post(reverse(str(pattern.name), kwargs=args))
        if answer.status_code != 405:
            taking.add(str(pattern.name))
    assert taking == PAGES.keys() | BY_THE_SERVICE.keys()


def test_what_a_service_tells_is_told_by_the_api(world: World) -> None:
    named = [route for route in BY_THE_SERVICE.values() if isinstance(route, tuple)]
    assert set(named) <= TOLD.keys() | NOT_TOLD.keys()


def test_every_page_tells_what_its_row_says(world: World) -> None:
    manager, found = manager_of(world), {}
    for name, (place, sent, _) in PAGES.items():
        address = reverse(name, args=place(world))
        client, body = client_of(manager), filled_in(sent)
        found[name] = told(lambda: client.post(address, body))  # noqa: B023
    expected = {name: acts for name, (_, _, acts) in PAGES.items()}
    assert found == expected


def test_pages_that_show_others_are_told(world: World) -> None:
    client = client_of(manager_of(world))
    Aggregation.objects.update(state="done", finished_at=NOON)
    found = {
        name: told(lambda: client.get(reverse(name, args=PLACES[name](world))))  # noqa: B023
        for name in SEEN
    }
    assert found == SEEN


@pytest.fixture(autouse=True)
def newer_codebook(world: World) -> None:
    for number in (1, 2):
        load_codebook(text=RECODED.format(number), now=NOON)
