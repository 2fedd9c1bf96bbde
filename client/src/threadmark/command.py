"""The command ``threadmark``: status, import, export, labels, mirror, suggest, release.

Results go to standard output, progress to a terminal, and an error is one sentence on standard
error. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the server cannot be reached.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from threadmark.client import Threadmark
from threadmark.connection import Row, stranger
from threadmark.errors import (
    Interrupted,
    InvalidInput,
    NotFound,
    NotPermitted,
    ThreadmarkError,
    Unreachable,
)
from threadmark.jobs import Job
from threadmark.labels import FORMATS, format_of
from threadmark.progress import Meter, far
from threadmark.sending import Sent
from threadmark.version import __version__

REFUSED, USAGE, UNREACHABLE = 1, 2, 3
REFUSALS_SHOWN = 10
NEWEST_JOBS = 50
STORED = ("threads", "openings", "comments")
UNPRINTABLE = re.compile(r"[^ -~\n]")
ENVIRONMENT = """\
The server and the token come from the environment:
  THREADMARK_URL    the address, such as https://threadmark.example (http://127.0.0.1:8000)
  THREADMARK_TOKEN  a token, made on the account page
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; gives its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        with Threadmark(chosen.url) as server, _as_threadmark_says():
            code: int = chosen.run(server, chosen)
            sys.stdout.flush()
            return code
    except KeyboardInterrupt:
        _say("Stopped.", file=sys.stderr)
        return 128 + signal.SIGINT
    except BrokenPipeError:  # who reads has enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ThreadmarkError as error:
        _say(f"threadmark: {_sentence(error)}", file=sys.stderr)
        return UNREACHABLE if isinstance(error, (Unreachable, Interrupted)) else REFUSED
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _say(f"threadmark: {place}{error.strerror or error}", file=sys.stderr)
        return REFUSED


def _status(server: Threadmark, chosen: argparse.Namespace) -> int:
    me = server.me()
    campaigns = [_with_progress(server, one) for one in server.campaigns()]
    running = [_shown(job) for job in _unfinished(server)]
    if chosen.json:
        _print_json({"me": me, "campaigns": campaigns, "running": running})
        return 0
    scopes = ", ".join(me["token"]["scopes"]) if me["token"] else "none"
    _say(f"{server.url}: {me['username']} (token: {scopes})")
    roles = {one["campaign"]: one["role"] for one in me["memberships"]}
    for one in campaigns:
        role = roles.get(one["slug"], "staff" if me["is_staff"] else "")
        _say(f"  {one['slug']}  {one['state']}  {role}  {_progress(one['progress'])}".rstrip())
    for row in running:
        progress = far(row["done"], row["total"], row["measure"])
        _say(f"  {row['kind']} {row['id']}  {row['state']}  {progress}")
    if any(not row["worker_alive"] for row in running):
        _say("  No worker runs: jobs wait until one does.")
    return 0


def _import(server: Threadmark, chosen: argparse.Namespace) -> int:
    for file in chosen.files:
        file.open("rb").close()  # what is not there is told before anything is made
    _make_corpus(server, chosen.corpus)
    for file in chosen.files:
        with Meter(f"{file.name}: ") as meter:
            job = server.import_file(
                file,
                corpus=chosen.corpus,
                format=chosen.format,
                options=chosen.options,
                dry_run=chosen.dry_run,
                wait=not chosen.no_wait,
                progress=meter,
            )
        if chosen.json:
            _print_json(job.row)
        else:
            _say(f"{file.name}: {_imported(job)}")
        for one in job.row["refusals"][:REFUSALS_SHOWN]:
            line = f"line {one['line']}: " if one["line"] else ""
            _say(f"{file.name}: {line}{one['message']}", file=sys.stderr)
    return 0


def _export(server: Threadmark, chosen: argparse.Namespace) -> int:
    with Meter("") as meter:
        job = server.export(
            chosen.campaign, format=chosen.format, contents=chosen.contents, progress=meter
        )
        path = job.download(chosen.output, progress=meter)
    for warning in job.row["warnings"]:
        _say(f"threadmark: {warning}", file=sys.stderr)
    _told_path(path, job.row, chosen)
    return 0


def _labels(server: Threadmark, chosen: argparse.Namespace) -> int:
    labels = server.labels(chosen.campaign, **(chosen.contents or {}))
    if str(chosen.output) == "-":
        labels.write(sys.stdout.buffer, format=chosen.format or "jsonl")
    else:
        _say(labels.save(chosen.output, format=chosen.format or format_of(chosen.output)))
    return 0


def _mirror(server: Threadmark, chosen: argparse.Namespace) -> int:
    with Meter("") as meter:
        told = server.mirror(
            chosen.folder, corpus=chosen.corpus, campaign=chosen.campaign, progress=meter
        )
    if chosen.json:
        files = [str(path) for path in told.files]
        _print_json({"changed": told.changed, "gone": told.gone, "files": files})
    else:
        _say(f"{chosen.folder}: {told.changed:,} changed, {told.gone:,} gone")
    return 0


def _suggest(server: Threadmark, chosen: argparse.Namespace) -> int:
    with Meter("") as meter:
        sent = server.send_suggestions(
            chosen.campaign,
            _read_lines(chosen.file),
            model=chosen.model,
            told=lambda result: meter(result.line, None, "lines"),
        )
    return _told_lines(sent, chosen)


def _release(server: Threadmark, chosen: argparse.Namespace) -> int:
    if chosen.version is None:
        return _list_releases(server, chosen)
    job = server.release(chosen.campaign, chosen.version)
    with Meter("") as meter:
        path = job.download(chosen.output, progress=meter)
    _told_path(path, job.row, chosen)
    return 0


def _list_releases(server: Threadmark, chosen: argparse.Namespace) -> int:
    job = None
    for job in server.releases(campaign=chosen.campaign):
        if chosen.json:
            _print_json(job.row)
        else:
            _say(f"{job.row['version']}  {job.state}  {job.row['title']}")
    if job is None:
        _say(f"{chosen.campaign} has no release yet.", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="threadmark",
        description="Labels of online discussions, from a Threadmark server and back.",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"threadmark {__version__}")
    parser.add_argument("--url", metavar="URL", help="the server, in place of THREADMARK_URL")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Any, told: str, *, as_json: bool = True) -> Any:
        one = commands.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.")
        one.set_defaults(run=run)
        if as_json:
            one.add_argument("--json", action="store_true", help="answer as JSON, for scripts")
        return one

    command("status", _status, "who you are, how campaigns go on, which jobs run")

    one = command("import", _import, "import files of threads into a corpus, made if missing")
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")
    one.add_argument("--corpus", required=True, metavar="SLUG")
    one.add_argument("--format", metavar="NAME", help="told by the content if left out")
    one.add_argument("--options", type=_object, metavar="JSON", help="of the format")
    one.add_argument("--dry-run", action="store_true", help="report, but store nothing")
    one.add_argument("--no-wait", action="store_true", help="do not wait until it is done")

    one = command("export", _export, "have an export made, and download it")
    one.add_argument("campaign", metavar="CAMPAIGN")
    one.add_argument("--format", default="jsonl", metavar="NAME", help="jsonl, csv, huggingface …")
    _add_contents(one)
    _add_output(one)

    one = command("labels", _labels, "the labels of a campaign as they are now", as_json=False)
    one.add_argument("campaign", metavar="CAMPAIGN")
    one.add_argument(
        "--format", metavar="NAME", help=f"{', '.join(sorted(set(FORMATS.values())))} …"
    )
    _add_contents(one)
    one.add_argument(
        "-o",
        "--output",
        type=_place,
        default=Path("-"),
        metavar="FILE",
        help="- is the usual: here",
    )

    one = command("mirror", _mirror, "keep a copy in a folder, by what changed alone")
    source = one.add_mutually_exclusive_group(required=True)
    source.add_argument("--corpus", metavar="SLUG", help="threads and comments")
    source.add_argument("--campaign", metavar="SLUG", help="annotations")
    one.add_argument("folder", type=Path, metavar="FOLDER")

    one = command("suggest", _suggest, "send what a model suggests, a JSON object a line")
    one.add_argument("campaign", metavar="CAMPAIGN")
    one.add_argument("file", metavar="FILE", help="- is standard input")
    one.add_argument("--model", required=True, metavar="NAME", help="with its version")

    one = command("release", _release, "list the releases of a campaign, or download one")
    one.add_argument("campaign", metavar="CAMPAIGN")
    one.add_argument("version", nargs="?", metavar="VERSION")
    _add_output(one)
    return parser


def _add_contents(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--contents",
        type=_object,
        metavar="JSON",
        help='what is in it, such as \'{"layers": ["human"]}\'',
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", type=_place, default=Path(), metavar="FILE", help="or a folder (here)"
    )


def _object(text: str) -> Row:
    """An option that is a JSON object."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"this is not JSON ({error}): {text[:60]}") from None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f"a JSON object is expected: {text[:60]}")
    return found


def _place(text: str) -> Path:
    """Where a file shall go: told to be nowhere before the server has worked for it."""
    place = Path(text)
    if not place.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {place.parent}")
    return place


def _read_lines(name: str) -> Iterator[Row]:
    """The objects of a file, a line at a time. Raises InvalidInput, which names the line."""
    with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
        said = "standard input" if name == "-" else name
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InvalidInput(f"{said}, line {number}: this is not JSON ({error}).") from None
            if not isinstance(row, dict):
                raise InvalidInput(f"{said}, line {number}: a JSON object is expected.")
            yield row


def _make_corpus(server: Threadmark, slug: str) -> None:
    try:
        server.get(f"corpora/{slug}/")
    except NotFound:
        server.make_corpus(slug)
        _say(f"Made the corpus {slug}.", file=sys.stderr)


def _with_progress(server: Threadmark, campaign: Row) -> Row:
    """The campaign with its progress, None where you may not see that."""
    progress = None
    with suppress(NotPermitted, NotFound):
        progress = server.get(f"campaigns/{campaign['slug']}/progress/")
    return {**campaign, "progress": progress}


def _unfinished(server: Threadmark) -> Iterator[Job]:
    """Imports, exports and releases that are under way, of the newest of each kind."""
    for found in (server.imports(), server.exports(), server.releases()):
        with suppress(NotPermitted, NotFound):
            newest = islice(found, NEWEST_JOBS)
            yield from (job for job in newest if not job.finished and job.state != "staged")


def _shown(job: Job) -> Row:
    return {"kind": job.kind[:-1], **job.row}


def _progress(progress: Row | None) -> str:
    if progress is None:
        return ""
    return far(progress["settled"], progress["wanted"], "labels")


def _imported(job: Job) -> str:
    if not job.finished:
        return f"import {job.id} is {job.state}"
    counts = job.row["counts"]
    said = [
        f"{name}: {told}"
        for name in STORED
        if (told := ", ".join(f"{count:,} {what}" for what, count in counts[name].items() if count))
    ]
    refused = counts["refused_count"]
    return "; ".join(said + [f"{refused:,} refused"] * bool(refused)) or "nothing in it"


def _told_path(path: Path, row: Row, chosen: argparse.Namespace) -> None:
    if chosen.json:
        _print_json({**row, "path": str(path)})
    else:
        _say(path)


def _told_lines(sent: Sent, chosen: argparse.Namespace) -> int:
    for one in sent.refusals[:REFUSALS_SHOWN]:
        _say(f"line {one.line}: {one.message}", file=sys.stderr)
    counts = {
        name: getattr(sent, name)
        for name in ("lines", "created", "updated", "unchanged", "refused")
    }
    if chosen.json:
        _print_json(counts)
    else:
        _say(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    return REFUSED if sent.refused else 0


def _print_json(value: object) -> None:
    _say(json.dumps(value, ensure_ascii=False))


def _say(text: object, file: TextIO | None = None) -> None:
    """A line. What is no character to print, such as an escape that moves the cursor or turns the
    line round, is said as JSON says it: names and messages come from elsewhere."""
    print(UNPRINTABLE.sub(_escaped, str(text)), file=file or sys.stdout)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return character if character.isprintable() else json.dumps(character)[1:-1]


@contextmanager
def _as_threadmark_says() -> Iterator[None]:
    """What lacks a part comes from something else than Threadmark, or from another version."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise stranger(f"{type(error).__name__}: {error}"[:200]) from error


def _sentence(error: ThreadmarkError) -> str:
    """The message, and what it says of the fields that it does not name itself."""
    more = [
        f"{name}: {sentence}"
        for name, sentences in error.fields.items()
        for sentence in sentences
        if sentence not in error.message
    ]
    return " ".join([error.message, *more])
