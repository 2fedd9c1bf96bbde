"""How tests are dealt out to the processes of pytest-xdist."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class Dealing(LoadScopeScheduling):  # type: ignore[misc]
    """In the order in which they were collected. A file of browser tests goes to one process, so
    that what it prepares is prepared once; of the others, a test with all of its parameters.

    pytest-xdist's own groups are marked in ids that pytest no longer lets anybody change.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if "/e2e/" in file or file.endswith("/test_launch.py"):
            return file
        return nodeid.partition("[")[0]
