"""A standard set of content categories, after the kinds of harmful text that Kirk et al. (2022)
collect: https://arxiv.org/abs/2204.14256. Staff change and add to them in the admin.
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils.translation import gettext_noop as _

CATEGORIES = (
    (
        "hate",
        _("Hate"),
        _(
            "Attacks, demeans or dehumanises people for what they are: origin, skin colour, "
            "religion, sex, gender, sexuality, disability, age. Slurs count, also where they are "
            "quoted or reported. Criticism of ideas, institutions or governments does not."
        ),
    ),
    (
        "harassment",
        _("Harassment and insults"),
        _(
            "Insults, bullies, humiliates or hounds somebody in particular, present or not, or "
            "makes private things about them public. Rude disagreement about a matter does not "
            "count."
        ),
    ),
    (
        "violence",
        _("Threats and violence"),
        _(
            "Threatens, calls for, praises or describes harm done to people or animals: assault, "
            "murder, torture, war, terrorism, sexual violence included. News that only names an "
            "act, without describing it, does not count."
        ),
    ),
    (
        "sexual",
        _("Sexual content"),
        _(
            "Describes sexual acts or bodies in a sexual way, offers or asks for them. Sexual "
            "violence belongs to threats and violence as well. Talk of health, law or education "
            "does not count."
        ),
    ),
    (
        "child-abuse",
        _("Abuse of children"),
        _(
            "Speaks of violence against children, their neglect or sexual exploitation, in "
            "whatever manner, reports and condemnations included."
        ),
    ),
    (
        "self-harm",
        _("Suicide and self-harm"),
        _(
            "Speaks of suicide, self-injury or disordered eating: thoughts of it, acts, methods, "
            "encouragement, or the grief of those who are left."
        ),
    ),
    (
        "graphic",
        _("Gore and disgust"),
        _(
            "Pictures injuries, death, bodily fluids, medical procedures or cruelty in a detail "
            "that turns the stomach, whether or not anybody did harm."
        ),
    ),
    (
        "drugs",
        _("Drugs and addiction"),
        _(
            "Speaks of using, selling or making drugs, of alcohol abuse, gambling or another "
            "addiction, as one's own or as somebody close to it."
        ),
    ),
    (
        "profanity",
        _("Profanity"),
        _(
            "Swear words and obscene language that attack nobody. Slurs belong to hate."
        ),
    ),
    (
        "conspiracy",
        _("Conspiracy and denial"),
        _(
            "Denies atrocities or spreads stories of hidden enemies, which wear down those who "
            "read many of them and hurt those whom they are about."
        ),
    ),
    (
        "other",
        _("Other distressing content"),
        _(
            "Distresses for a reason that no other category names. Where there is much of it, ask "
            "an administrator for a category of its own."
        ),
    ),
)


def add_categories(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    category = apps.get_model("annotations", "ContentCategory")
    for position, (key, title, description) in enumerate(CATEGORIES, 1):
        values = {"title": title, "description": description, "position": position * 10}
        category.objects.get_or_create(key=key, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("annotations", "0006_care")]
    operations = [migrations.RunPython(add_categories, migrations.RunPython.noop)]
