"""``python -m tests.chaos.crew``: the tables, the people of a study, and a study that lies still.

Run in the application's environment before its first start, so that it makes no demo. Prints what
others need to know of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import msgspec

from project.environment import ROOT
from tests.application import Application

PASSWORD = "seven-quiet-ferries"
MANAGER = "mira"
AT_SCREEN = "bo"
STILL = "still"
STILL_SINCE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BY_SCRIPT = 3


class Crew(msgspec.Struct, frozen=True):
    """Tokens by name: the manager's, and those of who annotates by script."""

    manager: str
    annotators: dict[str, str]


def make_crew(application: Application, *, labels: int) -> Crew:
    """The people in the application's database, and a study of so many labels that nobody
    touches any more."""
    command = [sys.executable, "-m", "tests.chaos.crew", str(labels)]
    made = subprocess.run(
        command, cwd=ROOT, env=application.env, check=True, stdout=subprocess.PIPE
    )
    return msgspec.json.decode(made.stdout, type=Crew)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from annotations.codebooks.library import LIBRARY
    from annotations.services.codebooks import load_codebook

    starter = (LIBRARY / "claims-misinformation-sentiment.yaml").read_text(encoding="utf-8")
    load_codebook(text=starter, now=STILL_SINCE)
    _lay_still(int(sys.argv[1]))
    annotators = {f"ann{number}": _token(f"ann{number}") for number in range(BY_SCRIPT)}
    print(json.dumps({"manager": _token(MANAGER, is_staff=True), "annotators": annotators}))
    _token(AT_SCREEN)


def _token(name: str, *, is_staff: bool = False) -> str:
    from annotations.models import ApiToken, User
    from annotations.services.tokens import create_token

    user = User.objects.create_user(username=name, password=PASSWORD, is_staff=is_staff)
    return create_token(user=user, name="chaos", scopes=[ApiToken.Scope.ALL])[1]


def _lay_still(labels: int) -> None:
    """A campaign whose export takes a while and never changes."""
    from annotations.models import Annotation, Answer, Codebook, Comment, Unit
    from tests.builders import build_campaign, build_membership, build_thread

    campaign = build_campaign(codebook=Codebook.objects.get(), slug=STILL)
    claim = campaign.codebook.questions.get(key="claim")
    options = list(claim.labels.all())
    thread = build_thread(campaign.corpus, order_is_stale=False, comment_count=labels)
    member = build_membership(campaign)
    comments = Comment.objects.bulk_create(
        Comment(
            corpus=campaign.corpus,
            thread=thread,
            source_id=f"s{place}",
            ordinal=place,
            position=place,
            text=f"Comment {place}: nobody counted the cars. 🚢",
            created_at=STILL_SINCE,
        )
        for place in range(labels)
    )
    units = Unit.objects.bulk_create(
        Unit(campaign=campaign, thread=thread, comment=comment, order=comment.position)
        for comment in comments
    )
    said = Annotation.objects.bulk_create(
        Annotation(
            unit=unit,
            membership=member,
            state="submitted",
            created_at=STILL_SINCE,
            saved_at=STILL_SINCE,
            submitted_at=STILL_SINCE,
        )
        for unit in units
    )
    Answer.objects.bulk_create(
        Answer(annotation=one, question=claim, label=options[place % len(options)])
        for place, one in enumerate(said)
    )


if __name__ == "__main__":
    main()
