"""Which scopes of a token open which operations, by their names in the schema.

What stands nowhere here opens to a token that is limited in nothing, so a new operation begins
shut. Behind an open door permissions.py still asks what the role and the scopes allow.
"""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from annotations.models import ApiToken
from annotations.permissions import Scope, beyond_campaigns, lacking_scope

OPEN_TO_ALL = frozenset(
    {
        *("me", "campaigns_list", "campaigns_get", "rulings_list"),
        *("codebooks_list", "codebooks_get", "codebooks_diff", "categories_list"),
    }
)
LABELS_READ = frozenset(
    {
        *("campaigns_labels", "campaigns_changes", "campaigns_progress", "units_list"),
        *("annotations_list", "annotations_get", "annotations_revisions"),
        *("exports_list", "exports_create", "exports_get", "exports_file"),
        *("exports_cancel", "exports_retry"),
        *("releases_list", "releases_get", "releases_file", "releases_files"),
        *("releases_one_file", "releases_differences"),
        *("campaigns_agreement_list", "agreement_get"),
        *("campaigns_aggregations_list", "aggregations_get", "aggregations_rows"),
    }
)
CORPUS_READ = frozenset(
    {
        *("corpora_list", "corpora_get", "corpora_changes", "authors_list"),
        *("threads_list", "threads_get"),
        *("comments_list", "comments_get", "fitting_count"),
        *("corpora_categories", "corpora_rules", "warnings_list"),
        *("samples_list", "samples_get", "rankings_get"),
    }
)
SUGGESTIONS_WRITE = frozenset({"suggestions_create"})
ANNOTATIONS_WRITE = frozenset(
    {
        *("work_place", "work_guidelines_seen", "work_next", "work_unit", "work_comments"),
        *("work_save", "work_history", "work_stop", "annotations_create"),
        *("annotations_list", "annotations_get", "annotations_revisions"),
    }
)
MANAGE = (LABELS_READ | CORPUS_READ | SUGGESTIONS_WRITE) | {
    *("corpora_change", "assignments_list"),
    *("corpora_create", "scans_create", "scans_get", "scans_cancel"),
    *("imports_list", "imports_create", "imports_get", "imports_cancel", "imports_retry"),
    *("records_create", "annotations_create"),
    *("codebooks_create", "codebooks_preview"),
    *("campaigns_create", "campaigns_change", "members_list", "members_create", "members_change"),
    *("invitations_list", "invitations_create", "invitations_revoke"),
    *("known_list", "known_create", "known_draw", "known_take_back"),
    *("samples_create", "samples_cancel", "samples_retry", "overlap_raise"),
    *("rankings_create", "rankings_cancel", "turns_list", "turns_release"),
    *("campaigns_recodings", "campaigns_recode", "campaigns_recodings_preview", "recodings_get"),
    *("recodings_cancel", "recodings_retry", "rulings_create"),
    *("campaigns_agreement_create", "agreement_cancel"),
    *("campaigns_aggregations_create", "aggregations_cancel"),
    *("releases_create", "releases_change", "releases_discard", "releases_confirm"),
    *("releases_cancel", "releases_retry", "releases_withdraw"),
    *("adjudication_queue", "adjudication_next", "adjudication_case", "adjudication_decide"),
    *("adjudication_comments", "rule_start", "rule_count", "rule_run", "rule_run_cancel"),
    *("notes_list", "notes_reply"),
    *("webhooks_list", "webhooks_create", "webhooks_get", "webhooks_change", "webhooks_delete"),
    *("webhooks_rotate", "webhooks_ping", "audit_list"),
    *("deliveries_list", "deliveries_get", "deliveries_redeliver"),
}
OPENS: dict[Scope, frozenset[str]] = {
    Scope.LABELS: LABELS_READ,
    Scope.CORPUS: CORPUS_READ,
    Scope.SUGGESTIONS: SUGGESTIONS_WRITE,
    Scope.ANNOTATIONS: ANNOTATIONS_WRITE,
    Scope.MANAGE: MANAGE,
}


class ScopeAllows(BasePermission):
    """A token comes in where one of its scopes opens the operation."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises NotPermitted."""
        if isinstance(request.auth, ApiToken):
            handler = getattr(view, (request.method or "").lower(), None)
            require_scope(request.auth, getattr(handler, "operation_name", ""))
        return True


def require_scope(token: ApiToken, operation: str) -> None:
    """Raises NotPermitted where no scope of the token opens the operation."""
    if operation in OPEN_TO_ALL:
        return
    opening: list[str] = [scope for scope, names in OPENS.items() if operation in names]
    if Scope.ALL in token.scopes and not opening and token.limited:
        raise beyond_campaigns()
    if not set(token.scopes) & {*opening, Scope.ALL}:
        raise lacking_scope([*opening, Scope.ALL])
