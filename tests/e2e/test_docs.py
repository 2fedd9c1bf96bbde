"""The blocks of the guides for those who build on the API work as printed, one after the other.

A block marked ``sh`` or ``python`` is run; an ``output`` after it is what it prints, with ``...``
for what differs. All others need a mark that says what they are, and are not run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from project.environment import ROOT
from tests.application import Application
from tests.e2e.printed import as_printed, blocks, clone, here, sessions

DOCS = ROOT / "docs"
PAGES = ("api.md", "mirrors.md", "bulk.md", "webhooks.md", "client.md")
NOT_RUN = {"text", "http", "json", "csv", "yaml"}
INDENTED = re.compile(r"^\n {4}\S.*$", re.MULTILINE)
REFUSED = re.compile(r'\{"code": ?"[a-z_]+", ?"message":')


@pytest.fixture(scope="module")
def application(
    tmp_path_factory: pytest.TempPathFactory, own_servers: Callable[[], dict[str, str]]
) -> Iterator[Application]:
    """One of its own: what the pages write does not come into other tests' way."""
    application = Application(tmp_path_factory.mktemp("docs") / "var", own_servers())
    application.start()
    yield application
    application.stop()


@pytest.mark.parametrize("name", PAGES)
def test_every_block_says_what_it_is(name: str) -> None:
    page = DOCS / name
    marks = {block.language for block in blocks(page)}
    assert marks <= {"sh", "python", *NOT_RUN}
    assert marks & {"sh", "python"}, "nothing of it is run"
    assert not INDENTED.findall(page.read_text())
    assert page.read_text().count("\n```") == 2 * len(
        re.findall(r"^```[\w-]+", page.read_text(), re.M)
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [("sh", "true\nfalse\ntrue"), ("sh", "no-such-program"), ("python", "1 / 0")],
)
def test_a_block_that_fails_is_told(
    language: str, text: str, application: Application, tmp_path: Path
) -> None:
    with sessions(application, tmp_path) as by_language:
        assert by_language["sh"].run("N=1\n") == by_language["python"].run("n = 1\n") == ""
        assert by_language["sh"].run("echo $N") == by_language["python"].run("print(n)") == "1\n"
        with pytest.raises(AssertionError):
            by_language[language].run(text)


@pytest.mark.parametrize(
    ("got", "wanted", "same"),
    [("a\n", "a\n", True), ("a\n", "b\n", False), ("a 1 b\n", "a ... b\n", True)],
)
def test_an_output_is_compared(got: str, wanted: str, same: bool) -> None:
    assert as_printed(got, wanted) is same


@pytest.mark.parametrize("name", PAGES)
def test_the_blocks_work_as_printed(name: str, application: Application, tmp_path: Path) -> None:
    with sessions(application, clone(application, tmp_path)) as by_language:
        for block in blocks(DOCS / name):
            if block.language not in by_language:
                continue
            place = f"docs/{name}, line {block.line}"
            try:
                printed = by_language[block.language].run(here(block.text, application))
            except AssertionError as error:
                raise AssertionError(f"{place}:\n{block.text}\n{error}") from None
            if block.output is None:
                assert not REFUSED.search(printed), f"{place}:\n{printed}"
            else:
                wanted = here(block.output, application)
                assert as_printed(printed, wanted), f"{place}:\n{printed}"
