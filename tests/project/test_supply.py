"""An audit passes only where every package was looked up; the inventory names no place of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.project.advisory_server import Advisories, advisory_server
from tests.supply.advisories import look_up
from tests.supply.inventory import cleaned, only, require_valid
from tests.supply.licences import refused_licences
from tests.supply.packages import DEVELOPMENT, RUNTIME, rounds
from tests.supply.problems import Problem

FINE = {"django": "5.2.19"}


@pytest.fixture
def advisories() -> Iterator[Advisories]:
    with advisory_server(Advisories()) as server:
        yield server


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """One package, which nobody warns of."""
    root = {"name": "ours", "version": "1.0.0", "dependencies": {"svelte": "5.57.3"}}
    packages = {"": root, "node_modules/svelte": {"version": "5.57.3"}}
    lock = {"name": "ours", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}
    (tmp_path / "package.json").write_text(json.dumps(root))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


def audit(advisories: Advisories, frontend: Path, python: dict[str, str] | None = None) -> str:
    """What the audit says, or why it fails."""
    chosen = FINE if python is None else python
    url = advisories.url
    try:
        said = list(look_up(python=chosen, frontend=frontend, osv=f"{url}/v1/query", npm=url))
    except Problem as problem:
        return f"FAILED {problem}"
    return " ".join(said)


@pytest.mark.slow
class TestAudit:
    def test_it_passes_where_each_was_looked_up(
        self, advisories: Advisories, frontend: Path
    ) -> None:
        said = audit(advisories, frontend)
        assert said == (
            "Python: 1 packages looked up, no advisory. npm: 1 packages looked up, no advisory."
        )

    def test_what_is_warned_of_fails_it(self, advisories: Advisories, frontend: Path) -> None:
        advisories.bad |= {"django", "svelte"}
        said = audit(advisories, frontend)
        assert "django 5.2.19: GHSA-django, mended in 99" in said
        assert "svelte: high" in said

    def test_what_was_skipped_fails_it(self, advisories: Advisories, frontend: Path) -> None:
        said = audit(advisories, frontend, {**FINE, "ours": "not-a-version"})
        assert said.startswith("FAILED Python: ")
        assert "ours" in said or "could not be fetched" in said

    @pytest.mark.parametrize("status", [404, 405, 500])
    def test_a_service_that_does_not_answer_fails_it(
        self, advisories: Advisories, frontend: Path, status: int
    ) -> None:
        advisories.status = status
        said = audit(advisories, frontend)
        assert "Python: the advisories could not be fetched" in said
        assert "npm: the advisories could not be fetched" in said

    def test_a_service_that_knows_of_nothing_fails_it(
        self, advisories: Advisories, frontend: Path
    ) -> None:
        advisories.bad.clear()
        said = audit(advisories, frontend)
        assert "not even of Jinja2 2.4.1" in said
        assert "not even of lodash 4.17.11" in said

    def test_no_network_fails_it(self, frontend: Path) -> None:
        said = audit(Advisories(url="http://127.0.0.1:9"), frontend)
        assert said.count("could not be fetched") == 2


def inventory(**component: Any) -> dict[str, Any]:
    one = {"type": "library", "bom-ref": "a", "name": "django", "version": "5.2.19", **component}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "us", "bom-ref": "us"}},
        "components": [one],
        "dependencies": [{"ref": "us", "dependsOn": ["a", "gone"]}, {"ref": "gone"}],
    }


class TestInventory:
    def test_it_names_no_address_and_no_path(self) -> None:
        reference = {"type": "distribution", "url": f"file://{Path.home()}/a.whl"}
        made = cleaned(inventory(externalReferences=[reference]))
        assert "file:" not in json.dumps(made)
        require_valid(made)
        with pytest.raises(Problem, match="a place of this machine"):
            require_valid(inventory(description=str(Path.home())))

    def test_it_holds_what_runs_and_nothing_else(self) -> None:
        made = only(inventory(), runtime={"django": "5.2.19"})
        assert made["dependencies"] == [{"ref": "us", "dependsOn": ["a"]}]
        with pytest.raises(Problem, match=r"another version than pinned: django 5\.2\.19"):
            only(inventory(), runtime={"django": "5.2.20"})
        with pytest.raises(Problem, match="none of the pinned"):
            only(inventory(), runtime={"flask": "1"})

    def test_it_is_valid_or_refused(self) -> None:
        with pytest.raises(Problem, match="not valid"):
            require_valid(inventory(type="nonsense"))


@pytest.mark.parametrize(
    ("named", "allowed"),
    [
        ({"license": {"id": "MIT"}}, True),
        ({"license": {"id": "LGPL-3.0-only"}}, True),
        ({"license": {"name": "GNU Lesser General Public License v3"}}, True),
        ({"expression": "MIT OR GPL-2.0-only"}, True),
        ({"license": {"id": "GPL-3.0-only"}}, False),
        ({"expression": "AGPL-3.0-or-later"}, False),
        ({"license": {"name": "GNU Affero General Public License v3"}}, False),
        ({"license": {"name": "License :: OSI Approved :: GNU General Public License"}}, False),
    ],
)
def test_no_part_is_under_the_gpl_alone(named: dict[str, Any], allowed: bool) -> None:
    assert (refused_licences(inventory(licenses=[named])) == []) is allowed


def test_a_part_without_a_licence_is_named() -> None:
    assert refused_licences(inventory()) == ["django 5.2.19: none named"]


def test_every_pin_is_looked_up() -> None:
    """Also those for other systems and of extras."""
    lines = DEVELOPMENT.read_text().splitlines()
    pins = [line for line in lines if line[:1].isalnum() and "==" in line]
    assert sum(len(together) for together in rounds(RUNTIME, DEVELOPMENT)) == len(pins) > 100
