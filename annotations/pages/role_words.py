"""What each role may do, in words, as permissions.py has it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.models import Membership
from annotations.permissions import ROLES_WITH, Permission

WORDS: dict[Permission, Promise] = {
    "campaign.view": _("See the campaign, its codebook and its rulings"),
    "annotation.write": _("Label, and read their own labels"),
    "annotation.read_all": _("Read all labels, by pseudonym"),
    "annotation.adjudicate": _("Decide where labels disagree"),
    "corpus.read": _("Read the corpus’s threads whole"),
    "corpus.warn": _("Set content warnings"),
    "export.create": _("Export the labels"),
    "release.create": _("Make and withdraw releases"),
    "campaign.manage": _("Manage people, invitations, stages and the campaign itself"),
}


def role_rows() -> list[tuple[Promise, list[bool]]]:
    """Each permission's words, and for each role in turn whether it has it."""
    return [
        (words, [role in ROLES_WITH[permission] for role in Membership.Role])
        for permission, words in WORDS.items()
    ]
