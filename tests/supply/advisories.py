"""``make audit``: every pinned package looked up in the advisories of PyPI and npm.

Both tools can pass without having asked anybody: pip-audit skips what the service does not know,
npm prints an error beside its result. So each service is first asked about a package that is known
to be bad, and must warn of it; then every package must have been answered for.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from project.environment import ROOT
from tests.supply.packages import DEVELOPMENT, FRONTEND, RUNTIME, canonical, locked, rounds
from tests.supply.problems import Problem
from tests.supply.running import last_line, run

KNOWN_BAD_PYTHON = {"jinja2": "2.4.1"}
KNOWN_BAD_NPM = {"lodash": "4.17.11"}
PIP_AUDIT = (sys.executable, "-m", "pip_audit", "-s", "osv", "-f", "json", "--progress-spinner=off")


def look_up(
    *,
    python: Mapping[str, str] | None = None,
    frontend: Path = FRONTEND,
    osv: str = os.environ.get("AUDIT_OSV_URL", ""),
    npm: str = os.environ.get("AUDIT_NPM_REGISTRY", ""),
) -> Iterator[str]:
    """What was looked up. Raises Problem where a service did not answer, a package was skipped,
    or an advisory is about one. ``osv`` and ``npm`` are other services to ask."""
    problems = []
    packages = rounds(RUNTIME, DEVELOPMENT) if python is None else [python]
    services: list[Callable[[], str]] = [
        partial(_python, packages, osv),
        partial(_npm, frontend, npm),
    ]
    for asked in services:
        try:
            yield asked()
        except Problem as problem:
            problems.append(str(problem))
    if problems:
        raise Problem("\n".join(problems))


def _python(packages: Sequence[Mapping[str, str]], osv: str) -> str:
    if not any(one["vulns"] for one in _asked(KNOWN_BAD_PYTHON, osv)):
        raise Problem(
            "Python: the advisory service warns of nothing, not even of Jinja2 2.4.1: it was not "
            "really asked, so nothing is known."
        )
    answered = [one for together in packages for one in _asked(together, osv)]
    skipped = [
        f"{one['name']} ({one['skip_reason']})" for one in answered if one.get("skip_reason")
    ]
    names = {name for together in packages for name in together}
    missing = names - {canonical(one["name"]) for one in answered}
    if skipped or missing:
        raise Problem(f"Python: not looked up: {', '.join([*skipped, *sorted(missing)])}.")
    found = [
        f"{one['name']} {one['version']}: {bad['id']}, mended in "
        f"{', '.join(bad['fix_versions']) or 'no version yet'}"
        for one in answered
        for bad in one["vulns"]
    ]
    if found:
        raise Problem("\n".join(["Python: there are advisories.", *found]))
    return f"Python: {len(answered)} packages looked up, no advisory."


def _asked(packages: Mapping[str, str], osv: str) -> list[dict[str, Any]]:
    """What pip-audit says of each. Raises Problem where it got no answer."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text("".join(f"{name}=={version}\n" for name, version in packages.items()))
        other = ["--osv-url", osv] if osv else []
        done = run([*PIP_AUDIT, "--disable-pip", "--no-deps", "-r", str(file), *other], ROOT)
    try:
        answer: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        raise Problem(
            f"Python: the advisories could not be fetched ({last_line(done.stderr)}): nothing "
            "is known of any package."
        ) from None
    return answer


def _npm(folder: Path, registry: str) -> str:
    if not _warned(_bad_folder, registry):
        raise Problem(
            "npm: the advisory service warns of nothing, not even of lodash 4.17.11: it was not "
            "really asked, so nothing is known."
        )
    found = _audited(folder, registry)
    looked, there = found["metadata"]["dependencies"]["total"], len(locked(folder))
    if looked < there:
        raise Problem(f"npm: only {looked} of {there} packages were looked up.")
    if bad := found["vulnerabilities"]:
        told = [f"{name}: {one['severity']}, {one['range']}" for name, one in sorted(bad.items())]
        raise Problem("\n".join(["npm: there are advisories.", *told]))
    return f"npm: {there} packages looked up, no advisory."


def _warned(make: Callable[[Path], None], registry: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        return bool(_audited(Path(folder), registry)["vulnerabilities"])


def _bad_folder(folder: Path) -> None:
    """One that depends on what is known to be bad."""
    root = {"name": "bad", "version": "1.0.0", "dependencies": KNOWN_BAD_NPM}
    packages = {
        "": root,
        **{f"node_modules/{name}": {"version": one} for name, one in KNOWN_BAD_NPM.items()},
    }
    lock = {**root, "lockfileVersion": 3, "requires": True, "packages": packages}
    del lock["dependencies"]
    (folder / "package.json").write_text(json.dumps(root))
    (folder / "package-lock.json").write_text(json.dumps(lock))


def _audited(folder: Path, registry: str) -> dict[str, Any]:
    """What ``npm audit`` says of the folder's lock file. Raises Problem where it got no answer."""
    command = ["npm", "audit", "--json", "--package-lock-only", "--offline=false"]
    command += ["--audit=true", "--fetch-retries=0"]
    done = run([*command, *(["--registry", registry] if registry else [])], folder)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        answer = {"message": last_line(done.stderr)}
    if "auditReportVersion" not in answer or "error" in answer:
        raise Problem(
            f"npm: the advisories could not be fetched ({answer.get('message', 'no answer')}): "
            "nothing is known of any package."
        )
    return answer
