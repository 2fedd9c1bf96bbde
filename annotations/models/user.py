"""People who log in, and the tokens with which their scripts do."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox has no types
    """Somebody with a login.

    Labels belong to a Membership, not to a User, so deleting a user keeps their labels.
    ``avoided`` is private: only its owner may ever see it, and nothing says why somebody was not
    given a unit. ``preferences`` is as ``annotations.preferences`` reads it. ``token`` is no
    column: it is the token with which somebody makes the one request that this object serves.
    """

    token: ApiToken | None = None

    avoided = models.ManyToManyField(
        "annotations.ContentCategory", blank=True, related_name="+", db_table="account_avoided"
    )
    preferences = models.JSONField(default=dict, blank=True)

    class Meta(AbstractUser.Meta):
        db_table = "account"


def every_scope() -> list[str]:
    return [ApiToken.Scope.ALL.value]


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # knox has no types
    """A personal token for scripts; only its digest is stored.

    It gives what its scopes and its owner's role both allow (``permissions.py``); ``limited`` ones
    in their ``campaigns`` alone, so that one whose campaigns are gone reaches nothing.
    """

    class Scope(models.TextChoices):
        LABELS = "labels:read"
        CORPUS = "corpus:read"
        SUGGESTIONS = "suggestions:write"
        ANNOTATIONS = "annotations:write"
        MANAGE = "manage"
        ALL = "all"

    name = models.CharField(max_length=100, help_text="What the token is for.")
    scopes = models.JSONField(default=every_scope)
    limited = models.BooleanField(default=False, help_text="Whether it reaches its campaigns only.")
    campaigns = models.ManyToManyField(
        "annotations.Campaign", blank=True, related_name="+", db_table="api_token_campaign"
    )
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")

    class Meta:
        db_table = "api_token"
        ordering = ("-created", "digest")

    def __str__(self) -> str:
        return self.name
