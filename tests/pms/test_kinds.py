"""Listings and reads that also hold things that are no customers, over real HTTP."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from wave_pms_sync.errors import BadAnswer

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ONLY = {"record": {"only": {"kind": ["customer", "lead"], "active": 1}}}
PAGES = {"list": {"query": {"page": "{page}"}}}


def row(number: int, kind: str = "customer") -> dict[str, object]:
    """A row of this kind."""
    return {"id": number, "kind": kind, "active": "1"}


def shown(client) -> tuple[list[str], bool]:
    """The ids of a listing, and whether its end was stated."""
    pages = list(client.pages())
    return [record.id for page in pages for record in page.records], pages[-1].last


def test_rows_about_other_things(api) -> None:
    """Rows that are no customers are passed over, whatever they look like; a list of values names alternatives."""
    others = [row(3, "invoice"), {"id": 4}, {"issue": "slow"}, "text", None, {**row(5), "active": 0}]
    api.answers["GET /customers"] = {"items": [row(1), *others, row(2, "lead")], "total": 8}
    client = api.client(ONLY)

    assert shown(client) == (["1", "2"], True)
    assert [page.total for page in client.pages()] == [None]


def test_pages_about_other_things_alone(api) -> None:
    """A page without any customer is no end, and neither is a second one."""
    pages = [[row(1)], [row(2, "invoice")], [row(3, "invoice")], [row(4)], []]
    api.answers["GET /customers"] = lambda call: {"items": pages[int(call.query["page"]) - 1]}

    assert shown(api.client({**ONLY, **PAGES})) == (["1", "4"], True)


@pytest.mark.parametrize(("end", "stated"), [("empty", False), ("repeat", True)])
def test_other_things_for_ever(api, end: str, stated: bool) -> None:
    """A last page that comes for ever ends the listing, even if it holds no customer."""
    api.answers["GET /customers"] = lambda call: {"items": [row(1)] if call.query["page"] == "1" else [row(2, "lead!")]}

    assert shown(api.client({**ONLY, **PAGES, "paging": {"end": end}})) == (["1"], stated)


def test_a_single_record_of_another_kind(api) -> None:
    """A record of another kind is not found; an answer that is no record is never taken for a missing one."""
    api.answers["GET /customers/1"] = row(1)
    api.answers["GET /customers/2"] = row(2, "invoice")
    api.answers["GET /customers/3"] = {"id": 3, "name": "Somebody whose kind was taken away"}
    client = api.client(ONLY)

    assert client.customers_by_id(["1", "2", "3"]) == {"1": client.customer("1"), "2": None, "3": None}
    for answer in ({"error": "try later"}, {"kind": "error", "issue": "slow"}, []):
        api.answers["GET /customers/4"] = answer
        with pytest.raises(BadAnswer):
            client.customer("4")


def test_what_we_just_created_is_no_stranger(api) -> None:
    """A created record that reads as another thing is known nevertheless, so that it is not created again."""
    api.answers["POST /customers"] = (201, {"id": 7})
    api.answers["GET /customers/7"] = row(7, "Customer")
    client = api.client(ONLY)

    assert client.create_customer({"name": "Ada"}).id == "7"
    assert client.customer("7") is None


def test_a_deletion_need_not_say_what_was_deleted(api) -> None:
    """A row that says no more than that something was deleted is listed; one about another thing is not."""
    api.answers["GET /customers"] = {
        "items": [
            {"id": 1, "deleted": True},
            {"id": 2, "deleted": True, "kind": "invoice"},
            {"id": 3, "deleted": False},
        ]
    }

    assert [(r.id, r.deleted) for r in api.client(ONLY).customers(NOON)] == [("1", True)]


def test_the_tenant_is_part_of_the_identity(api) -> None:
    """Two tenants at one address are told apart by a word of the profile; without it nothing is added."""
    settings = {"requests": {"headers": {"X-Tenant": "acme"}}}

    assert api.client({**settings, "tenant": "acme"}).identity == f"{api.origin}/api#/customers@acme"
    assert api.client(settings).identity == f"{api.origin}/api#/customers"


def test_a_pms_that_leaves_out_what_is_empty(api) -> None:
    """The profile says so to the engine, which otherwise takes nothing for granted."""
    assert api.client({"record": {"absent": "empty"}}).abilities.omits_empty
    assert not api.client({}).abilities.omits_empty
