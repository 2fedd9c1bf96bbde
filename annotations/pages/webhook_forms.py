"""The form of a webhook: where events are sent, and which."""

from __future__ import annotations

from typing import Self

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.models import Webhook
from annotations.pages.forms import PageForm
from annotations.receivers.addresses import LONGEST_URL
from annotations.services.webhooks import EVENTS


class WebhookForm(PageForm):
    url = forms.CharField(
        max_length=LONGEST_URL,
        label=_("Address"),
        help_text=_("Where events are sent, such as https://lab.example/threadmark."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "dir": "ltr"}),
    )
    events = forms.MultipleChoiceField(
        choices=[(event.value, event.label) for event in EVENTS],
        widget=forms.CheckboxSelectMultiple,
        label=_("Tell it when"),
    )

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """Filled in as the webhook is."""
        return cls(initial={"url": webhook.url, "events": webhook.events})
