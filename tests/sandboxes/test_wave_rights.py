"""What the token of the Wave sandbox may do, and which schema it shows."""

from __future__ import annotations

import pytest

INTROSPECT = "{ __schema { types { name } } }"
SMALL = """
type Query { business(id: ID): Business }
type Business { id: ID! name: String! }
"""


@pytest.mark.parametrize("missing_scope", ["error", "null"])
def test_a_token_without_a_scope_sees_null(open_side, missing_scope):
    """What the token may not see is null, with an error FORBIDDEN or without one."""
    wave = open_side("wave", scopes=["business:read"], missing_scope=missing_scope)

    answer = wave.send_list().json()

    assert answer["data"]["business"] == {"id": wave.box.business_id, "customers": None}
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    assert codes == (["FORBIDDEN"] if missing_scope == "error" else [])


def test_writing_takes_a_scope_of_its_own(open_side):
    """Reading scopes do not imply writing; a family with a star means all of it."""
    reader = open_side("wave", scopes=["business:read", "customer:read"])
    writer = open_side("wave", seed=2, scopes=["business:*", "customer:*"])

    declined, accepted = reader.send_create().json(), writer.send_create().json()

    assert (declined["data"]["customerCreate"], len(reader.box.customers)) == (None, 0)
    assert (accepted["data"]["customerCreate"]["didSucceed"], len(writer.box.customers)) == (True, 1)


def test_a_schema_that_is_not_shown(open_side):
    """With introspection off, asking for the schema is as invalid as asking for what does not exist."""
    wave = open_side("wave", introspection=False)

    answer = wave.ask(INTROSPECT).json()

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert wave.send_list().json()["data"]["business"]["customers"]["edges"] == []


def test_another_schema(open_side):
    """A sandbox with another schema validates and answers by that one; others are not touched."""
    small, whole = open_side("wave", sdl=SMALL), open_side("wave", seed=2)

    named = small.ask("query ($id: ID) { business(id: $id) { name } }", id=small.box.business_id).json()

    assert named == {"data": {"business": {"name": "Sandbox Ltd"}}}
    assert small.send_list().json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "errors" not in whole.send_list().json()
