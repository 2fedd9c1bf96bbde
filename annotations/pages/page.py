"""What every page has in common: somebody is logged in, and errors become pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from annotations.errors import ThreadmarkError
from annotations.models import User
from annotations.pages.errors import error_page

Arguments = ParamSpec("Arguments")


class PageRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User


def page(
    view: Callable[Concatenate[PageRequest, Arguments], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Ask for a login first, and show an error that the view raises as a page in words."""

    @login_required
    @wraps(view)
    def answer(request: Any, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except ThreadmarkError as error:
            return error_page(request, error)

    return answer
