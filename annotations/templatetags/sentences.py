"""What templates need to put words together."""

from __future__ import annotations

from django import template

from annotations.pages import language
from annotations.permissions import Access, Permission

register = template.Library()
register.filter("mid_sentence", language.mid_sentence)


@register.filter
def may(access: Access, permission: Permission) -> bool:
    """Whether somebody may do this in the campaign that they came to."""
    return access.may(permission)
