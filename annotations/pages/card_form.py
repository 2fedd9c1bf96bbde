"""The form of a release's data card: what only its makers can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from annotations.errors import InvalidInput
from annotations.pages.forms import PageForm
from annotations.pages.recipe_form import WordsField
from annotations.releases.card import LONGEST, Card, Creator
from annotations.releases.licences import LICENCES
from annotations.releases.questions import QUESTIONS, SECTIONS, CardQuestion

ANSWER = "answer_"
LISTS = ("keywords", "languages")


@dataclass(frozen=True)
class AskedSection:
    """The questions of one section with their fields; ``known`` answers are by question."""

    title: str
    rows: list[tuple[CardQuestion, BoundField, str]]

    @property
    def open_questions(self) -> int:
        """How many nobody has answered, neither the makers nor the system."""
        return sum(
            not (field.value() or known or question.known) for question, field, known in self.rows
        )

    @property
    def has_errors(self) -> bool:
        return any(field.errors for _question, field, _known in self.rows)


class CreatorsField(forms.CharField):
    """One person a line: the name, and if wanted the affiliation and the ORCID."""

    def clean(self, value: Any) -> tuple[Creator, ...]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return tuple(_creator(line) for line in lines if line)


class LinesField(forms.CharField):
    """One entry a line."""

    def clean(self, value: Any) -> tuple[str, ...]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return tuple(line for line in lines if line)


def _creator(line: str) -> Creator:
    parts = [part.strip() for part in line.split(";")]
    if len(parts) > 3:
        raise ValidationError(
            _("“%(line)s” has more than a name, an affiliation and an ORCID.") % {"line": line}
        )
    name, affiliation, orcid = (*parts, "", "")[:3]
    bare = orcid.removeprefix("https://orcid.org/")
    return Creator(name=name, affiliation=affiliation, orcid=bare)


def _area(label: object, help_text: object = "", rows: int = 3) -> dict[str, Any]:
    return {
        "required": False,
        "label": label,
        "help_text": help_text,
        "max_length": LONGEST,
        "widget": forms.Textarea(attrs={"rows": rows}),
    }


class CardForm(PageForm):
    """One ``Card``; what is empty is told as not answered."""

    prefix = "card"

    creators = CreatorsField(
        **_area(
            _("Who made it"),
            _(
                "One person a line: name; affiliation; ORCID. Such as: Ada Lovelace; "
                "University of Lindhaven; 0000-0002-1825-0097"
            ),
        )
    )
    licence = forms.CharField(
        required=False,
        max_length=200,
        label=_("Licence"),
        help_text=_("An SPDX id such as CC-BY-4.0, or the name of another licence."),
        widget=forms.TextInput(attrs={"list": "licences"}),
    )
    description = forms.CharField(**_area(_("Description"), rows=4))
    keywords = WordsField(
        required=False, label=_("Keywords"), help_text=_("Separated by commas."), max_length=2_000
    )
    languages = WordsField(
        required=False,
        label=_("Languages"),
        help_text=_("Tags such as en or pt-BR. Without any, those that were detected are told."),
    )
    warnings = LinesField(
        **_area(
            _("Warnings"),
            _("What a reader should know before reading, one sentence a line."),
        )
    )
    funding = forms.CharField(required=False, max_length=2_000, label=_("Funding"))
    contact = forms.CharField(
        required=False,
        max_length=500,
        label=_("Contact"),
        help_text=_("Where errors are told, and questions asked."),
    )
    url = forms.CharField(required=False, max_length=500, label=_("Address of the dataset"))
    doi = forms.CharField(
        required=False,
        max_length=200,
        label=_("DOI"),
        help_text=_("If it has one already, such as 10.5281/zenodo.1234."),
    )

    def __init__(self, *args: Any, known: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known or {}
        for question in QUESTIONS:
            name = ANSWER + question.key
            field = forms.CharField(**_area(question.question))
            field.widget.attrs["aria-describedby"] = f"id_{self.add_prefix(name)}_known"
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            try:
                values["card"] = self._card(values)
            except InvalidInput as error:
                self.refuse(error)
        return values

    def card(self) -> Card:
        """What the valid form says."""
        card: Card = self.cleaned_data["card"]
        return card

    @property
    def licences(self) -> list[tuple[str, str]]:
        """The ids that are suggested, with their names."""
        return [(one.spdx, one.name) for one in LICENCES.values()]

    @property
    def plain_fields(self) -> list[tuple[BoundField, Any]]:
        names = [name for name in self.fields if not name.startswith(ANSWER)]
        return [(self[name], self[name].errors) for name in names]

    @property
    def sections(self) -> Iterator[AskedSection]:
        for title in SECTIONS:
            asked = [question for question in QUESTIONS if question.section == title]
            yield AskedSection(
                title,
                [(one, self[ANSWER + one.key], self.known.get(one.key, "")) for one in asked],
            )

    def _card(self, values: Mapping[str, Any]) -> Card:
        answers = {
            question.key: values[ANSWER + question.key].strip()
            for question in QUESTIONS
            if values[ANSWER + question.key].strip()
        }
        told = {name: values[name] for name in self.fields if not name.startswith(ANSWER)}
        told |= {name: tuple(values[name]) for name in LISTS}
        return Card(**told, answers=answers)


def as_written(card: Card) -> dict[str, Any]:
    """The form's values that would give this card."""
    people = [
        "; ".join((one.name, one.affiliation, one.orcid)).rstrip("; ") for one in card.creators
    ]
    plain = ("licence", "description", "funding", "contact", "url", "doi")
    return {
        **{name: getattr(card, name) for name in plain},
        **{name: ", ".join(getattr(card, name)) for name in LISTS},
        **{ANSWER + key: told for key, told in card.answers.items()},
        "creators": "\n".join(people),
        "warnings": "\n".join(card.warnings),
    }
