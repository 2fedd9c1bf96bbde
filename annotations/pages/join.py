"""The page behind an invitation's link: joining a campaign, with an account or a new one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotations.errors import InvalidInput, ThreadmarkError
from annotations.models import Invitation, Membership, User
from annotations.pages.errors import error_page
from annotations.pages.people_forms import AccountForm, LanguagesForm
from annotations.services.invitations import (
    find_invitation,
    join_campaign,
    join_with_new_account,
)

BACKEND = "annotations.accounts.AccountBackend"


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Open to all who have the link; why it does not lead in any more is said in words."""
    try:
        invitation = find_invitation(token=token, now=timezone.now())
        if isinstance(request.user, User):
            return _with_account(request, request.user, token, invitation)
        return _with_new_account(request, token, invitation)
    except ThreadmarkError as error:
        return error_page(request, error)


def _with_account(
    request: HttpRequest, user: User, token: str, invitation: Invitation
) -> HttpResponse:
    corpus = invitation.campaign.corpus
    member = Membership.objects.filter(campaign=invitation.campaign, user=user).first()
    form = LanguagesForm(request.POST or None, corpus=corpus)
    if request.method == "POST" and member is None and form.is_valid():
        languages = form.cleaned_data.get("languages", ())
        member, _new = join_campaign(
            token=token, user=user, languages=languages, now=timezone.now()
        )
        return _welcome(request, member)
    return _page(request, invitation, form, token, member)


def _with_new_account(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    form = AccountForm(request.POST or None, corpus=invitation.campaign.corpus)
    if request.method == "POST" and form.is_valid():
        try:
            member = join_with_new_account(
                token=token,
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password1"],
                languages=form.cleaned_data.get("languages", ()),
                now=timezone.now(),
            )
        except InvalidInput as error:
            for name, sentences in error.fields.items():
                form.add_error(name, sentences)
        else:
            assert member.user is not None
            login(request, member.user, backend=BACKEND)
            return _welcome(request, member)
    return _page(request, invitation, form, token, None)


def _welcome(request: HttpRequest, member: Membership) -> HttpResponse:
    words = {"name": member.campaign.name, "pseudonym": member.pseudonym}
    messages.success(request, _("Welcome: you take part in %(name)s as %(pseudonym)s.") % words)
    return redirect("campaign", slug=member.campaign.slug)


def _page(
    request: HttpRequest,
    invitation: Invitation,
    form: LanguagesForm | AccountForm,
    token: str,
    member: Membership | None,
) -> HttpResponse:
    context = {
        "invitation": invitation,
        "campaign": invitation.campaign,
        "form": form,
        "token": token,
        "member": member,
    }
    status = 400 if form.errors else 200
    return render(request, "annotations/join.html", context, status=status)
