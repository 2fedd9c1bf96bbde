"""Who takes part in a campaign, in which role, how far they are, and how others come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import ThreadmarkError
from annotations.models import Membership
from annotations.pages.language import mid_sentence
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.pages.people_forms import (
    InvitationForm,
    LanguagesForm,
    MemberForm,
    PauseForm,
    RoleForm,
)
from annotations.pages.role_words import role_rows
from annotations.pages.traits import asked_form
from annotations.permissions import Access, access_campaign
from annotations.selectors.campaign_overview import member_shares
from annotations.selectors.members import (
    invitations_of,
    languages_of,
    member_of,
    members_with_scores,
    people_counts,
)
from annotations.selectors.stages import stages_of
from annotations.selectors.texts import language_name
from annotations.services.audit import Act, note_seen
from annotations.services.campaigns import add_member as add_member_service
from annotations.services.campaigns import change_role as change_role_service
from annotations.services.invitations import create_invitation
from annotations.services.invitations import revoke_invitation as revoke_service
from annotations.services.people import let_go_on as let_go_on_service
from annotations.services.people import pause_member as pause_service
from annotations.services.people import set_languages


@require_safe
@page
def people(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.read_all")
    note_seen(act=Act.PEOPLE_SEEN, about=access.campaign, now=timezone.now())
    return _people_page(request, access)


@require_POST
@page
def add_member(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = MemberForm(request.POST)
    if form.is_valid():
        user, role = form.cleaned_data["username"], form.cleaned_data["role"]
        try:
            member = add_member_service(
                campaign=access.campaign, user=user, role=role, now=timezone.now()
            )
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            words = {"user": user.username, "pseudonym": member.pseudonym}
            messages.success(request, _("%(user)s takes part as %(pseudonym)s.") % words)
            return redirect("people", slug=slug)
    return _people_page(request, access, member_form=form, status=400)


@require_POST
@page
def change_role(request: PageRequest, slug: str, number: int) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    member = member_of(access.campaign, number)
    form = RoleForm(request.POST)
    if form.is_valid():
        change_role_service(membership=member, now=timezone.now(), **form.cleaned_data)
        role = mid_sentence(member.get_role_display())
        messages.success(request, f"{member.pseudonym}: {role}.")
    return redirect("people", slug=slug)


@require_POST
@page
def change_languages(request: PageRequest, slug: str, number: int) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    member = member_of(access.campaign, number)
    _keep_languages(request, member, access)
    return redirect("people", slug=slug)


@require_POST
@page
def change_own_languages(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.write")
    assert access.membership is not None
    _keep_languages(request, access.membership, access)
    return redirect("campaign", slug=slug)


@require_POST
@page
def pause_member(request: PageRequest, slug: str, number: int) -> HttpResponse:
    form = PauseForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""

    def act(member: Membership) -> str:
        pause_service(membership=member, reason=reason, now=timezone.now())
        return _("%(who)s is paused, and is told why.") % {"who": member.pseudonym}

    return _act(request, slug, number, act)


@require_POST
@page
def let_go_on(request: PageRequest, slug: str, number: int) -> HttpResponse:
    def act(member: Membership) -> str:
        let_go_on_service(membership=member, now=timezone.now())
        return _("%(who)s gets units again.") % {"who": member.pseudonym}

    return _act(request, slug, number, act)


@never_cache
@require_POST
@page
def new_invitation(request: PageRequest, slug: str) -> HttpResponse:
    """The page with the new link on it: it is shown this once, so there is no redirect."""
    access = access_campaign(request.user, slug, "campaign.manage")
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _people_page(request, access, invitation_form=form, status=400)
    invitation, token = create_invitation(
        campaign=access.campaign,
        created_by=request.user,
        now=timezone.now(),
        **form.cleaned_data,
    )
    link = request.build_absolute_uri(reverse("join", args=[token]))
    return _people_page(request, access, link=link, made=invitation)


@require_POST
@page
def revoke_invitation(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    invitation = revoke_service(campaign=access.campaign, pk=pk, now=timezone.now())
    said = _("The invitation %(prefix)s… is revoked: nobody can join by it any more.")
    messages.success(request, said % {"prefix": invitation.prefix})
    return redirect("people", slug=slug)


def _act(
    request: PageRequest, slug: str, number: int, act: Callable[[Membership], str]
) -> HttpResponse:
    """Do something with a member and say so; why it cannot be done is said, too."""
    access = access_campaign(request.user, slug, "campaign.manage")
    member = member_of(access.campaign, number)
    try:
        messages.success(request, act(member))
    except ThreadmarkError as error:
        messages.error(request, error.message)
    return redirect("people", slug=slug)


def _keep_languages(request: PageRequest, member: Membership, access: Access) -> None:
    form = LanguagesForm(request.POST, corpus=access.campaign.corpus)
    if form.is_valid() and "languages" in form.fields:
        set_languages(membership=member, languages=form.cleaned_data["languages"])
        messages.success(request, _("The languages are kept."))
    else:
        messages.error(request, _("One of these languages is not in the corpus: choose again."))


def _people_page(
    request: PageRequest,
    access: Access,
    *,
    status: int = 200,
    member_form: MemberForm | None = None,
    invitation_form: InvitationForm | None = None,
    **more: Any,
) -> HttpResponse:
    """Viewers and adjudicators see pseudonyms and how the work goes, managers all of it."""
    manages = access.may("campaign.manage")
    shown = page_of(request, members_with_scores(access.campaign), key="number")
    codes = languages_of(access.campaign.corpus)
    stages = stages_of(access.campaign, shown)
    context: dict[str, Any] = {
        "campaign": access.campaign,
        "access": access,
        "may_manage": manages,
        "page": shown,
        "rows": [
            (share, stages.get(share.membership.pk), _names(share.membership))
            for share in member_shares(shown)
        ],
        "people": people_counts(access.campaign),
        "roles": Membership.Role.choices,
        "languages": [(code, language_name(code)) for code in codes] if len(codes) > 1 else [],
        "role_rows": role_rows(),
        "now": timezone.now(),
        **more,
    }
    if manages:
        context |= {
            "member_form": member_form or MemberForm(),
            "asked_form": asked_form(access.campaign),
            "invitation_form": invitation_form or InvitationForm(auto_id="invitation_%s"),
            "invitations": page_of(
                request, invitations_of(access.campaign), key="-pk", name="invitation_", size=10
            ),
        }
    return render(request, "annotations/people.html", context, status=status)


def _names(member: Membership) -> list[str]:
    return [language_name(code) for code in member.languages]
