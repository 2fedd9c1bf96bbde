"""No text that anybody stores becomes a script, an element or a request, on any page.

One study holds all attacks in all its texts; every page, with its dialogs, and every table and row
of the admin is opened on it in Chromium.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Dialog, Page, Request, Route

from annotations.models import Campaign, Codebook, Comment, User
from tests.application import Application
from tests.e2e.api import Api
from tests.e2e.conftest import LogIn
from tests.e2e.test_every_page import FOR_MACHINES, PAGES
from tests.e2e.workspace import Workspace
from tests.intruders.payloads import PLANTED
from tests.intruders.planting import SLUG, Planted, plant

pytestmark = pytest.mark.long

# Told by the page itself, before any of its own scripts run.
WATCH = """
window.addEventListener("securitypolicyviolation", (event) =>
  canary(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`), true);
"""
STRANGE = f"""(html) => {{
  const found = [];
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  const roots = [html ? parse(html) : document];
  for (const root of roots) for (const one of root.querySelectorAll("*")) {{
    if (one.shadowRoot) roots.push(one.shadowRoot);
    const names = one.getAttributeNames();
    const runs = names.some((name) => name.startsWith("on"));
    const leads = ["href", "action", "formaction", "src", "xlink:href", "data"].some((name) =>
      /^[\\s\\x00-\\x20]*(java|vb)script:|^\\s*data:text/i.test(one.getAttribute(name) ?? ""));
    if (runs || leads || names.includes("{PLANTED}") || one.localName === "base")
      found.push(one.outerHTML.slice(0, 200));
  }}
  return found;
}}"""


# Tables with most of what people write are also opened, with the admin's own scripts.
DRAWN_ANEW = {User, Comment, Campaign, Codebook}


@dataclass
class Watched:
    """A page, and what happened in it that must not."""

    page: Page
    host: str
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        window = self.page.context
        window.expose_function("canary", lambda *said: self.found.append(f"ran: {said}"))
        window.add_init_script(WATCH)
        window.route("**/*", self._only_here)
        self.page.on("dialog", self._dialog)
        self.page.on("popup", lambda other: self._note(f"popup: {other.url}"))
        self.page.on("pageerror", lambda error: self._note(f"error: {error}"))
        self.page.on("console", self._console)

    def open(self, address: str) -> int:
        answer = self.page.goto(address)
        assert answer is not None
        self.look()
        return answer.status

    def look(self) -> None:
        self.page.wait_for_function("() => document.readyState === 'complete'")
        self.found += self.page.evaluate(STRANGE)
        assert self.found == [], self.page.url

    def read(self, address: str) -> str:
        """The page as the browser would take its HTML, without its scripts: much faster."""
        html = self.page.request.get(address).text()
        self.found += self.page.evaluate(STRANGE, html)
        assert self.found == [], address
        return html

    def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note(self, said: str) -> None:
        self.found.append(said)

    def _console(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            self._note(message.text)

    def _only_here(self, route: Route, request: Request) -> None:
        if not request.url.startswith((self.host, "data:image/")):
            self._note(f"request: {request.url}")
            route.abort()
        else:
            route.continue_()


@pytest.fixture(scope="module")
def planted(application: Application, api: Api) -> Planted:
    return plant(application, api)


@pytest.fixture
def watched(log_in: LogIn, application: Application) -> Callable[[str], Watched]:
    def log_in_watched(who: str) -> Watched:
        return Watched(log_in(who), application.url)

    return log_in_watched


def test_the_watch_sees_what_it_is_there_for(watched: Any, planted: Planted) -> None:
    """A page with a hole: each kind of escape is told."""
    attacks = {
        "ran:": "() => { canary(1); }",
        "policy: script-src": """() => {
            const image = document.createElement("img");
            image.setAttribute("onerror", "canary(1)"); image.src = "x";
            document.body.append(image); }""",
        "policy: require-trusted-types-for": """() => {
            try { document.body.innerHTML = "<b>x</b>"; } catch {} }""",
        "request: https://evil.example/": """() => {
            setTimeout(() => { location.href = "https://evil.example/"; }); }""",
    }
    window = watched("admin")
    for expected, attack in attacks.items():
        window.open(reverse("new_codebook" if "script-src" in expected else "home"))
        window.page.evaluate(attack)
        window.page.wait_for_timeout(200)
        assert any(expected in said for said in window.found), (expected, window.found)
        window.found.clear()


def test_no_page_runs_what_somebody_stored(watched: Any, planted: Planted) -> None:
    window: Watched = watched("admin")
    opened = {200: 0}
    for row in PAGES:
        address = reverse(row.name, args=[_place(planted, arg) for arg in row.args])
        status = window.open(address)
        opened[status] = opened.get(status, 0) + 1
    assert opened[200] >= 40, opened
    for name in ("import_progress",):
        window.open(reverse(name, args=[_place(planted, arg) for arg in FOR_MACHINES[name]]))


def test_no_page_of_the_work_runs_it(watched: Any, planted: Planted) -> None:
    for who, names in {
        "researcher": ("adjudication", "adjudication_desk", "quality", "notes", "home"),
        "ada": ("adjudication", "adjudication_desk", "home"),
        "cleo": ("home", "campaign", "own_traits", "account"),
    }.items():
        window: Watched = watched(who)
        for name in names:
            window.open(reverse(name, args=[] if name in ("home", "account") else [SLUG]))
            window.page.wait_for_load_state("networkidle")
            window.look()
    workspace: Watched = watched("cleo")
    Workspace(workspace.page).open(reverse("label", args=[SLUG]))
    for key in ("?", ",", "H", "T", "S", "s", "g"):
        workspace.page.keyboard.press(key)
        workspace.page.wait_for_timeout(80)
        workspace.look()
        if key != "g":
            workspace.page.keyboard.press("Escape")


def test_no_table_and_no_row_of_the_admin_runs_it(watched: Any, planted: Planted) -> None:
    window: Watched = watched("admin")
    window.open(reverse("admin:index"))
    rows = 0
    for model in admin.site._registry:
        kind = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = window.read(reverse(f"{kind}_changelist"))
        found = re.search(r'href="(/admin/[^"]+/change/)', listed)
        if found:
            window.read(found[1])
            window.read(found[1].replace("/change/", "/history/"))
            rows += 1
        if model in DRAWN_ANEW and found:
            window.open(reverse(f"{kind}_changelist"))
            window.open(found[1])
    assert rows >= 40


def test_no_error_runs_what_was_asked_for(watched: Any, planted: Planted) -> None:
    """What an address or a form says comes back as text."""
    window: Watched = watched("admin")
    attack = "%3Cimg%20data-planted=1%20src=x%20onerror=canary(1)%3E"
    for address in (
        f"/{attack}/",
        f"/campaigns/{attack}/",
        f"/campaigns/{SLUG}/people/?next=javascript:canary(1)",
        f"/corpora/{SLUG}/?q={attack}&status={attack}&page={attack}",
        f"/codebooks/{SLUG}/1/?{attack}={attack}",
        f"/join/{attack}/",
        f"/login/?next=%22%3E{attack}",
        f"/admin/annotations/comment/?q={attack}",
        f"/admin/annotations/comment/?{attack}={attack}",
        f"/admin/login/?next=javascript:canary(1)%22{attack}",
        f"/api/v1/{attack}/",
        f"/api/v1/comments/?{attack}={attack}",
        f"/api/v1/docs/?url=https://evil.example/{attack}&configUrl=https://evil.example/a.json",
    ):
        assert window.open(address) < 500, address


def _place(planted: Planted, arg: object) -> object:
    """Where a row of PAGES names something of the demo, what was planted."""
    return {
        "harbour": SLUG,
        "claims-misinformation-sentiment": SLUG,
        "comment": planted.comment,
        "thread": planted.thread,
        "import": planted.imported,
        "webhook": planted.webhook,
        "release": planted.released,
        "earlier release": planted.earlier,
        "draft": planted.draft,
    }.get(str(arg), arg)
