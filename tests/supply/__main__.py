"""``python -m tests.supply audit`` and ``python -m tests.supply sbom``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from tests.supply.advisories import look_up
from tests.supply.inventory import write_inventories
from tests.supply.problems import Problem

ACTS: dict[str, Callable[[], Iterator[str]]] = {"audit": look_up, "sbom": write_inventories}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in ACTS:
        print("Say audit or sbom.", file=sys.stderr)
        return 2
    try:
        for sentence in ACTS[arguments[0]]():
            print(sentence)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
