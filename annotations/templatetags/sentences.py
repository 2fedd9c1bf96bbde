"""What templates need to put words together."""

from __future__ import annotations

from django import template

from annotations.pages import language

register = template.Library()
register.filter("mid_sentence", language.mid_sentence)
