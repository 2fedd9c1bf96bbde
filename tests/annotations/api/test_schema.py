"""The OpenAPI document and the page to try it."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from tests.annotations.api.routes import routes
from tests.annotations.api.world import API, World

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.yaml"


def test_the_document_in_the_repository_is_the_one_served(world: World) -> None:
    written = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=written)
    committed = DOCUMENT.read_text(encoding="utf-8")
    assert committed.strip() == written.getvalue().strip(), "run make schema"
    served = world.client("outsider").get(API + "schema/")
    assert served.headers["Content-Type"].startswith("application/vnd.oai.openapi")
    assert served.content.decode().strip() == committed.strip()


def test_the_document_comes_as_json_too(world: World) -> None:
    document = world.client("outsider").get(API + "schema/?format=json").json()
    assert document["openapi"] == "3.1.0"
    operations = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(set(operations)) == len(operations)
    assert len(operations) == len(routes() - {("GET", "schema"), ("GET", "docs")})


def test_the_page_to_try_it_keeps_to_the_strict_policy(world: World) -> None:
    client = world.client("outsider")
    page = client.get(API + "docs/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert b"<script>" not in page.content
    assert b"<style" not in page.content
    script = client.get(API + "docs/?script=")
    assert script.headers["Content-Type"] == "application/javascript"
    assert b"/api/v1/schema/" in script.content
