from __future__ import annotations

import json
import urllib.request

from django.urls import reverse

from tests.application import Application
from tests.e2e.conftest import LogIn


def test_every_account_of_the_demo_can_log_in(application: Application, log_in: LogIn) -> None:
    for account in application.accounts:
        page = log_in(account.username)
        response = page.goto(reverse("home"))
        assert response is not None
        assert response.ok
        assert account.username in page.locator("body").inner_text()


def test_the_token_of_the_demo_opens_the_api(application: Application) -> None:
    request = urllib.request.Request(
        f"{application.url}/api/v1/corpora/",
        headers={"Authorization": f"Token {application.token}"},
    )
    with urllib.request.urlopen(request) as response:
        assert json.load(response)
