"""The workspace in Chromium: how long a thread takes to open, and a key to the next paint.

The floor is the same page with a thread of 50 comments, in the same browser and the same run.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.application import Application
from tests.bench.discussion import WORDS
from tests.browser import launch_options
from tests.e2e.api import Api
from tests.e2e.workspace import Workspace

FEW, MANY = 50, 5_000
LOGIN, LABELING = "/login/", "/campaigns/bench/label/"
OPENINGS = 3
UNITS = 12
ANSWERS = ("1", "1", "3")
WHOLE_THREAD_MILLISECONDS = 120_000
SIZE = {"width": 1280, "height": 800}
WATCH = """() => {
  window.bench = {opened: null, keys: [], units: []};
  const painted = (then) => requestAnimationFrame(() => setTimeout(then));
  const focus = () => document.querySelector("article.focus")?.dataset.comment;
  new MutationObserver(() => {
    if (bench.opened !== null || !focus() || !document.querySelector("fieldset.active")) return;
    bench.opened = 0;
    painted(() => { bench.opened = performance.now(); });
  }).observe(document, {childList: true, subtree: true, attributes: true});
  addEventListener("keydown", (event) => {
    const pressed = event.timeStamp, before = focus();
    painted(() => bench.keys.push(performance.now() - pressed));
    const look = () => {
      if (focus() !== before) bench.units.push(performance.now() - pressed);
      else if (performance.now() - pressed < 5000) painted(look);
    };
    if (event.key === "3") painted(look);
  }, true);
}"""


@dataclass(frozen=True)
class Times:
    """Milliseconds: ``opened`` the median of several, ``keys`` each of the keys pressed,
    ``units`` from the last answer of a comment to the next one on the screen."""

    opened: float
    keys: list[float]
    units: list[float]


def compare() -> None:
    """Prints the times on the long thread beside those on the short one."""
    print("\nThe workspace in Chromium: milliseconds, median and slowest")
    for comments in (FEW, MANY):
        times = measure(comments)
        print(
            f"  {comments:,} comments: open {times.opened:,.0f} (wanted: 1,500), "
            f"key to next paint {_shown(times.keys)} (100), "
            f"last key to next comment {_shown(times.units)} (50)",
            flush=True,
        )


def measure(comments: int) -> Times:
    """The times on a thread of so many comments."""
    with _browser() as browser, tempfile.TemporaryDirectory(prefix="threadmark-") as folder:
        application = Application(Path(folder) / "var")
        application.start()
        try:
            address = _study(application, Path(folder), comments)
            return _times(_logged_in(browser, application), address, comments)
        finally:
            application.stop()


def write_thread(path: Path, comments: int, seed: int = 7) -> None:
    """One thread: each comment answers one of the twenty before it, or the opening."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write("thread,thread_title,comment_id,parent_id,author,time,text\n")
        for number in range(comments):
            answers = number - chance.randint(1, 20)
            parent = f"c{answers}" if answers >= 0 and chance.random() < 0.6 else ""
            words = " ".join(chance.choices(WORDS.split(), k=chance.randint(10, 120)))
            time = f"2024-03-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z"
            file.write(f"t1,Ferries,c{number},{parent},Ann {number % 97},{time},{words}\n")


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]


def _study(application: Application, folder: Path, comments: int) -> str:
    """The address at which cleo labels one thread."""
    table = folder / "thread.csv"
    write_thread(table, comments)
    application.manage("import_threads", str(table), "--corpus", "bench")
    codebook = {"key": "claims-misinformation-sentiment", "version": 2}
    Api(application.url, application.token).new_campaign(
        {"slug": "bench", "corpus": "bench", "codebook": codebook, "annotators": ["cleo"]}
    )
    return LABELING


def _logged_in(browser: Browser, application: Application) -> Page:
    page = browser.new_page(base_url=application.url, viewport=SIZE)  # type: ignore[arg-type]
    account = application.account("cleo")
    page.goto(LOGIN)
    page.locator("[name=username]").fill(account.username)
    page.locator("[name=password]").fill(account.password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: LOGIN not in url)
    page.add_init_script(f"({WATCH})()")
    return page


def _times(page: Page, address: str, comments: int) -> Times:
    workspace, opened = Workspace(page), []
    for _ in range(OPENINGS):
        workspace.open(address)
        page.wait_for_function("() => bench.opened")
        opened.append(page.evaluate("() => bench.opened"))
    expect(page.locator("article[data-comment]")).to_have_count(
        comments, timeout=WHOLE_THREAD_MILLISECONDS
    )
    for _ in range(UNITS):
        before = page.locator("article.focus").get_attribute("data-comment")
        for key in ("j", "k", *ANSWERS):
            page.keyboard.press(key)
            page.wait_for_timeout(60)
        page.wait_for_function(
            "(before) => document.querySelector('article.focus')?.dataset.comment !== before",
            arg=before,
        )
    return Times(statistics.median(opened), *page.evaluate("() => [bench.keys, bench.units]"))


def _shown(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} / {max(times):.0f}"
