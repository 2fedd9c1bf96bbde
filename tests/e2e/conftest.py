"""The running application and a browser that is logged in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.application import Account, Application
from tests.browser import launch_options
from tests.e2e.api import Api
from tests.e2e.study import NewStudy, new_study

LogIn = Callable[..., Page]
PATIENCE_MILLISECONDS = 30_000

expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture(scope="session")
def application(new_application: Callable[[], Application]) -> Iterator[Application]:
    """What ``make run`` starts, with its demo, for all end-to-end tests together."""
    application = new_application()
    application.start()
    yield application
    application.stop()


@pytest.fixture(scope="session")
def api(application: Application) -> Api:
    """The API for a script of the demo's researcher."""
    return Api(application.url, application.token)


@pytest.fixture(scope="session")
def study(api: Api) -> NewStudy:
    """``study(annotators=["cleo"])`` makes a campaign that no other test labels in."""
    return partial(new_study, api)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture
def browser_context_args(
    browser_context_args: dict[str, Any], application: Application
) -> dict[str, Any]:
    return {**browser_context_args, "base_url": application.url}


@pytest.fixture(scope="session")
def sessions(browser: Browser, application: Application) -> Callable[[Account], StorageState]:
    """Logs an account in, through the page, at its first use; gives its cookies."""
    known: dict[str, StorageState] = {}

    def session(account: Account) -> StorageState:
        if account.username not in known:
            known[account.username] = _log_in(browser, application, account)
        return known[account.username]

    return session


@pytest.fixture
def log_in(
    new_context: Callable[..., Any],
    application: Application,
    sessions: Callable[[Account], StorageState],
) -> LogIn:
    """``log_in("ada")`` gives a page of a new window, logged in as that account of the demo;
    a role, or the beginning of one, finds the first account that has it. Further arguments go
    to Playwright's new_context."""

    def open_page(who: str, **context: Any) -> Page:
        window = new_context(storage_state=sessions(application.account(who)), **context)
        window.set_default_timeout(PATIENCE_MILLISECONDS)
        page: Page = window.new_page()
        return page

    return open_page


@pytest.fixture
def browser_page(log_in: LogIn) -> Page:
    """A page logged in as the annotator of the demo who has work left."""
    return log_in("annotator with work left")


def _log_in(browser: Browser, application: Application, account: Account) -> StorageState:
    with browser.new_context(base_url=application.url) as window:
        page = window.new_page()
        page.goto(reverse("login"))
        page.locator("input[name=username]").fill(account.username)
        page.locator("input[name=password]").fill(account.password)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda url: reverse("login") not in url)
        return window.storage_state()
