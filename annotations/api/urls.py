"""The addresses of the API below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from annotations.api import (
    campaigns,
    care,
    codebooks,
    comments,
    corpora,
    exports,
    invitations,
    known,
    labels,
    me,
    members,
    rulings,
    schema,
    suggestions,
    texts,
    threads,
    tokens,
    work,
    workplace,
)
from annotations.api.annotations import AnnotationsView, AnnotationView, RevisionsView

app_name = "api"
urlpatterns = [
    path("me/", me.MeView.as_view(), name="me"),
    path("me/avoided/", care.AvoidedView.as_view(), name="avoided"),
    path("me/preferences/", care.PreferencesView.as_view(), name="preferences"),
    path("corpora/", corpora.CorporaView.as_view(), name="corpora"),
    path("corpora/<slug:slug>/", corpora.CorpusView.as_view(), name="corpus"),
    path("corpora/<slug:slug>/scans/", texts.ScansView.as_view(), name="scans"),
    path("scans/<int:pk>/", texts.ScanView.as_view(), name="scan"),
    path("scans/<int:pk>/cancel/", texts.ScanCancelView.as_view(), name="scan_cancel"),
    path("threads/", threads.ThreadsView.as_view(), name="threads"),
    path("threads/<int:pk>/", threads.ThreadView.as_view(), name="thread"),
    path("comments/", comments.CommentsView.as_view(), name="comments"),
    path("comments/<int:pk>/", comments.CommentView.as_view(), name="comment"),
    path("codebooks/", codebooks.CodebooksView.as_view(), name="codebooks"),
    path("codebooks/<slug:key>/<int:version>/", codebooks.CodebookView.as_view(), name="codebook"),
    path("campaigns/", campaigns.CampaignsView.as_view(), name="campaigns"),
    path("campaigns/<slug:slug>/", campaigns.CampaignView.as_view(), name="campaign"),
    path("campaigns/<slug:slug>/members/", members.MembersView.as_view(), name="members"),
    path(
        "campaigns/<slug:slug>/members/<int:number>/", members.MemberView.as_view(), name="member"
    ),
    path(
        "campaigns/<slug:slug>/invitations/",
        invitations.InvitationsView.as_view(),
        name="invitations",
    ),
    path(
        "campaigns/<slug:slug>/invitations/<int:pk>/",
        invitations.InvitationView.as_view(),
        name="invitation",
    ),
    path("campaigns/<slug:slug>/known/", known.KnownUnitsView.as_view(), name="known"),
    path("campaigns/<slug:slug>/known/gold/", known.KnownGoldView.as_view(), name="known_gold"),
    path("campaigns/<slug:slug>/known/<int:pk>/", known.KnownUnitView.as_view(), name="known_unit"),
    path("campaigns/<slug:slug>/labels/", labels.LabelsView.as_view(), name="labels"),
    path("campaigns/<slug:slug>/stop/", care.StopView.as_view(), name="stop"),
    path("campaigns/<slug:slug>/next/", work.NextUnitView.as_view(), name="next"),
    path("campaigns/<slug:slug>/units/<int:pk>/", work.UnitView.as_view(), name="unit"),
    path(
        "campaigns/<slug:slug>/units/<int:pk>/annotation/",
        work.UnitAnnotationView.as_view(),
        name="unit_annotation",
    ),
    path(
        "campaigns/<slug:slug>/units/<int:pk>/comments/",
        work.UnitCommentsView.as_view(),
        name="unit_comments",
    ),
    path("campaigns/<slug:slug>/workplace/", workplace.WorkplaceView.as_view(), name="workplace"),
    path(
        "campaigns/<slug:slug>/guidelines/seen/",
        workplace.GuidelinesSeenView.as_view(),
        name="guidelines_seen",
    ),
    path("campaigns/<slug:slug>/rulings/", rulings.RulingsView.as_view(), name="rulings"),
    path(
        "campaigns/<slug:slug>/suggestions/",
        suggestions.SuggestionsView.as_view(),
        name="suggestions",
    ),
    path("campaigns/<slug:slug>/history/", work.HistoryView.as_view(), name="history"),
    path("annotations/", AnnotationsView.as_view(), name="annotations"),
    path("annotations/<int:pk>/", AnnotationView.as_view(), name="annotation"),
    path("annotations/<int:pk>/revisions/", RevisionsView.as_view(), name="revisions"),
    path("exports/", exports.ExportsView.as_view(), name="exports"),
    path("exports/<int:pk>/", exports.ExportView.as_view(), name="export"),
    path("exports/<int:pk>/file/", exports.ExportFileView.as_view(), name="export_file"),
    path("exports/<int:pk>/cancel/", exports.ExportCancelView.as_view(), name="export_cancel"),
    path("exports/<int:pk>/retry/", exports.ExportRetryView.as_view(), name="export_retry"),
    path("tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("tokens/<slug:prefix>/", tokens.TokenView.as_view(), name="token"),
    path("schema/", schema.SchemaView.as_view(), name="schema"),
    path("docs/", schema.DocsView.as_view(), name="docs"),
]
