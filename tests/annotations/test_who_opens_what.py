"""Who gets in where: every page and every act of a page, every role.

The API has its own table (api/test_roles.py), and the admin a rule
(intruders/test_admin_routes.py). A route without a row fails.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from annotations.models import Recoding
from annotations.urls import urlpatterns as annotations_patterns
from importers.urls import urlpatterns as importers_patterns
from tests.annotations import test_open_pages
from tests.annotations.api.world import ROLES, World
from tests.annotations.test_open_pages import ABOUT_THE_SERVER, PLACES

pytestmark = [pytest.mark.django_db, pytest.mark.once]

world = test_open_pages.world
PATTERNS = [*annotations_patterns, *importers_patterns]
# Whether they get in, in the order of ROLES: staff, manager, adjudicator, annotator, viewer,
# outsider, anonymous. Whoever does not is sent to the log-in, or told 403 or 404.
ALL = "yyyyyyy"
LOGGED_IN = "yyyyyy-"
MEMBERS = "yyyyy--"
READERS = "yyy-y--"
MANAGERS = "yy-----"
EXPORTERS = "yy--y--"
STAFF = "y------"
WORKERS = "-yyy---"
DECIDERS = "-yy----"
ANSWERERS = "yyy----"
OWNER = "---y---"  # of the token
NOBODY = "-------"  # what they name is not there, or it takes another method
EXPECTED: dict[str, str] = {
    **dict.fromkeys(
        (
            *(
                "policy_report",
                "login",
                "set_language",
            ),
        ),
        ALL,
    ),
    **dict.fromkeys(
        (
            *(
                "home",
                "account",
                "change_password",
                "save_avoided",
                "save_preferences",
            ),
            *(
                "new_token",
                "corpora",
                "codebooks",
                "codebook",
                "codebook_diff",
                "campaigns",
            ),
        ),
        LOGGED_IN,
    ),
    **dict.fromkeys(
        (*("campaign",),),
        MEMBERS,
    ),
    **dict.fromkeys(
        (
            *(
                "corpus",
                "corpus_warnings",
                "duplicates",
                "thread",
                "people",
            ),
            *(
                "campaign_sample",
                "campaign_progress",
                "progress_file",
                "quality",
            ),
            *(
                "quality_file",
                "new_agreement",
                "cancel_agreement",
                "consensus_file",
            ),
        ),
        READERS,
    ),
    **dict.fromkeys(
        (
            *(
                "change_own_languages",
                "own_traits",
                "label",
            ),
        ),
        WORKERS,
    ),
    **dict.fromkeys(
        (
            *(
                "campaign_data",
                "new_export",
                "release_difference",
                "cancel_export",
            ),
            *("retry_export",),
        ),
        EXPORTERS,
    ),
    **dict.fromkeys(
        (*("notes",),),
        ANSWERERS,
    ),
    **dict.fromkeys(
        (
            *(
                "set_corpus_categories",
                "new_word_rule",
                "new_field_rule",
                "comment_warnings",
            ),
            *(
                "change_state",
                "change_care",
                "change_asked_traits",
                "add_member",
            ),
            *(
                "change_role",
                "change_languages",
                "pause_member",
                "let_go_on",
            ),
            *(
                "new_invitation",
                "revoke_invitation",
                "stages",
                "change_stages",
            ),
            *(
                "upload_known",
                "draw_known",
                "take_back_known",
                "new_ruling",
            ),
            *(
                "campaign_codebook",
                "new_recoding",
                "webhooks",
                "new_webhook",
                "webhook",
            ),
            *(
                "change_webhook",
                "pause_webhook",
                "resume_webhook",
                "ping_webhook",
            ),
            *(
                "rotate_webhook",
                "delete_webhook",
                "redeliver",
                "new_sample",
                "raise_overlap",
            ),
            *(
                "new_ranking",
                "give_turn_back",
                "cancel_sample",
                "retry_sample",
            ),
            *(
                "cancel_ranking",
                "new_aggregation",
                "cancel_aggregation",
                "recoding_trace",
            ),
            *(
                "cancel_recoding",
                "retry_recoding",
                "new_release",
                "change_release",
            ),
            *(
                "confirm_release",
                "discard_release",
                "cancel_release",
                "retry_release",
            ),
            *("withdraw_release",),
        ),
        MANAGERS,
    ),
    **dict.fromkeys(
        (
            *(
                "adjudication",
                "adjudication_desk",
                "new_rule",
                "cancel_rule",
            ),
        ),
        DECIDERS,
    ),
    **dict.fromkeys(
        (*("revoke_token",),),
        OWNER,
    ),
    **dict.fromkeys(
        (
            *(
                "new_corpus",
                "new_scan",
                "cancel_scan",
                "new_codebook",
                "edit_codebook",
            ),
            *(
                "new_campaign",
                "release",
                "imports",
                "new_import",
                "import",
                "import_progress",
            ),
            *(
                "import_refused",
                "import_format",
                "start_import",
                "cancel_import",
            ),
            *(
                "retry_import",
                "repeat_import",
            ),
        ),
        STAFF,
    ),
    **dict.fromkeys(
        (
            *(
                "logout",
                "delete_rule",
                "duplicates_alike",
                "load_from_library",
                "join",
            ),
            *("reply_to_note",),
        ),
        NOBODY,
    ),
}


def arguments(name: str, world: World) -> dict[str, Any]:
    """What the address of a page or an act names, where it is there."""
    if name in PLACES:
        (pattern,) = (one for one in PATTERNS if one.name == name)
        return dict(zip(pattern.pattern.converters, PLACES[name](world), strict=True))
    (pattern,) = (one for one in PATTERNS if one.name == name)
    rows: dict[str, Any] = {
        "sample": world.samples["failed"],
        "ranking": world.ranking,
        "turn": world.turn,
        "invitation": world.invitation,
        "known": world.known,
        "webhook": world.delivery.webhook,
        "redeliver": world.delivery.webhook,
        "export": world.exports["failed"],
        "release": world.releases["failed"],
        "scan": world.scan,
        "agreement": world.agreement,
        "aggregation": world.aggregation,
        "rule": world.rule_run,
        "note": world.annotation,
        "import": world.imports["failed"],
        "recoding": Recoding.objects.get(),
    }
    row = next((row for word, row in rows.items() if word in name), world.scan)
    corpora = (
        "set_corpus_categories",
        "new_word_rule",
        "new_field_rule",
        "delete_rule",
        "new_scan",
    )
    known: dict[str, Any] = {
        "pk": row.pk,
        "slug": world.corpus.slug if name in corpora else world.campaign.slug,
        "number": world.membership("annotator").number,
        "delivery": world.delivery.pk,
        "key": "claims",
        "token_key": world.token.token_key,
    }
    return {key: known[key] for key in pattern.pattern.converters}


def gets_in(world: World, role: str, address: str, method: str) -> str:
    client = Client()
    if role != "anonymous":
        client.force_login(world.users[role])
    with transaction.atomic():
        answer: Any = client.generic(method, address)
        if answer.streaming:
            b"".join(answer)
        transaction.set_rollback(True)
    refused = answer.status_code in (403, 404, 405)
    sent_away = answer.headers.get("Location", "").startswith("/login/")
    return "-" if refused or sent_away else "y"


def test_every_page_and_every_act_has_its_row() -> None:
    names = {str(pattern.name) for pattern in PATTERNS} - ABOUT_THE_SERVER
    assert names == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_who_gets_in(world: World, name: str) -> None:
    method = "GET" if name in PLACES else "POST"
    address = reverse(name, kwargs=arguments(name, world))
    found = "".join(gets_in(world, role, address, method) for role in ROLES)
    assert found == EXPECTED[name]
