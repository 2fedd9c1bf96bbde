"""Who saw, changed and took what: entries that are appended and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.models.campaign import Campaign


class AuditEntry(models.Model):
    """One act of somebody, or that somebody saw something within an hour.

    The database refuses to change or delete a row, but for two things: what names a person
    (``user``, ``name``, ``token``, ``address``) may be taken away, never put there, and entries
    may go that are older than what an entry of the act ``log_forgotten`` says
    (``forgets_before``). A campaign's own deletion, which no act does, leaves its entries.

    ``name`` is that of the account at the time; on the command line, that of the operating
    system's account. ``kind`` and ``about`` say what the act was about, by slug or id, never by
    words that somebody wrote. ``details`` are counts, states and names of settings.
    """

    class Act(models.TextChoices):
        LOGGED_IN = "logged_in", "Logged in"
        LOGIN_FAILED = "login_failed", "Log-in failed"
        LOCKED_OUT = "locked_out", "Locked out"
        UNLOCKED = "unlocked", "Unlocked"
        LOGGED_OUT = "logged_out", "Logged out"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        ACCOUNT_MADE = "account_made", "Account made"
        TOKEN_MADE = "token_made", "Token made"
        TOKEN_REVOKED = "token_revoked", "Token revoked"
        ROLE_GIVEN = "role_given", "Role given"
        ROLE_CHANGED = "role_changed", "Role changed"
        MEMBER_PAUSED = "member_paused", "Member paused"
        MEMBER_RESUMED = "member_resumed", "Member let go on"
        LANGUAGES_CHANGED = "languages_changed", "Languages of a member changed"
        INVITATION_MADE = "invitation_made", "Invitation made"
        INVITATION_REVOKED = "invitation_revoked", "Invitation revoked"
        INVITATION_USED = "invitation_used", "Invitation used"
        CAMPAIGN_MADE = "campaign_made", "Campaign made"
        CAMPAIGN_CHANGED = "campaign_changed", "Settings of a campaign changed"
        CAMPAIGN_OPENED = "campaign_opened", "Campaign opened"
        CAMPAIGN_PAUSED = "campaign_paused", "Campaign paused"
        CAMPAIGN_CLOSED = "campaign_closed", "Campaign closed"
        RULING_MADE = "ruling_made", "Ruling made"
        UNITS_ADDED = "units_added", "Units or labels asked for"
        KNOWN_CHANGED = "known_changed", "Known answers given or taken back"
        RECODING_STARTED = "recoding_started", "Recoding started"
        RULE_STARTED = "rule_started", "Disputes settled by a rule"
        SUGGESTIONS_SENT = "suggestions_sent", "Suggestions of a model sent"
        CODEBOOK_LOADED = "codebook_loaded", "Codebook loaded"
        CORPUS_MADE = "corpus_made", "Corpus made"
        CORPUS_CHANGED = "corpus_changed", "Corpus changed"
        WARNINGS_CHANGED = "warnings_changed", "Content warnings changed"
        IMPORT_STARTED = "import_started", "Import started"
        RECORDS_SENT = "records_sent", "Records sent"
        PERSON_ERASED = "person_erased", "Person erased"
        ANNOTATIONS_SEEN = "annotations_seen", "Annotations of others seen"
        RECORDS_SEEN = "records_seen", "Threads and comments of a corpus seen"
        AUTHORS_SEEN = "authors_seen", "Authors of a corpus seen"
        PEOPLE_SEEN = "people_seen", "Members and what they told of themselves seen"
        LABELS_TAKEN = "labels_taken", "Labels taken"
        EXPORT_STARTED = "export_started", "Export started"
        EXPORT_TAKEN = "export_taken", "Export downloaded"
        RELEASE_DRAFTED = "release_drafted", "Release drafted"
        RELEASE_CHANGED = "release_changed", "Draft of a release changed"
        RELEASE_CONFIRMED = "release_confirmed", "Release confirmed"
        RELEASE_DISCARDED = "release_discarded", "Draft of a release discarded"
        RELEASE_TAKEN = "release_taken", "Release downloaded"
        RELEASE_WITHDRAWN = "release_withdrawn", "Release withdrawn"
        WEBHOOK_MADE = "webhook_made", "Webhook made"
        WEBHOOK_CHANGED = "webhook_changed", "Webhook changed"
        WEBHOOK_DELETED = "webhook_deleted", "Webhook deleted"
        JOB_CANCELLED = "job_cancelled", "Job cancelled"
        JOB_RETRIED = "job_retried", "Job tried again"
        ADMIN_ADDED = "admin_added", "Row added in the admin"
        ADMIN_CHANGED = "admin_changed", "Row changed in the admin"
        ADMIN_DELETED = "admin_deleted", "Row deleted in the admin"
        BACKUP_MADE = "backup_made", "Backup made"
        BACKUP_RESTORED = "backup_restored", "Backup restored"
        REFUSED = "refused", "Access refused"
        LOG_TAKEN = "log_taken", "Audit log downloaded"
        LOG_FORGOTTEN = "log_forgotten", "Entries of the audit log forgotten"

    class Way(models.TextChoices):
        BROWSER = "browser", "Browser"
        TOKEN = "token", "Token"
        ADMIN = "admin", "Admin"
        COMMAND = "command", "Command line"
        JOB = "job", "Job"

    at = models.DateTimeField(db_index=True)
    act = models.CharField(max_length=24, choices=Act)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=150, blank=True)
    way = models.CharField(max_length=7, choices=Way)
    token = models.CharField(
        max_length=130, blank=True, help_text="Name and beginning of the token that was used."
    )
    address = models.CharField(max_length=45, blank=True)
    kind = models.CharField(max_length=32, blank=True)
    about = models.CharField(max_length=120, blank=True)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    details = models.JSONField(default=dict, blank=True)
    forgets_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "audit_entry"
        ordering = ("-id",)
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(
                fields=["forgets_before"],
                condition=Q(forgets_before__isnull=False),
                name="audit_entry_forgets",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(act="log_forgotten", forgets_before__isnull=False)
                | (~Q(act="log_forgotten") & Q(forgets_before__isnull=True)),
                name="audit_entry_forgets_if_it_says_so",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.about}".strip()
