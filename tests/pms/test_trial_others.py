"""The doctor writes to nobody but the customers that it made itself, wherever an answer leads it."""

from __future__ import annotations

import json

import pytest

from wave_pms_sync.errors import NotFound
from wave_pms_sync.findings import Finding, Verdict
from wave_pms_sync.testing.server import Call

STAMPS = {"created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z"}
KEY = "create.id, create.location or create.record"


class Astray:
    """An API with a listed and an unlisted customer, whose answers to creates tell the ids that a test says."""

    def __init__(self, api, *told: int) -> None:
        self.api = api
        self.told = list(told)
        self.rows: dict[str, dict[str, object]] = {
            "1": {"id": 1, "name": "Ada", "email": "ada@example.com", **STAMPS},
            "2": {"id": 2, "name": "Grace", "email": "grace@example.com", **STAMPS},
        }
        self.unlisted = {"2"}
        self.drops: frozenset[str] = frozenset()
        self.renames = ""
        api.answers["GET /customers"] = self.list
        api.answers["POST /customers"] = self.create
        for number in range(1, 9):
            api.answers[f"GET /customers/{number}"] = self.read
            api.answers[f"PATCH /customers/{number}"] = self.update
            api.answers[f"DELETE /customers/{number}"] = self.delete

    def list(self, call: Call) -> object:
        """Those who are listed, or none for a date far ahead."""
        listed = [row for key, row in self.rows.items() if key not in self.unlisted]
        return {"items": [] if call.query.get("updated_since", "") > "2900" else listed}

    def create(self, call: Call) -> object:
        """One customer more; the answer tells another id where the test says so."""
        number = 3 + sum(asked == "POST /customers" for asked in self.api.asked()[:-1])
        values = {name: value for name, value in json.loads(call.body).items() if name not in self.drops}
        self.rows[str(number)] = {"id": number, **STAMPS, **values}
        return 201, {**self.rows[str(number)], "id": self.told.pop(0) if self.told else number}

    def read(self, call: Call) -> object:
        """The customer."""
        return self.rows.get(call.path[-1], (404, None))

    def update(self, call: Call) -> object:
        """The customer, changed; under another id where the id goes by what was changed."""
        key, values = call.path[-1], json.loads(call.body)
        row = {**self.rows[key], **values}
        if self.renames in values:
            row = {**self.rows.pop(key), **values, "id": 7}
        self.rows[str(row["id"])] = row
        return row

    def delete(self, call: Call) -> object:
        """The customer is gone."""
        self.rows.pop(call.path[-1], None)
        return 204, None

    def check(self, settings: dict[str, object] | None = None, **options: object) -> list[Finding]:
        """What the doctor finds wrong, writing included."""
        found = self.api.client({"list": {"total": ""}, **(settings or {})}).check(write=True, **options)
        return [finding for finding in found if finding.verdict is Verdict.WRONG]

    def written(self) -> set[str]:
        """Who was changed or deleted."""
        return {asked[-1] for asked in self.api.asked() if asked.startswith(("PATCH", "DELETE"))}


@pytest.mark.parametrize(
    ("told", "words"),
    [(1, "who was there before and is left alone"), (2, "which shows nothing of what was written and is left alone")],
)
def test_an_answer_that_leads_to_a_real_customer(api, told: int, words: str) -> None:
    """Where the answer to the create tells somebody else's id, nobody is changed, and what stays is named."""
    server = Astray(api, told)

    found = server.check()

    assert [(each.subject, each.text, each.key) for each in found] == [
        ("create", f"the answer leads to '{told}', {words}", KEY),
        ("create", "'3' holds what was sent: delete the test customer by hand", ""),
    ]
    assert server.written() == set()


def test_an_unlisted_customer_with_a_value_that_others_have(api) -> None:
    """A value that others showed before proves nothing."""
    server = Astray(api, 2)
    for row in server.rows.values():
        row["status"] = "active"

    found = server.check(values={"name": "Probe", "status": "active"})

    assert [each.key for each in found] == [KEY, ""]
    assert server.written() == set()


def test_a_repetition_that_leads_to_a_real_customer(api) -> None:
    """An id that only the answer to the repeated create tells is looked at just so."""
    server = Astray(api, 3, 2)

    found = server.check()

    assert [each.subject for each in found] == ["repeat key", "create"]
    assert found[1].text == "'4' holds what was sent: delete the test customer by hand"
    assert server.written() == {"3"}
    assert server.rows.keys() == {"1", "2", "4"}


@pytest.mark.parametrize("left", [False, True])
def test_a_customer_of_whom_little_was_kept_is_ours(api, left: bool) -> None:
    """What shows a value that nobody showed, or is the only one added, was made just now, and is put away."""
    server = Astray(api)
    if left:  # by an earlier trial
        server.rows["1"].update(name="Test of wave-pms-sync, please delete", email="wave-pms-sync-test@example.org")
    server.drops = frozenset({"external_id", "email"})

    found = server.check({"create": {"headers": {}}})

    assert found[0].text == "'3' does not show what was written to external_id, email"
    assert server.rows.keys() == {"1", "2"}


def test_an_id_that_cannot_be_read(api) -> None:
    """Where reading fails, the listing tells whether the id is that of the test customer."""
    server = Astray(api, 8)
    api.answers["GET /customers/8"] = api.answers["GET /customers/3"] = (500, None)

    astray = server.check({"create": {"headers": {}}})
    server.rows.pop("3")
    api.calls.clear()
    told = server.check({"create": {"headers": {}}})

    assert "'8', which cannot be read and is left alone" in astray[1].text
    assert "'3' was made, but cannot be read by that id" in told[1].text
    assert "the test customer '3' may still be there: delete it by hand" in told[-1].text
    assert server.written() == set()


def test_a_listing_that_fails_before_the_first_write(api) -> None:
    """Nothing is written where nobody can say who is there."""
    server = Astray(api)
    server.check()
    asked = api.asked()
    lists = asked[: asked.index("POST /customers")].count("GET /customers")
    api.calls.clear()
    api.answers["GET /customers"] = lambda call: server.list(call) if len(listed(api)) < lists else (403, None)

    (found,) = server.check()

    assert (found.subject, found.key) == ("create", "path or list")
    assert "POST /customers" not in api.asked()


def listed(api) -> list[str]:
    """The requests for the listing."""
    return [asked for asked in api.asked() if asked == "GET /customers"]


@pytest.mark.parametrize("renames", ["name", "email"])
@pytest.mark.parametrize("unlisted", [False, True])
def test_an_id_that_changes_with_the_customer(api, renames: str, unlisted: bool) -> None:
    """Where an update changes the id, that is told, and the test customer is named, who is not deleted."""
    server = Astray(api)
    server.renames = renames
    server.unlisted |= {"7"} if unlisted else set()

    told = [each for each in server.check({"create": {"headers": {}}}) if each.key == "record.id"]

    where = "under another id it may be, though it is not listed" if unlisted else "'3' is '7' by now"
    assert [(each.subject, where in each.text, "delete it by hand" in each.text) for each in told] == [
        ("update", True, True)
    ]
    assert "DELETE /customers/3" not in api.asked()
    assert server.rows.keys() == {"1", "2", "7"}


def test_an_update_whose_answer_shows_another_id(api) -> None:
    """The id that the answer shows is told, since the record may be there by now."""
    server = Astray(api)
    server.renames = "name"

    with pytest.raises(NotFound, match="the answer shows '7': did the id change"):
        api.client({}).update_customer("1", {"name": "Ada King"})
