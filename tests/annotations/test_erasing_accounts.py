"""Erasing somebody with an account: they are gone, their labels stay."""

from __future__ import annotations

import io
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from annotations.errors import Conflict
from annotations.exporters.contents import Contents
from annotations.models import (
    Annotation,
    ApiToken,
    Assignment,
    Erasure,
    Membership,
    NoteReply,
    Revision,
    User,
)
from annotations.selectors.erasing import erasure_preview
from annotations.services.assignments import take_unit
from annotations.services.erased_account import GHOST
from annotations.services.erasing import erase_person
from annotations.services.invitations import create_invitation
from tests.annotations.study import Study, a_save, build_study, label_next
from tests.annotations.test_erasing_authors import everything
from tests.builders import NOON, build_campaign, build_category, build_user

pytestmark = pytest.mark.django_db
PERSON = {"username": "rosalind", "email": "ros@example.org", "last_name": "Franklinova"}
EXPORTS = "files of exports that may hold their words: export again"
NAMES = (*PERSON.values(), "10.9.8.7", "Fear of bridges", "Finnish-Swede")


@pytest.fixture
def study() -> Study:
    """Rosalind annotates, told of herself, wrote a note, made a link, logged in, and did things
    in the admin."""
    study = build_study(4)
    (member,) = study.members
    user = member.user
    assert user is not None
    for name, value in PERSON.items():
        setattr(user, name, value)
    user.preferences = {"theme": "dark"}
    user.set_password("a long enough password")
    user.save()
    user.avoided.add(build_category("violence"))
    label_next(member, a_save(note="Fear of bridges"))
    annotation = label_next(member, a_save({"claim": "no", "why": "My own reasons"}))
    annotation.replies.create(note="Fear of bridges", text="Seen.", created_at=NOON)
    take_unit(membership=member, now=NOON)
    Membership.objects.filter(pk=member.pk).update(
        traits={"region": "Finnish-Swede"},
        traits_agreed_at=NOON,
        paused_at=NOON,
        pause_reason="Franklinova asked for it.",
    )
    create_invitation(
        campaign=study.campaign,
        role="viewer",
        days=7,
        created_by=user,
        note="For Franklinova",
        now=timezone.now(),
    )
    ApiToken.objects.create(user=user, name="rosalind's notebook")
    login = {"username": "rosalind", "ip_address": "10.9.8.7", "user_agent": "x"}
    for model in (AccessAttempt, AccessLog, AccessFailureLog):
        counted = {"failures_since_start": 1} if model is AccessAttempt else {}
        model.objects.create(**login, **counted)
    root = build_user("root", is_staff=True, is_superuser=True)
    entry = {"action_flag": ADDITION, "object_id": "1"}
    LogEntry.objects.create(user=user, object_repr="A codebook", **entry)
    LogEntry.objects.create(user=root, object_repr="rosalind in the study", **entry)
    LogEntry.objects.create(user=root, object_repr="rosalindisch", **entry)
    return study


def rosalind() -> User:
    return User.objects.get(username="rosalind")


def root() -> User:
    return User.objects.get(username="root")


class TestWhatGoes:
    def test_nothing_names_the_person_in_any_table(self, study: Study) -> None:
        Client().force_login(rosalind())
        before = everything()
        assert all(name in before for name in NAMES)
        LogEntry.objects.filter(object_repr="rosalindisch").delete()
        erase_person(person=rosalind(), by=root(), now=NOON)
        left = everything()
        assert [name for name in NAMES if name in left] == []

    def test_sessions_and_tokens_end(self, study: Study) -> None:
        client, other = Client(), Client()
        client.force_login(rosalind())
        other.force_login(root())
        erase_person(person=rosalind(), by=root(), now=NOON)
        assert client.get("/").status_code == 302
        assert other.get("/").status_code == 200
        assert Session.objects.count() == 1
        assert not ApiToken.objects.exists()

    def test_notes_go_from_what_was_said_before_too(self, study: Study) -> None:
        erase_person(person=rosalind(), by=root(), now=NOON)
        assert {one.note for one in Annotation.objects.all()} == {""}
        assert {one.content["note"] for one in Revision.objects.all()} == {""}
        assert NoteReply.objects.get().note == "█"

    def test_what_they_hold_is_free(self, study: Study) -> None:
        erase_person(person=rosalind(), by=root(), now=NOON)
        assert not Assignment.objects.filter(state="leased").exists()

    def test_their_links_end(self, study: Study) -> None:
        erase_person(person=rosalind(), by=root(), now=NOON)
        assert study.campaign.invitations.get().revoked_at == NOON

    @pytest.mark.parametrize(
        ("chosen", "stays"),
        [
            ({}, False),
            ({"notes": False, "traits": True}, False),
            ({"notes": False}, True),
        ],
        ids=["notes", "traits", "labels alone"],
    )
    def test_files_of_exports_that_may_hold_their_words_go(
        self,
        study: Study,
        chosen: dict[str, Any],
        stays: bool,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        file = default_storage.save("exports/one", ContentFile(b"Fear of bridges"))
        contents = Contents(**chosen).to_json()
        done = {"format": "jsonl", "state": "done", "created_at": NOON, "contents": contents}
        study.campaign.exports.create(file=file, **done)
        assert dict(erasure_preview(rosalind()).goes)[EXPORTS] == (0 if stays else 1)
        with django_capture_on_commit_callbacks(execute=True):
            erase_person(person=rosalind(), by=root(), now=NOON)
        assert default_storage.exists(file) == stays
        default_storage.delete(file)

    def test_files_of_exports_elsewhere_stay(
        self,
        study: Study,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        file = default_storage.save("exports/one", ContentFile(b"Not theirs"))
        other = build_campaign(study.campaign.corpus)
        other.exports.create(format="jsonl", state="done", file=file, created_at=NOON)
        with django_capture_on_commit_callbacks(execute=True):
            erase_person(person=rosalind(), by=root(), now=NOON)
        assert default_storage.exists(file)
        default_storage.delete(file)


class TestWhatStays:
    def test_labels_are_those_of_a1(self, study: Study) -> None:
        told = dict(erasure_preview(rosalind()).stays)
        assert told[f"labels and decisions, as those of A1 in {study.campaign.slug}"] == 2
        erase_person(person=rosalind(), by=root(), now=NOON)
        labels = Annotation.objects.filter(state="submitted", membership__number=1)
        assert labels.count() == 2
        member = Membership.objects.get(number=1)
        assert (member.user, member.traits, member.traits_agreed_at) == (None, {}, None)
        assert labels.filter(answers__text="My own reasons").count() == 1

    def test_what_they_did_is_in_the_log_in_nobody_s_name(self, study: Study) -> None:
        erase_person(person=rosalind(), by=root(), now=NOON)
        entry = LogEntry.objects.get(object_repr="A codebook")
        assert (entry.user.username, entry.user.is_active) == (GHOST, False)
        assert not entry.user.has_usable_password()

    def test_a_name_within_a_word_is_no_name(self, study: Study) -> None:
        erase_person(person=rosalind(), by=root(), now=NOON)
        shown = set(LogEntry.objects.values_list("object_repr", flat=True))
        assert shown == {"A codebook", "(erased) in the study", "rosalindisch"}

    def test_that_somebody_was_erased_is_noted_without_the_name(self, study: Study) -> None:
        erase_person(person=rosalind(), by=root(), now=NOON)
        noted = Erasure.objects.get()
        assert (noted.kind, noted.corpus, noted.erased_by) == ("account", None, root())
        assert noted.counts["API tokens"] == 1


class TestRefused:
    def test_oneself(self, study: Study) -> None:
        with pytest.raises(Conflict, match="another administrator"):
            erase_person(person=root(), by=root(), now=NOON)

    def test_the_last_administrator(self, study: Study) -> None:
        with pytest.raises(Conflict, match="last administrator"):
            erase_person(person=root(), by=None, now=NOON)

    def test_who_did_what_the_erased_did(self, study: Study) -> None:
        erase_person(person=rosalind(), by=root(), now=NOON)
        with pytest.raises(Conflict, match="erased already"):
            erase_person(person=User.objects.get(username=GHOST), by=root(), now=NOON)

    def test_the_last_manager_is_told_of(self, study: Study) -> None:
        Membership.objects.update(role="manager")
        (warning,) = erasure_preview(rosalind()).warnings
        assert "without a manager" in warning


def test_the_command_erases_an_account(study: Study) -> None:
    out = io.StringIO()
    call_command("erase_person", "--user", "rosalind", "--dry-run", stdout=out)
    assert User.objects.filter(username="rosalind").exists()
    call_command("erase_person", "--user", "rosalind", "--yes", stdout=out)
    assert not User.objects.filter(username="rosalind").exists()
    with pytest.raises(CommandError, match="no user"):
        call_command("erase_person", "--user", "rosalind", "--yes", stdout=out)
