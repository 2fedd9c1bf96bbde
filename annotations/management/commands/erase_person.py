"""manage.py erase_person: an account, or the author of comments, with what is theirs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotations.errors import ThreadmarkError
from annotations.management.given import user_called
from annotations.models import Author, Corpus, User
from annotations.queue import enqueue
from annotations.selectors.erasing import author_called, erasure_preview, require_not_erased
from annotations.services.erasing import erase_person
from annotations.services.texts import start_scan


class Command(BaseCommand):
    help = "Erase a person: an account, or the author of comments of a corpus. Nothing undoes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", metavar="NAME", help="The name with which they log in.")
        who.add_argument("--author", metavar="ID", help="The source's id, or the pseudonym.")
        parser.add_argument("--corpus", metavar="SLUG", help="Where the author wrote.")
        parser.add_argument("--by", metavar="NAME", help="In whose name they are erased.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")
        parser.add_argument("--yes", action="store_true", help="Do not ask again.")

    def handle(self, *args: Any, **options: Any) -> None:
        by = user_called(options["by"])
        try:
            person = _person(options)
            self._tell(person)
            if options["dry_run"]:
                self.stdout.write("Nothing was erased: this was a dry run.")
                return
            name = options["user"] or options["author"]
            if not options["yes"] and input(f"Type {name} to erase them for good: ") != name:
                raise CommandError("Nothing was erased: what you typed is something else.")
            erase_person(person=person, by=by, now=timezone.now())
            if isinstance(person, Author):
                enqueue(start_scan(corpus=person.corpus, user=by, now=timezone.now()))
        except ThreadmarkError as error:
            raise CommandError(error.message) from None
        self.stdout.write("Erased. What stays is told above.")

    def _tell(self, person: User | Author) -> None:
        preview = erasure_preview(person)
        for title, counted in (("Goes", preview.goes), ("Stays", preview.stays)):
            self.stdout.write(f"{title}:")
            for words, count in counted:
                self.stdout.write(f"{count:>9,} {words}")
        if preview.releases:
            self.stdout.write("Releases that may hold something of theirs, and keep their files:")
        for release in preview.releases:
            self.stdout.write(f"{release.pk:>9} {release.campaign.slug} {release.version}")
        for sentence in preview.warnings:
            self.stdout.write(sentence)


def _person(options: dict[str, Any]) -> User | Author:
    """Raises CommandError, NotFound, Conflict."""
    if options["user"]:
        user = user_called(options["user"])
        assert user is not None
        return user
    corpus = Corpus.objects.filter(slug=options["corpus"]).first()
    if corpus is None:
        known = ", ".join(Corpus.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"Name the corpus in which they wrote. Corpora: {known}.")
    author = author_called(corpus, options["author"])
    require_not_erased(author)
    return author
