"""Every page, for an administrator and for an annotator, on a desk and on a phone.

A page that has no row here fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Browser, Page, StorageState, expect

from annotations.urls import urlpatterns as annotations_patterns
from importers.urls import urlpatterns as importers_patterns
from tests.application import Account, Application
from tests.e2e.api import Api
from tests.e2e.soundness import WIDTHS, expect_sound, expect_to_fit, no_errors, violations
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Row:
    """A page with the status that it has for each; ``args`` name what the demo has.

    ``borrowed`` pages are drawn by a package: axe looks at them at one width only, as it is slow
    there, and what it finds in the package's own parts is ``excused`` by its name.
    """

    name: str
    args: tuple[object, ...] = ()
    admin: int = 200
    annotator: int = 200
    ready: str = "main, #main"
    borrowed: bool = False
    excused: tuple[str, ...] = ()


PAGES = [
    Row("home"),
    Row("login"),
    Row("account"),
    Row("change_password"),
    Row("corpora"),
    Row("new_corpus", annotator=403),
    Row("corpus", ("harbour",), annotator=404),
    Row("duplicates", ("harbour",), annotator=404),
    Row("duplicates_alike", ("harbour", 987_654), admin=404, annotator=404),
    Row("corpus_warnings", ("harbour",), annotator=404),
    Row("comment_warnings", ("comment",), annotator=404),
    Row("thread", ("thread",), annotator=404),
    Row("codebooks"),
    Row("codebook", ("claims-misinformation-sentiment", 2)),
    Row("new_codebook", annotator=403),
    Row("edit_codebook", ("claims-misinformation-sentiment", 2), annotator=403),
    Row("codebook_diff", ("claims-misinformation-sentiment", 2, 2)),
    Row("campaign_codebook", ("harbour",), annotator=403),
    Row("recoding_trace", (987_654,), admin=404, annotator=404),
    Row("campaigns"),
    Row("campaign", ("harbour",)),
    Row("campaign_sample", ("harbour",), annotator=403),
    Row("campaign_progress", ("harbour",), annotator=403),
    Row("quality", ("harbour",), annotator=403),
    Row("campaign_data", ("harbour",), annotator=403),
    Row("webhooks", ("harbour",), annotator=403),
    Row("webhook", ("harbour", "webhook"), annotator=403),
    Row("new_release", ("harbour",), annotator=403),
    Row("change_release", ("draft",), annotator=404),
    Row("release", ("draft",), annotator=404),
    Row("release", ("release",), annotator=404),
    Row("release_difference", ("earlier release", "release"), annotator=404),
    Row("people", ("harbour",), annotator=403),
    Row("own_traits", ("harbour",), admin=403),
    Row("stages", ("harbour",), annotator=403),
    Row("join", ("nothing",), admin=404, annotator=404),
    Row("new_campaign", annotator=403),
    Row("adjudication", ("harbour",), admin=403, annotator=403),
    Row("adjudication_desk", ("harbour",), admin=403, annotator=403),
    Row("notes", ("harbour",), annotator=403),
    Row("label", ("harbour",), admin=403, ready=".actions .submit"),
    Row("imports", annotator=403),
    Row("new_import", annotator=403),
    Row("import", ("import",), annotator=403),
    Row(
        "api:docs",
        ready=".opblock-tag",
        borrowed=True,
        excused=("color-contrast", "heading-order", "nested-interactive", "region"),
    ),
    Row("admin:index", annotator=302, borrowed=True),
    Row("admin:start_import", annotator=302, borrowed=True),
]
TABLES = [
    Row(
        f"admin:{meta.app_label}_{meta.model_name}_changelist",
        annotator=302,
        borrowed=True,
        excused=("label-title-only",),
    )
    for meta in (model._meta for model in admin.site._registry)
]
# They change something, so a browser that only looks gets nothing from them.
ACTS = {
    "policy_report",
    "set_language",
    "logout",
    "save_avoided",
    "save_preferences",
    "new_token",
    "revoke_token",
    "change_state",
    "change_care",
    "new_ruling",
    "new_rule",
    "cancel_rule",
    "reply_to_note",
    "set_corpus_categories",
    "new_word_rule",
    "new_field_rule",
    "delete_rule",
    "add_member",
    "change_role",
    "new_sample",
    "cancel_sample",
    "retry_sample",
    "raise_overlap",
    "new_ranking",
    "cancel_ranking",
    "give_turn_back",
    "new_agreement",
    "cancel_agreement",
    "new_aggregation",
    "cancel_aggregation",
    "change_languages",
    "change_own_languages",
    "change_asked_traits",
    "pause_member",
    "let_go_on",
    "new_invitation",
    "revoke_invitation",
    "change_stages",
    "upload_known",
    "draw_known",
    "take_back_known",
    "new_webhook",
    "change_webhook",
    "pause_webhook",
    "resume_webhook",
    "ping_webhook",
    "rotate_webhook",
    "delete_webhook",
    "redeliver",
    "new_export",
    "cancel_export",
    "retry_export",
    "confirm_release",
    "discard_release",
    "cancel_release",
    "retry_release",
    "withdraw_release",
    "load_from_library",
    "new_recoding",
    "cancel_recoding",
    "retry_recoding",
    "new_scan",
    "cancel_scan",
    "import_format",
    "start_import",
    "cancel_import",
    "retry_import",
    "repeat_import",
}
PATTERNS = [*annotations_patterns, *importers_patterns]
FOR_MACHINES: dict[str, tuple[object, ...]] = {
    "healthz": (),
    "readyz": (),
    "import_progress": ("import",),
    "import_refused": ("import",),
    "progress_file": ("harbour", "people"),
    "quality_file": ("harbour", "figures"),
    "consensus_file": ("aggregation",),
}


def released(api: Api, version: str, *, confirmed: bool = True, **chosen: object) -> int:
    """The number of a release of the demo, or of a draft of one, made here."""
    wanted = {
        "campaign": "harbour",
        "title": "Ferries in the harbour",
        "version": version,
        "formats": ["csv", "jsonl"],
        "contents": chosen,
        "card": {"creators": [{"name": "Ada Byron"}], "licence": "CC-BY-4.0"},
    }
    number: int = api.post("releases/", wanted)["id"]
    if confirmed:
        api.post(f"releases/{number}/confirm/", {})
        api.wait(f"releases/{number}/")
    return number


@pytest.fixture(scope="module")
def things(api: Api) -> dict[str, object]:
    """The numbers of the demo's thread, of its first comment, of its import, and of one answer
    from many and of releases, made here."""
    wanted = {"method": "majority"}
    aggregation = api.post("campaigns/harbour/aggregations/", wanted)["id"]
    api.wait(f"aggregations/{aggregation}/")
    wanted_events = {"url": "https://lab.example/hook", "events": ["export.done"]}
    webhook = api.post("campaigns/harbour/webhooks/", wanted_events)["id"]
    api.post(f"campaigns/harbour/webhooks/{webhook}/ping/", {})
    return {
        "webhook": webhook,
        "thread": api.get("threads/?corpus=harbour")["results"][0]["id"],
        "comment": api.get("comments/?corpus=harbour")["results"][0]["id"],
        "import": api.get("imports/?corpus=harbour")["results"][0]["id"],
        "aggregation": aggregation,
        "earlier release": released(api, "0.1", split_by="author"),
        "release": released(api, "0.2", notes=False),
        "draft": released(api, "0.3", confirmed=False),
    }


@pytest.fixture(scope="module")
def windows(
    browser: Browser, application: Application, sessions: Callable[[Account], StorageState]
) -> Iterator[dict[str, Page]]:
    """One window for each kind of visitor."""
    contexts = {
        who: browser.new_context(
            base_url=application.url, storage_state=sessions(application.account(who))
        )
        for who in ("admin", "cleo")
    }
    yield {who: context.new_page() for who, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("row", [*PAGES, *TABLES], ids=lambda row: row.name)
@pytest.mark.parametrize("who", ["admin", "cleo"])
def test_a_page_is_sound(
    windows: dict[str, Page], things: dict[str, object], who: str, row: Row
) -> None:
    expected = row.admin if who == "admin" else row.annotator
    if expected == 302:
        _expect_turned_away(windows[who], row.name)
        return
    page = windows[who]
    with no_errors(page, expected):
        address = reverse(row.name, args=[things.get(str(arg), arg) for arg in row.args])
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == expected
        if expected == 200:
            expect(page.locator(row.ready).first).to_be_visible()
        if row.borrowed:
            _expect_sound_at_one_width(page, row.excused)
        else:
            expect_sound(page)


def test_the_workspace_is_sound_under_its_dialogs(windows: dict[str, Page]) -> None:
    page = windows["cleo"]
    Workspace(page).open(reverse("label", args=["harbour"]))
    for key in ("?", ",", "H", "T", "S", "s"):
        with no_errors(page):
            page.keyboard.press(key)
            expect(page.get_by_role("dialog")).to_be_visible()
            expect_sound(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("g")
    expect(page.get_by_role("complementary", name="Guidelines")).to_be_visible()
    expect_sound(page)


def test_every_address_has_a_row() -> None:
    shown = {row.name for row in PAGES if ":" not in row.name}
    assert {pattern.name for pattern in PATTERNS} == shown | ACTS | FOR_MACHINES.keys()


@pytest.mark.parametrize("name", sorted(ACTS))
def test_an_act_is_not_done_by_looking(windows: dict[str, Page], name: str) -> None:
    (pattern,) = [pattern for pattern in PATTERNS if pattern.name == name]
    kinds = {"pk": 1, "number": 1, "delivery": 1}
    converters = pattern.pattern.converters
    args = {key: kinds.get(key, "harbour") for key in converters}
    assert windows["admin"].request.get(reverse(name, kwargs=args)).status == 405


def test_what_machines_ask_is_answered(windows: dict[str, Page], things: dict[str, object]) -> None:
    for name, arguments in FOR_MACHINES.items():
        address = reverse(name, args=[things.get(str(arg), arg) for arg in arguments])
        assert windows["admin"].request.get(address).ok


def test_visitors_find_a_sound_log_in_and_a_sound_missing_page(
    browser: Browser, application: Application
) -> None:
    with browser.new_context(base_url=application.url) as window:
        page = window.new_page()
        for address, status in ((reverse("home"), 200), ("/no/such/page/", 404)):
            with no_errors(page, status):
                answer = page.goto(address)
                assert answer is not None
                assert answer.status == status
                expect_sound(page)


def _expect_sound_at_one_width(page: Page, excused: tuple[str, ...]) -> None:
    for width in WIDTHS:
        expect_to_fit(page, width)
    assert [found for found in violations(page) if not found.startswith(excused)] == []


def _expect_turned_away(page: Page, name: str) -> None:
    """Django's admin sends who may not see it to its log-in."""
    answer = page.request.get(reverse(name), max_redirects=0)
    assert answer.status == 302
    assert answer.headers["location"].startswith(reverse("admin:login"))
