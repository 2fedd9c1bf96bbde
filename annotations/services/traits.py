"""What a campaign asks its annotators to tell of themselves, and what somebody tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from annotations.errors import InvalidInput
from annotations.models import Campaign, Membership
from annotations.selectors.traits import offered_traits
from annotations.services.audit import Act, note_act
from annotations.traits import TRAITS


@transaction.atomic
def ask_traits(*, campaign: Campaign, traits: Collection[str]) -> Campaign:
    """From now on these traits are asked for, by their keys; none: nothing is.

    What was told already stays the person's, to see and to take back. Raises InvalidInput for a
    trait that there is not.
    """
    if unknown := sorted(set(traits) - TRAITS.keys()):
        sentence = (
            f"There is no trait {unknown[0][:100]!r}: the known ones are {', '.join(TRAITS)}."
        )
        raise InvalidInput(sentence, fields={"traits": [sentence]})
    campaign.traits = [key for key in TRAITS if key in traits]
    campaign.save(update_fields=["traits"])
    note_act(act=Act.CAMPAIGN_CHANGED, about=campaign, details={"changed": ["traits"]})
    return campaign


def tell_traits(
    *, membership: Membership, traits: Mapping[str, object], agreed: bool, now: datetime
) -> Membership:
    """What the person tells of themselves, in place of what they told before.

    Empty is nothing. ``agreed``: that it leaves in datasets, beside their pseudonym. Without it,
    or with nothing told, nothing leaves from now on; what left before cannot be called back.
    Raises InvalidInput, beside the trait, for one that is not asked for, or that does not fit.
    """
    offered = offered_traits(membership)
    if unknown := sorted(traits.keys() - set(offered)):
        sentence = f"The campaign does not ask for {unknown[0][:100]!r}: leave it out."
        raise InvalidInput(sentence, fields={unknown[0][:100]: [sentence]})
    read = {key: TRAITS[key].read(traits[key]) for key in offered if key in traits}
    membership.traits = {key: told for key, told in read.items() if told}
    membership.traits_agreed_at = now if agreed and membership.traits else None
    membership.save(update_fields=["traits", "traits_agreed_at"])
    return membership
