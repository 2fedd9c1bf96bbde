"""``python -m tests.e2e.screenshots``: the pictures of the README, from the running demo."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from project.environment import ROOT
from tests.application import Application
from tests.browser import launch_options
from tests.e2e.workspace import Workspace

PICTURE = ROOT / "docs" / "images" / "workspace.png"
SIZE = {"width": 1280, "height": 800}
CLAIM = "240 in Lindhaven, 600 in the whole company"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="threadmark-") as folder:
        application = Application(Path(folder) / "var")
        application.start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
                picture_workspace(application, browser)
        finally:
            application.stop()


def picture_workspace(application: Application, browser: Browser) -> None:
    """cleo at work: a claim is marked, and the next question is open."""
    page = browser.new_page(base_url=application.url, viewport=SIZE)  # type: ignore[arg-type]
    account = application.account("cleo")
    page.goto("/login/?next=/campaigns/harbour/label/")
    page.locator("[name=username]").fill(account.username)
    page.locator("[name=password]").fill(account.password)
    page.locator("[name=password]").press("Enter")
    workspace = Workspace(page)
    workspace.answer("3")
    workspace.drag_over(CLAIM)
    expect(workspace.marks()).to_have_text(CLAIM)
    workspace.press("Enter")
    workspace.answer("1")
    workspace.expect_saved()
    page.mouse.move(0, 0)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
