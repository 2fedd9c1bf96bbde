"""No route reads JSON that is deep, huge, or means two things: 400, and nothing is done."""

from __future__ import annotations

import pytest

from tests.annotations.api.test_mass_assignment import WRITES, asked_by, takes_a_body
from tests.annotations.api.test_roles import LINES, address, recodings  # noqa: F401
from tests.annotations.api.world import World

pytestmark = pytest.mark.once

READS = [one for one in WRITES if takes_a_body(*one) and one[1] not in {*LINES, "imports"}]
DEEP = '{"a":' * 200_000 + "1" + "}" * 200_000
TEXTS = (
    *(DEEP, "[" * 100_000, '{"a":' + "[" * 70 + "]" * 70 + "}"),
    *('{"a": ' + "9" * 100_000 + "}", '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e999}'),
    *('{"a": "\\ud800"}', "nul", '"a"', "[]", "{", '{"\\u0000": 1}', "\ufeff{}"),
)


@pytest.mark.parametrize(("method", "name"), READS, ids=[" ".join(one) for one in READS])
def test_it_is_refused_in_words(world: World, method: str, name: str) -> None:
    client, place = world.client(asked_by(method, name)), address(name, world, method)
    for text in TEXTS:
        answer = client.generic(method, place, text, content_type="application/json")
        assert answer.status_code == 400, text[:40]
        assert answer.json()["message"]
