"""`make bench`: what must be fast, each figure beside its floor in the same run.

`imports` (see imports.py), `next` (see next_unit.py), `workspace` (see workspace.py, in Chromium),
`agreement` (see agreement.py), `exports` (see exports.py) and `labels` (see label_stream.py) are
measured one after the other;
`make bench ARGS=workspace` measures one of them.
"""

from __future__ import annotations

import argparse

from tests.bench import agreement, exports, imports, label_stream, next_unit, workspace

PARTS = ("imports", "next", "workspace", "agreement", "exports", "labels")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS), default=list(PARTS))
    parser.add_argument(
        "--comments", type=int, help="of the large import, and of the campaign that is exported"
    )
    parser.add_argument("--small", type=int, default=imports.SMALL, help="of the small import")
    parser.add_argument("--labels", type=int, default=agreement.LABELS, help="of the agreement")
    parser.add_argument(
        "--annotations", type=int, default=label_stream.ANNOTATIONS, help="of the stream of labels"
    )
    wanted = parser.parse_args()
    unknown = set(wanted.parts) - set(PARTS)
    if unknown:
        parser.error(f"There is no {', '.join(sorted(unknown))}: say {' or '.join(PARTS)}.")
    if "imports" in wanted.parts:
        imports.measure(wanted.small, wanted.comments or imports.LARGE)
    if "next" in wanted.parts:
        next_unit.compare()
    if "workspace" in wanted.parts:
        workspace.compare()
    if "agreement" in wanted.parts:
        agreement.measure(wanted.labels)
    if "exports" in wanted.parts:
        exports.measure(wanted.comments or exports.COMMENTS)
    if "labels" in wanted.parts:
        label_stream.measure(wanted.annotations)


if __name__ == "__main__":
    main()
