"""People who log in, and the tokens with which their scripts do."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox has no types
    """Somebody with a login.

    Labels belong to a Membership, not to a User, so deleting a user keeps their labels.
    ``avoided`` is private: only its owner may ever see it, and nothing says why somebody was not
    given a unit. ``preferences`` is as ``annotations.preferences`` reads it.
    """

    avoided = models.ManyToManyField(
        "annotations.ContentCategory", blank=True, related_name="+", db_table="account_avoided"
    )
    preferences = models.JSONField(default=dict, blank=True)

    class Meta(AbstractUser.Meta):
        db_table = "account"


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # knox has no types
    """A personal token for scripts; only its digest is stored."""

    name = models.CharField(max_length=100, help_text="What the token is for.")

    class Meta:
        db_table = "api_token"
        ordering = ("-created", "digest")

    def __str__(self) -> str:
        return self.name
