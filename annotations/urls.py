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
    codebooks,
    content,
    corpora,
    exports,
    health,
    home,
    join,
    label,
    people,
    stages,
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
    path("codebooks/new/", codebooks.new_codebook, name="new_codebook"),
    path("codebooks/<slug:key>/<int:version>/", codebooks.codebook, name="codebook"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.new_campaign, name="new_campaign"),
    path("campaigns/<slug:slug>/", campaigns.campaign, name="campaign"),
    path("campaigns/<slug:slug>/state/", campaigns.change_state, name="change_state"),
    path("campaigns/<slug:slug>/care/", campaigns.change_care, name="change_care"),
    path("campaigns/<slug:slug>/people/", people.people, name="people"),
    path(
        "campaigns/<slug:slug>/languages/", people.change_own_languages, name="change_own_languages"
    ),
    path("campaigns/<slug:slug>/members/", people.add_member, name="add_member"),
    path("campaigns/<slug:slug>/members/<int:number>/", people.change_role, name="change_role"),
    path(
        "campaigns/<slug:slug>/members/<int:number>/languages/",
        people.change_languages,
        name="change_languages",
    ),
    path(
        "campaigns/<slug:slug>/members/<int:number>/pause/",
        people.pause_member,
        name="pause_member",
    ),
    path("campaigns/<slug:slug>/members/<int:number>/go-on/", people.let_go_on, name="let_go_on"),
    path("campaigns/<slug:slug>/invitations/", people.new_invitation, name="new_invitation"),
    path(
        "campaigns/<slug:slug>/invitations/<int:pk>/revoke/",
        people.revoke_invitation,
        name="revoke_invitation",
    ),
    path("campaigns/<slug:slug>/stages/", stages.stages, name="stages"),
    path("campaigns/<slug:slug>/stages/settings/", stages.change_stages, name="change_stages"),
    path("campaigns/<slug:slug>/stages/file/", stages.upload_known, name="upload_known"),
    path("campaigns/<slug:slug>/stages/draw/", stages.draw_known, name="draw_known"),
    path(
        "campaigns/<slug:slug>/stages/<int:pk>/take-back/",
        stages.take_back_known,
        name="take_back_known",
    ),
    path("join/<str:token>/", join.join, name="join"),
    path("campaigns/<slug:slug>/rulings/", campaigns.new_ruling, name="new_ruling"),
    path("campaigns/<slug:slug>/exports/", exports.new_export, name="new_export"),
    path("campaigns/<slug:slug>/label/", label.label, name="label"),
    path("exports/<int:pk>/cancel/", exports.cancel_export, name="cancel_export"),
    path("exports/<int:pk>/retry/", exports.retry_export, name="retry_export"),
]
