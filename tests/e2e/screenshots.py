"""``python -m tests.e2e.screenshots``: the pictures of the docs, from the running demo."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from project.environment import ROOT
from tests.application import Application
from tests.browser import launch_options
from tests.e2e.filled_study import SLUG
from tests.e2e.workspace import Workspace

IMAGES = ROOT / "docs" / "images"
LABELING = "/campaigns/harbour/label/"
WARNINGS = "/corpora/harbour/warnings/"
STUDY = f"/campaigns/{SLUG}/"
EDITOR = "/codebooks/claims-misinformation-sentiment/2/edit/"
DESK = {"width": 1280, "height": 800}
CREATOR = "Ada Lovelace; University of Lindhaven; 0000-0002-1825-0097"
PHONE = {"width": 400, "height": 800}
CLAIM = "240 in Lindhaven, 600 in the whole company"
LOOKS: dict[str, dict[str, Any]] = {
    "workspace-dark": {"viewport": DESK, "color_scheme": "dark"},
    "workspace-narrow": {"viewport": PHONE, "has_touch": True, "is_mobile": True},
    "workspace-right-to-left": {"viewport": DESK, "locale": "ar"},
}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="threadmark-") as folder:
        application = Application(Path(folder) / "var")
        application.start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
                picture_workspace(application, browser)
                for name, look in LOOKS.items():
                    picture(application, browser, name, **look)
                cover(application, browser)
                picture(application, browser, "workspace-covered", viewport=DESK)
                picture_study(application, browser)
        finally:
            application.stop()


def picture_workspace(application: Application, browser: Browser) -> None:
    """cleo at work: a claim is marked, and the next question is open."""
    page = log_in(application, browser, "cleo", LABELING, viewport=DESK)
    workspace = Workspace(page)
    workspace.answer("3")
    workspace.drag_over(CLAIM)
    expect(workspace.marks()).to_have_text(CLAIM)
    workspace.press("Enter")
    workspace.answer("1")
    workspace.expect_saved()
    page.mouse.move(0, 0)
    page.screenshot(path=IMAGES / "workspace.png")


def picture(application: Application, browser: Browser, name: str, **look: Any) -> None:
    """The same comment as it looks elsewhere."""
    page = log_in(application, browser, "cleo", LABELING, **look)
    expect(page.locator("fieldset.active")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")


def cover(application: Application, browser: Browser) -> None:
    """A rule warns of the comment, as a manager makes it."""
    page = log_in(application, browser, "admin", WARNINGS, viewport=DESK)
    page.get_by_text("New rule by words").click()
    form = page.locator(f"form[action='{WARNINGS}words/']")
    form.locator("select").select_option(label="Harassment and insults")
    form.locator("textarea").fill("Lindhaven")
    form.get_by_role("button").click()
    counted = page.get_by_role("link", name="Harassment and insults")
    while not counted.count():
        page.wait_for_timeout(500)
        page.goto(WARNINGS)


def picture_study(application: Application, browser: Browser) -> None:
    """What a manager sees of a study in full swing."""
    fill = [sys.executable, "-m", "tests.e2e.filled_study"]
    subprocess.run(fill, cwd=ROOT, env=application.env, check=True)
    page = log_in(application, browser, "researcher", f"{STUDY}progress/", viewport=DESK)
    shoot(page, "study-progress")
    page.goto(f"{STUDY}quality/")
    page.get_by_role("button", name="Compute the agreement").click()
    expect(page.get_by_text("As the labels were")).to_be_visible(timeout=60_000)
    shoot(page, "study-quality")
    page.goto(f"{STUDY}adjudication/desk/?question=claim")
    expect(page.get_by_role("region", name="All answers side by side")).to_be_visible()
    shoot(page, "study-adjudication")
    page.goto(EDITOR)
    expect(page.get_by_text("Nothing is wrong: it can be loaded.")).to_be_visible()
    shoot(page, "codebook-editor")
    picture_sample(page)
    picture_data(page)


def picture_sample(page: Page) -> None:
    """The sample of a new campaign, counted before it is drawn."""
    page.goto("/campaigns/new/")
    page.get_by_label("Corpus").select_option(label="Town talk")
    page.get_by_label("Which of the comments that fit").select_option(label="So many at random")
    page.get_by_label("How many", exact=True).fill("100")
    page.get_by_role("button", name="Count what fits").click()
    expect(page.get_by_text("Comments that fit:")).to_be_visible()
    page.get_by_role("group", name="Sample").evaluate("node => node.scrollIntoView()")
    shoot(page, "study-sample")


def picture_data(page: Page) -> None:
    """What is taken out of the study, and a release of it."""
    page.goto(f"{STUDY}data/")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_role("link", name="Download export")).to_be_visible(timeout=60_000)
    shoot(page, "data-export")
    page.get_by_role("link", name="Make a release").click()
    page.get_by_label("Title", exact=True).fill("Claims in town talk")
    page.get_by_text("Train, validation and test", exact=True).click()
    page.get_by_label("By thread").check()
    page.get_by_label("Who made it", exact=True).fill(CREATOR)
    page.get_by_label("Licence", exact=True).fill("CC-BY-4.0")
    page.get_by_role("button", name="Keep the draft").click()
    page.get_by_role("button", name="Freeze and make the release").click()
    page.get_by_role("dialog").get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("heading", name="How to load it")).to_be_visible(timeout=60_000)
    shoot(page, "release")


def shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    page.screenshot(path=IMAGES / f"{name}.png")


def log_in(application: Application, browser: Browser, who: str, address: str, **look: Any) -> Page:
    page = browser.new_page(base_url=application.url, **look)
    account = application.account(who)
    page.goto(f"/login/?next={address}")
    page.locator("[name=username]").fill(account.username)
    page.locator("[name=password]").fill(account.password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"**{address}")
    return page


if __name__ == "__main__":
    main()
