"""People who log in, and the tokens with which their scripts do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox has no types
    """Somebody with a login.

    Labels belong to a Membership, not to a User, so deleting a user keeps their labels.
    ``avoided`` is private: only its owner may ever see it, and nothing says why somebody was not
    given a unit. ``preferences`` is as ``annotations.preferences`` reads it. ``token`` is no
    column: it is the token with which somebody makes the one request that this object serves.
    Tokens end where the password changes or the account is shut, by whatever way that comes;
    ``keeps_tokens`` is set by an owner who changes the password and wants to keep them.
    """

    token: ApiToken | None = None
    keeps_tokens = False
    _is_without_password = False
    _password: str | None

    avoided = models.ManyToManyField(
        "annotations.ContentCategory", blank=True, related_name="+", db_table="account_avoided"
    )
    preferences = models.JSONField(default=dict, blank=True)

    class Meta(AbstractUser.Meta):
        db_table = "account"

    def set_unusable_password(self) -> None:
        super().set_unusable_password()
        self._is_without_password = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Django keeps a new password in ``_password`` until here, but not one hashed anew."""
        is_new = self._is_without_password or self._password is not None
        super().save(*args, **kwargs)
        if (is_new and not self.keeps_tokens) or not self.is_active:
            ApiToken.objects.filter(user=self).delete()
        self._is_without_password = self.keeps_tokens = False


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
