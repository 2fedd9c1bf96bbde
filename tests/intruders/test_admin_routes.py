"""The admin opens to nobody without the right: every route of it, made from the URL configuration.

Pages have their table in test_open_pages.py, the API in api/test_roles.py.
"""

from __future__ import annotations

import pytest
from django.test import Client

from tests.annotations.api.world import World, build_world
from tests.intruders.every_route import every_route

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def world(db: None) -> World:
    return build_world()


OPEN_IN_THE_ADMIN = {"admin:login"}
FOR_ALL_STAFF = {
    *("admin:index", "admin:logout", "admin:jsi18n", "admin:password_change"),
    *("admin:password_change_done",),
}


@pytest.mark.slow
def test_the_admin_opens_to_nobody_without_the_right(world: World) -> None:
    """Staff without permissions sees no table; who is no staff is sent to the log-in."""
    routes = {name: at for name, at in every_route().items() if name.startswith("admin:")}
    assert len(routes) > 250
    annotator, staff = Client(), Client()
    annotator.force_login(world.users["annotator"])
    staff.force_login(world.users["staff"])
    for name, address in routes.items():
        if name in OPEN_IN_THE_ADMIN:
            continue
        for answer in (Client().get(address), annotator.get(address), annotator.post(address)):
            assert answer.status_code in (302, 301), name
            where = answer.headers["Location"]
            assert where.startswith("/admin/login/") or name in FOR_ALL_STAFF, (name, where)
        if name not in FOR_ALL_STAFF:
            statuses = {staff.get(address).status_code, staff.post(address).status_code}
            assert statuses <= {302, 403, 404, 405}, (name, statuses)
        if name == "admin:logout":
            annotator.force_login(world.users["annotator"])
