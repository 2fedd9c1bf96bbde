"""The addresses of the pages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from annotations.pages import (
    account,
    campaigns,
    care,
    codebook_editor,
    codebooks,
    content,
    corpora,
    exports,
    health,
    home,
    label,
    recodings,
    texts,
    threads,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("login/", account.LogIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", require_POST(set_language), name="set_language"),
    path("account/", account.account, name="account"),
    path("account/password/", account.ChangePassword.as_view(), name="change_password"),
    path("account/avoided/", care.save_avoided, name="save_avoided"),
    path("account/preferences/", care.save_preferences, name="save_preferences"),
    path("account/tokens/", account.new_token, name="new_token"),
    path("account/tokens/<str:token_key>/revoke/", account.revoke, name="revoke_token"),
    path("corpora/", corpora.corpora, name="corpora"),
    path("corpora/new/", corpora.new_corpus, name="new_corpus"),
    path("corpora/<slug:slug>/", corpora.corpus, name="corpus"),
    path("corpora/<slug:slug>/warnings/", content.corpus_warnings, name="corpus_warnings"),
    path(
        "corpora/<slug:slug>/warnings/categories/",
        content.set_categories,
        name="set_corpus_categories",
    ),
    path("corpora/<slug:slug>/warnings/words/", content.new_word_rule, name="new_word_rule"),
    path("corpora/<slug:slug>/warnings/fields/", content.new_field_rule, name="new_field_rule"),
    path(
        "corpora/<slug:slug>/warnings/rules/<int:pk>/delete/",
        content.delete_rule,
        name="delete_rule",
    ),
    path("comments/<int:pk>/warnings/", content.comment_warnings, name="comment_warnings"),
    path("corpora/<slug:slug>/scans/", texts.new_scan, name="new_scan"),
    path("corpora/<slug:slug>/duplicates/", texts.duplicates, name="duplicates"),
    path(
        "corpora/<slug:slug>/duplicates/<int:rank>/",
        texts.duplicates_alike,
        name="duplicates_alike",
    ),
    path("scans/<int:pk>/cancel/", texts.cancel_scan, name="cancel_scan"),
    path("threads/<int:pk>/", threads.thread, name="thread"),
    path("codebooks/", codebooks.codebooks, name="codebooks"),
    path("codebooks/new/", codebook_editor.new_codebook, name="new_codebook"),
    path(
        "codebooks/library/<slug:key>/load/",
        codebook_editor.load_from_library,
        name="load_from_library",
    ),
    path("codebooks/<slug:key>/<int:version>/", codebooks.codebook, name="codebook"),
    path(
        "codebooks/<slug:key>/<int:version>/edit/",
        codebook_editor.edit_codebook,
        name="edit_codebook",
    ),
    path(
        "codebooks/<slug:key>/diff/<int:before>/<int:after>/",
        codebooks.codebook_diff,
        name="codebook_diff",
    ),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.new_campaign, name="new_campaign"),
    path("campaigns/<slug:slug>/", campaigns.campaign, name="campaign"),
    path("campaigns/<slug:slug>/state/", campaigns.change_state, name="change_state"),
    path("campaigns/<slug:slug>/care/", campaigns.change_care, name="change_care"),
    path("campaigns/<slug:slug>/members/", campaigns.add_member, name="add_member"),
    path("campaigns/<slug:slug>/members/<int:number>/", campaigns.change_role, name="change_role"),
    path("campaigns/<slug:slug>/rulings/", campaigns.new_ruling, name="new_ruling"),
    path("campaigns/<slug:slug>/codebook/", recodings.campaign_codebook, name="campaign_codebook"),
    path("campaigns/<slug:slug>/recodings/", recodings.new_recoding, name="new_recoding"),
    path("campaigns/<slug:slug>/exports/", exports.new_export, name="new_export"),
    path("campaigns/<slug:slug>/label/", label.label, name="label"),
    path("recodings/<int:pk>/trace.csv", recodings.recoding_trace, name="recoding_trace"),
    path("recodings/<int:pk>/cancel/", recodings.cancel_recoding, name="cancel_recoding"),
    path("recodings/<int:pk>/retry/", recodings.retry_recoding, name="retry_recoding"),
    path("exports/<int:pk>/cancel/", exports.cancel_export, name="cancel_export"),
    path("exports/<int:pk>/retry/", exports.retry_export, name="retry_export"),
]
