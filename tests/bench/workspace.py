"""`page`: the workspace in Chromium, on a thread of 5,000 comments beside one of 50.

Measured are the milliseconds from the address to the first question on the screen, from a key to
the next paint, and from the last answer of a comment to the next comment; and the bytes that load
with the page as the server sends them packed: the page itself, its code and its style. The floor
is the short thread, in the same browser and the same run.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.application import Application
from tests.bench.discussion import some_text
from tests.bench.figures import Figure, Wanted, not_more_than, quantile
from tests.bench.places import Place
from tests.browser import launch_options
from tests.e2e.api import Api
from tests.e2e.workspace import Workspace

FEW, MANY = 50, 5_000
LOGIN = "/login/"
OPEN, PAINT, BYTES = 1_500, 100, 60_000
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


# The sizes of bodies as they came, packed; what the page fetches as data is not its weight.
WEIGHT = """() => performance.getEntries()
  .filter((entry) => entry.entryType === "navigation" || entry.entryType === "resource")
  .filter((entry) => !entry.name.includes("/api/") && entry.responseEnd <= bench.opened)
  .reduce((bytes, entry) => bytes + entry.encodedBodySize, 0)"""


@dataclass(frozen=True)
class Seen:
    """Milliseconds of each opening, of each key, and of each last answer to the next comment;
    ``weight`` is the bytes that loaded with the page."""

    opened: list[float]
    keys: list[float]
    units: list[float]
    weight: int


def figures(_place: Place, _sizes: Sequence[int]) -> Iterator[Figure]:
    with _browser() as browser, _application() as application:
        few, many = (_seen(browser, application, comments) for comments in (FEW, MANY))
    yield _figure("open", many.opened, few.opened, not_more_than(OPEN))
    yield _figure("key to next paint", many.keys, few.keys, not_more_than(PAINT))
    yield _figure("last answer to next comment", many.units, few.units)
    yield Figure(
        part="page",
        what="bytes that load with it, packed",
        unit="bytes",
        values=(float(many.weight),),
        wanted=not_more_than(BYTES),
    )


def _figure(
    what: str, times: list[float], floor: list[float], wanted: Wanted | None = None
) -> Figure:
    return Figure(
        part="page",
        what=what,
        unit="ms",
        size=MANY,
        values=tuple(times),
        p99=quantile(times, 99),
        floor=statistics.median(floor),
        wanted=wanted,
    )


def _seen(browser: Browser, application: Application, comments: int) -> Seen:
    """What a thread of so many comments takes."""
    address = _study(application, comments)
    page = _logged_in(browser, application)
    try:
        return _times(page, address, comments)
    finally:
        page.close()


@contextmanager
def _application() -> Iterator[Application]:
    with tempfile.TemporaryDirectory(prefix="threadmark-bench-") as folder:
        application = Application(Path(folder) / "var")
        try:
            application.start()
            yield application
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
            words = some_text(chance)
            time = f"2024-03-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z"
            file.write(f"t1,Ferries,c{number},{parent},Ann {number % 97},{time},{words}\n")


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]


def _study(application: Application, comments: int) -> str:
    """The address at which cleo labels one thread."""
    slug = f"bench-{comments}"
    table = application.var / f"{slug}.csv"
    write_thread(table, comments)
    application.manage("import_threads", str(table), "--corpus", slug)
    codebook = {"key": "claims-misinformation-sentiment", "version": 2}
    Api(application.url, application.token).new_campaign(
        {"slug": slug, "corpus": slug, "codebook": codebook, "annotators": ["cleo"]}
    )
    return f"/campaigns/{slug}/label/"


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


def _times(page: Page, address: str, comments: int) -> Seen:
    workspace, opened = Workspace(page), []
    for _ in range(OPENINGS):
        workspace.open(address)
        page.wait_for_function("() => bench.opened")
        opened.append(page.evaluate("() => bench.opened"))
    weight = page.evaluate(WEIGHT)
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
    keys, units = page.evaluate("() => [bench.keys, bench.units]")
    return Seen(opened, keys, units, weight)
