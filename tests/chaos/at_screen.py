"""Somebody who labels in a browser that gets killed, and goes on in a new one, same profile."""

from __future__ import annotations

import re
import shutil
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect, sync_playwright

from tests.application import Application
from tests.browser import launch_options
from tests.chaos.crew import AT_SCREEN, PASSWORD
from tests.chaos.journal import Journal, Saved
from tests.chaos.machine import kill_all
from tests.e2e.workspace import Workspace

KEYS = {"1": "strongly_negative", "2": "weakly_negative", "3": "neutral", "4": "weakly_positive"}
ONLINE, OFFLINE = 2, 2  # comments answered with the network, and at most without it
LINGER_SECONDS = 1.0
UNTIL_BACK = 120_000  # milliseconds: however long a server takes that was just killed

expect.set_options(timeout=30_000)


class AtScreen(threading.Thread):
    """Answers some comments with the network and some without it, again and again. What the page
    says that it saved, or keeps to send, is written down as acknowledged."""

    def __init__(self, application: Application, campaign: str, journal: Journal, folder: Path):
        super().__init__(daemon=True)
        self.application, self.journal = application, journal
        self.address = f"{application.url}/campaigns/{campaign}/label/"
        self.profile = folder
        self.wrong: list[str] = []
        self.deaths = 0
        self.ended, self.queued = threading.Event(), threading.Event()
        self._killed = threading.Event()

    def kill(self) -> None:
        """``kill -9`` for all processes of the browser."""
        self.deaths += 1
        self._killed.set()
        self.queued.clear()
        kill_all(list(self._processes()))

    def finish(self) -> None:
        """Lets the page send what it keeps."""
        self.ended.set()
        self.join()

    def run(self) -> None:
        try:
            with sync_playwright() as playwright:
                while not self._sit_down(playwright):
                    pass
        except Exception:
            self.wrong.append(traceback.format_exc())
        finally:
            shutil.rmtree(self.profile, ignore_errors=True)

    def _sit_down(self, playwright: Playwright) -> bool:
        """Labels until the browser is killed; whether it was not."""
        self._killed.clear()
        try:
            with self._browser(playwright) as window:
                self._label(window)
        except (Error, AssertionError):
            if not self._killed.is_set():
                raise
            return False
        return True

    def _label(self, window: BrowserContext) -> None:
        workspace = Workspace(self._opened(window))
        self._expect_sent(workspace)
        while not self.ended.is_set():
            said = [self._answer(workspace) for _ in range(ONLINE)]
            expect(workspace.save_state).to_have_text(re.compile(r"^Saved \d"), timeout=UNTIL_BACK)
            self.journal.note(*said)
            expect(workspace.active).to_have_count(1, timeout=UNTIL_BACK)
            window.set_offline(True)
            said = [self._answer(workspace)]
            while len(said) < OFFLINE and workspace.active.count():
                said.append(self._answer(workspace))
            expect(workspace.save_state).to_have_text(re.compile(f"^Offline, {len(said)} unsent"))
            self.journal.note(*said)
            self.queued.set()
            self.ended.wait(LINGER_SECONDS)
            self.queued.clear()
            window.set_offline(False)
            self._expect_sent(workspace)

    def _answer(self, workspace: Workspace) -> Saved:
        """Answers the comment in question and waits until the page has gone on."""
        text = workspace.comment.locator(".text")
        expect(workspace.active).to_have_count(1, timeout=UNTIL_BACK)
        comment = text.inner_text().split(":", 1)[0]
        key = list(KEYS)[int(comment[1:]) % len(KEYS)]
        workspace.answer("1", "1", key)
        expect(text.filter(has_text=f"{comment}:")).to_have_count(0)
        return Saved(AT_SCREEN, comment, KEYS[key])

    def _opened(self, window: BrowserContext) -> Page:
        """The page on which one labels, however long the server is away."""
        page = window.pages[0] if window.pages else window.new_page()
        window.set_default_timeout(UNTIL_BACK)
        while True:
            try:
                page.goto(self.address)
                if "/login" in page.url:
                    page.locator("input[name=username]").fill(AT_SCREEN)
                    page.locator("input[name=password]").fill(PASSWORD)
                    page.locator("input[name=password]").press("Enter")
                expect(Workspace(page).comment).to_be_visible(timeout=10_000)
                expect(Workspace(page).active).to_have_count(1)
            except (Error, AssertionError):
                if self._killed.is_set() or self.ended.is_set():
                    raise
                page.wait_for_timeout(500)
            else:
                return page

    def _expect_sent(self, workspace: Workspace) -> None:
        """Nothing that was answered still waits to be sent."""
        expect(workspace.save_state).not_to_have_text(re.compile("unsent"), timeout=UNTIL_BACK)

    @contextmanager
    def _browser(self, playwright: Playwright) -> Iterator[BrowserContext]:
        options: dict[str, Any] = launch_options()
        window = playwright.chromium.launch_persistent_context(self.profile, **options)
        try:
            yield window
        finally:
            if not self._killed.is_set():
                window.close()

    def _processes(self) -> Iterator[psutil.Process]:
        for process in psutil.Process().children(recursive=True):
            try:
                if any(str(self.profile) in word for word in process.cmdline()):
                    yield process
            except psutil.Error:
                continue
