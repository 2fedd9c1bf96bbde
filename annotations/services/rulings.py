"""Adding to the guidelines while the work goes on, and who has read them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.errors import InvalidInput, NotFound
from annotations.models import Campaign, Membership, Ruling, Unit, User
from annotations.services.audit import Act, note_act

LONGEST = 20_000


@transaction.atomic
def add_ruling(
    *,
    campaign: Campaign,
    text: str,
    unit: Unit | None = None,
    created_by: User | None = None,
    now: datetime,
) -> Ruling:
    """One more addition to the campaign's guidelines, for good. Raises InvalidInput.

    ``unit`` is the one that gave rise to it.
    """
    said = text.strip()
    if not said:
        raise InvalidInput("A ruling says something.", fields={"text": ["Write the ruling."]})
    if len(said) > LONGEST:
        sentence = f"A ruling has at most {LONGEST:,} characters, not {len(said):,}."
        raise InvalidInput(sentence, fields={"text": [sentence]})
    ruling = Ruling.objects.create(
        campaign=campaign, unit=unit, text=said, created_by=created_by, created_at=now
    )
    note_act(act=Act.RULING_MADE, about=ruling, now=now)
    return ruling


@transaction.atomic
def see_guidelines(*, membership: Membership, ruling: int | None = None) -> Membership:
    """Note that the member has seen the codebook's version, and the rulings up to this one.

    Seen later but sent earlier changes nothing back. Raises NotFound for another campaign's
    ruling.
    """
    locked = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    if ruling is not None:
        if not Ruling.objects.filter(campaign=locked.campaign_id, pk=ruling).exists():
            raise NotFound(f"There is no ruling {ruling} in this campaign.")
        locked.rulings_seen_id = max(ruling, locked.rulings_seen_id or 0)
    locked.codebook_seen_id = locked.campaign.codebook_id
    locked.save(update_fields=["codebook_seen", "rulings_seen"])
    return locked
