"""manage.py import_threads: files into a corpus, without a worker."""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotations.errors import Conflict, ThreadmarkError
from annotations.models import Corpus, User
from annotations.services.corpora import create_corpus
from annotations.services.jobs import run_job
from importers.files import shown_name
from importers.helpers import HelperProcesses
from importers.models import ImportRun
from importers.report import run_report
from importers.running import import_source, scan_after
from importers.services import recognise
from importers.source import Source


class Command(BaseCommand):
    help = "Import files of threads into a corpus. No worker is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--corpus", required=True, metavar="SLUG", help="Made if missing.")
        parser.add_argument("--format", metavar="NAME", help="Told from the content if left out.")
        parser.add_argument("--options", metavar="JSON", help="The format's options.")
        parser.add_argument("--dry-run", action="store_true", help="Report, but store no thread.")
        parser.add_argument("--json", action="store_true", help="One report a file on stdout.")
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="How many take pieces of a large file side by side (as many as processors).",
        )
        parser.add_argument("--user", metavar="NAME", help="In whose name it is recorded.")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = _corpus(options["corpus"])
        user = _user(options["user"])
        chosen = _options(options["options"])
        failed = 0
        for name in options["files"]:
            run = ImportRun(
                corpus=corpus,
                file_name=shown_name(name),
                dry_run=options["dry_run"],
                created_by=user,
                created_at=timezone.now(),
            )
            source = Source(Path(name), run.file_name)
            with HelperProcesses(source, options["processes"] - 1) as helpers:
                self._import(run, source, options["format"], chosen, helpers)
            self._show(run_report(run), as_json=options["json"])
            failed += run.state != ImportRun.State.DONE
        if failed:
            raise CommandError(f"{failed} of {len(options['files'])} files were not imported.")

    def _import(
        self,
        run: ImportRun,
        source: Source,
        format: str | None,
        options: dict[str, Any] | None,
        helpers: HelperProcesses,
    ) -> None:
        """Run it here; whatever goes wrong with the file ends up in the run's row."""
        self._began = time.monotonic()
        try:
            recognise(run, source, format=format, options=options)
        except OSError as error:
            _refuse(run, f"{run.file_name} cannot be read: {error.strerror}.")
        except ThreadmarkError as error:
            _refuse(run, error.message)
        else:
            run.save()
            run_job(
                ImportRun,
                run.pk,
                lambda running: import_source(running, source, helpers.share),
                watch=self._watch,
            )
            run.refresh_from_db()
            scan_after(run)

    def _watch(self, done: int, total: int | None) -> None:
        """The progress, and how long the rest takes at the speed so far."""
        passed = time.monotonic() - self._began
        left = f", about {(total - done) * passed / done:,.0f} s left" if done and total else ""
        self.stderr.write(f"{done:,} of {total or 0:,} {ImportRun.measure}{left}")

    def _show(self, report: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        self.stdout.write(f"{report['file']}: {report['state']}, as {report['format'] or '?'}")
        if report["error"]:
            self.stdout.write(f"  {report['error']}")
        for noun in ("threads", "openings", "comments", "authors", "replies"):
            figures = ", ".join(
                f"{count:,} {what}" for what, count in report[noun].items() if what != "cut"
            )
            self.stdout.write(f"  {noun}: {figures}")
        for what, count in report["notes"].items():
            self.stdout.write(f"  {what}: {count:,}")
        self.stdout.write(
            f"  missing: {report['missing']:,}, gold labels: {report['gold']:,}, "
            f"refused: {report['refused_count']:,}"
        )
        for refusal in report["refused"]:
            self.stdout.write(f"    line {refusal['line'] or '?'}: {refusal['message']}")


def _refuse(run: ImportRun, message: str) -> None:
    run.state = ImportRun.State.FAILED
    run.error = message
    run.finished_at = run.created_at
    run.save()


def _corpus(slug: str) -> Corpus:
    corpus = Corpus.objects.filter(slug=slug).first()
    if corpus is not None:
        return corpus
    try:
        Corpus._meta.get_field("slug").clean(slug, None)
        return create_corpus(slug=slug, now=timezone.now())
    except ValidationError:
        raise CommandError(
            f"{slug!r} cannot be a corpus: use at most 80 letters, digits, hyphens and underscores."
        ) from None
    except Conflict:  # another import has made it in the meantime
        return Corpus.objects.get(slug=slug)


def _user(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user {name!r}.")
    return user


def _options(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        options = json.loads(text)
    except ValueError as error:
        raise CommandError(f"--options is not JSON: {error}.") from None
    if not isinstance(options, dict):
        raise CommandError('--options is a JSON object, such as {"columns": {"text": "body"}}.')
    return options
