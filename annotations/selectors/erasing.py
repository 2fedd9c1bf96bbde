"""What would go, and what would stay, if a person were erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from annotations.errors import Conflict, NotFound
from annotations.exporters.contents import Contents
from annotations.models import (
    Annotation,
    Answer,
    ApiToken,
    Assignment,
    AuditEntry,
    Author,
    Campaign,
    Comment,
    CommentRelation,
    CommentRevision,
    Corpus,
    ExportRun,
    Invitation,
    Job,
    Membership,
    NoteReply,
    Release,
    Ruling,
    Thread,
    User,
)
from annotations.pseudonyms import ERASED, pseudonym_of

MOST_RELEASES = 200
LOGIN_RECORDS = (AccessAttempt, AccessLog, AccessFailureLog)

Counted = tuple[str, int]


@dataclass(frozen=True)
class ErasurePreview:
    """``goes`` and ``stays`` are words with how many there are of each, ``warnings`` sentences.

    ``releases`` are finished ones that may hold something of the person: they keep their files.
    """

    goes: Sequence[Counted]
    stays: Sequence[Counted]
    releases: Sequence[Release]
    warnings: Sequence[str]


def author_called(corpus: Corpus, name: str) -> Author:
    """The author of the corpus with this source id or pseudonym, as it is stored or as it would
    be hashed. Raises NotFound."""
    hashed = pseudonym_of(corpus.pseudonym_key, name)
    named = Q(source_id=name) | Q(pseudonym=name) | Q(source_id=hashed) | Q(pseudonym=hashed)
    author = Author.objects.filter(named, corpus=corpus).order_by("pk").first()
    if author is None:
        raise NotFound(
            f"No author of {corpus.name} has this source id or pseudonym: nothing was erased."
        )
    return author


def require_not_erased(author: Author) -> None:
    """Raises Conflict."""
    if author.source_id.startswith(ERASED):
        raise Conflict(f"{author.pseudonym} was erased already.")


def erasure_preview(person: User | Author) -> ErasurePreview:
    """Counts only; nothing is changed."""
    return _of_account(person) if isinstance(person, User) else _of_author(person)


# An account


def annotations_by(user: User) -> QuerySet[Annotation]:
    """Those that the person made or, where it is a decision, made last."""
    return Annotation.objects.filter(membership__user=user)


def login_records(user: User) -> list[QuerySet[AccessAttempt | AccessLog | AccessFailureLog]]:
    """Their log-ins, good and bad, with addresses and browsers."""
    return [model.objects.filter(username__iexact=user.username) for model in LOGIN_RECORDS]


def log_about(user: User) -> QuerySet[LogEntry]:
    """The admin's log of the account and its tokens."""
    kinds = ContentType.objects.get_for_models(User, ApiToken)
    tokens = ApiToken.objects.filter(user=user).values_list("pk", flat=True)
    return LogEntry.objects.filter(
        Q(content_type=kinds[User], object_id=str(user.pk))
        | Q(content_type=kinds[ApiToken], object_id__in=list(tokens))
    )


def audit_entries_of(user: User) -> QuerySet[AuditEntry]:
    """Those that name the person."""
    return AuditEntry.objects.filter(Q(user=user) | Q(name=user.username))


def invitations_by(user: User) -> QuerySet[Invitation]:
    return Invitation.objects.filter(created_by=user)


def exports_with_words_of(user: User) -> list[ExportRun]:
    """Finished exports whose file may hold notes of the person, or what they told of themselves.

    That they wrote nothing until now says nothing: a note may be gone that an export has.
    """
    campaigns = Membership.objects.filter(user=user).values("campaign")
    done = ExportRun.objects.filter(campaign__in=campaigns, state=ExportRun.State.DONE)
    chosen = [(run, Contents.from_json(run.contents)) for run in done.exclude(file="")]
    return [run for run, contents in chosen if contents.notes or contents.traits]


def _of_account(user: User) -> ErasurePreview:
    memberships = Membership.objects.filter(user=user)
    annotations = annotations_by(user)
    goes = [
        ("account, with its name, e-mail address, password, preferences and avoided content", 1),
        ("API tokens", ApiToken.objects.filter(user=user).count()),
        ("records of log-ins, with addresses", sum(one.count() for one in login_records(user))),
        (
            "memberships with what they told of themselves, and their consent to it",
            memberships.exclude(traits={}).count(),
        ),
        (
            "notes and reasons to skip that they wrote",
            annotations.exclude(note="", skip_reason="").count(),
        ),
        (
            "files of exports that may hold their words: export again",
            len(exports_with_words_of(user)),
        ),
        ("units that they hold: others may take them", _held(user)),
        ("invitations that they made: the links end", invitations_by(user).count()),
        ("entries of the admin's log that name them: the name goes", log_about(user).count()),
        (
            "names, tokens and addresses in entries of the audit log, which stay",
            audit_entries_of(user).count(),
        ),
    ]
    stays = [
        (
            f"labels and decisions, as those of {_pseudonyms(memberships)}",
            annotations.filter(state=Annotation.State.SUBMITTED).count(),
        ),
        (
            "answers in their own words to the questions of codebooks, which are labels",
            Answer.objects.filter(annotation__membership__user=user).exclude(text="").count(),
        ),
        (
            "rulings that they made, without their name",
            Ruling.objects.filter(created_by=user).count(),
        ),
        (
            "remarks on notes that they made, without their name",
            NoteReply.objects.filter(created_by=user).exclude(text="").count(),
        ),
        (
            "entries in the admin's log of what they did, in the name of “(erased)”",
            LogEntry.objects.filter(user=user).count(),
        ),
    ]
    campaigns = memberships.values("campaign")
    return ErasurePreview(goes, stays, _releases(campaigns), _left_without_manager(user))


def _held(user: User) -> int:
    held = Assignment.objects.filter(membership__user=user, state=Assignment.State.LEASED)
    return held.count()


def _pseudonyms(memberships: QuerySet[Membership]) -> str:
    shown = [
        f"A{number} in {slug}"
        for slug, number in memberships.values_list("campaign__slug", "number")[:6]
    ]
    return ", ".join([*shown[:5], "…"] if len(shown) > 5 else shown) or "nobody"


def _left_without_manager(user: User) -> list[str]:
    managed = Membership.objects.filter(user=user, role=Membership.Role.MANAGER)
    others = Membership.objects.filter(role=Membership.Role.MANAGER, user__isnull=False)
    others = others.exclude(user=user)
    left = Campaign.objects.filter(pk__in=managed.values("campaign")).exclude(
        pk__in=others.values("campaign")
    )
    return [
        f"{name} would be left without a manager: name another one first."
        for name in left.values_list("name", flat=True)[:20]
    ]


# An author of comments


def comments_of(author: Author) -> QuerySet[Comment]:
    return Comment.objects.filter(author=author)


def opened_by(author: Author) -> QuerySet[Thread]:
    """The threads of which the author wrote the opening: their titles are the author's words."""
    openings = comments_of(author).exclude(kind=Comment.Kind.COMMENT)
    return Thread.objects.filter(pk__in=openings.values("thread"))


def annotations_about(author: Author) -> QuerySet[Annotation]:
    """Those of units that are the author's comments, whoever made them."""
    return Annotation.objects.filter(unit__comment__author=author)


def campaigns_with_threads_of(author: Author) -> QuerySet[Campaign]:
    """Those whose units lie in a thread in which the author wrote."""
    threads = comments_of(author).values("thread")
    return Campaign.objects.filter(corpus=author.corpus_id, units__thread__in=threads).distinct()


def exports_with(author: Author) -> QuerySet[ExportRun]:
    """Finished exports whose file may hold something of the author."""
    return ExportRun.objects.filter(
        campaign__in=campaigns_with_threads_of(author).values("pk"), state=ExportRun.State.DONE
    ).exclude(file="")


def finished_imports(corpus: Corpus) -> QuerySet[Any]:
    """The imports into the corpus that ended and whose uploaded file was kept."""
    ended = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
    found: QuerySet[Any] = corpus.imports.filter(state__in=ended).exclude(file="")
    return found


def _of_author(author: Author) -> ErasurePreview:
    comments, about = comments_of(author), annotations_about(author)
    goes = [
        ("author, with name and id: a pseudonym stays that nobody can trace", 1),
        ("comments: their texts, raw records and ids; their places stay empty", comments.count()),
        (
            "earlier versions of their comments",
            CommentRevision.objects.filter(comment__author=author).count(),
        ),
        ("threads that they opened: title, address and raw record", opened_by(author).count()),
        (
            "quotes of their comments in labels",
            Answer.objects.filter(annotation__in=about.values("pk"), start__isnull=False).count(),
        ),
        (
            "texts, notes and reasons that annotators wrote about their comments",
            Answer.objects.filter(annotation__in=about.values("pk")).exclude(text="").count()
            + about.exclude(note="", skip_reason="", reason="").count(),
        ),
        ("files of exports that may hold them: export again", exports_with(author).count()),
        (
            "uploaded files of finished imports into the corpus",
            finished_imports(author.corpus).count(),
        ),
    ]
    mentions = CommentRelation.objects.filter(target_author=author)
    quotes = CommentRelation.objects.filter(target__author=author).exclude(comment__author=author)
    stays = [
        ("labels of their comments, which are in no dataset from now on", about.count()),
        ("comments by others that name them: read what they say", _comments(mentions)),
        ("comments by others that quote them: read what they say", _comments(quotes)),
        (
            "rulings that came from their comments: guidelines never change",
            Ruling.objects.filter(unit__comment__author=author).count(),
        ),
    ]
    releases = _releases(campaigns_with_threads_of(author).values("pk"))
    return ErasurePreview(goes, stays, releases, ())


def _comments(relations: QuerySet[CommentRelation]) -> int:
    return relations.values("comment").distinct().count()


def _releases(campaigns: QuerySet[Any, Any]) -> list[Release]:
    found = Release.objects.filter(
        campaign__in=campaigns, state=Release.State.DONE, withdrawn_at__isnull=True
    )
    return list(found.select_related("campaign").defer("manifest").order_by("pk")[:MOST_RELEASES])
