"""Choices that say what they mean: each option with a sentence, or why it is not to be had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.widgets import ChoiceWidget


class ExplainedOptions(ChoiceWidget):
    """``sentences`` stand below the options of these values; those with a sentence in ``closed``
    cannot be chosen, and it says why."""

    template_name = "annotations/choices.html"

    def __init__(self, sentences: Mapping[str, object], attrs: dict[str, Any] | None = None):
        super().__init__(attrs)
        self.sentences = sentences
        self.closed: Mapping[str, object] = {}

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        value = str(option["value"])
        option["sentence"] = self.sentences.get(value, "")
        option["closed"] = self.closed.get(value, "")
        if option["closed"]:
            option["attrs"]["disabled"] = True
        if "id" in option["attrs"] and (option["sentence"] or option["closed"]):
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_words"
        return option


class OneOf(ExplainedOptions, forms.RadioSelect):
    """One of the options."""


class SomeOf(ExplainedOptions, forms.CheckboxSelectMultiple):
    """Any of the options."""
