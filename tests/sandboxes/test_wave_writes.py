"""Creating, patching and deleting customers in the Wave sandbox."""

from __future__ import annotations

import pytest


def test_create(wave):
    """A customer is created with the business's currency, and flat codes are shown nested."""
    payload = wave.create(
        name="Ada",
        email="ada@x.org",
        address={"addressLine1": "1 Main", "provinceCode": "US-NY", "countryCode": "US"},
        shippingDetails={"name": "Bo", "address": {"city": "Bern"}},
    )

    customer = payload["customer"]
    assert (payload["didSucceed"], payload["inputErrors"]) == (True, [])
    assert customer["address"]["province"]["code"] == "US-NY"
    assert customer["shippingDetails"]["address"]["city"] == "Bern"
    assert customer["currency"] == {"code": "CAD"}
    assert wave.box.customers[customer["id"]]["email"] == "ada@x.org"
    assert wave.create(name="Bo", shippingDetails={"phone": "1"})["customer"]["shippingDetails"]["address"] is None


def test_name_is_mandatory(wave):
    """A blank name is refused with REQUIRED at input.name, on create as on patch."""
    ada = wave.box.add({"name": "Ada"})

    payloads = [wave.create(name=" "), wave.patch(ada, name=""), wave.patch(ada, name=None)]

    for payload in payloads:
        assert (payload["didSucceed"], payload["customer"]) == (False, None)
        assert [(e["path"], e["code"]) for e in payload["inputErrors"]] == [(["input", "name"], "REQUIRED")]
    assert (len(wave.box.customers), wave.box.ledger.writes) == (1, 0)


def test_province_must_look_like_one(wave):
    """A provinceCode that is not of the form XX-YY is refused with the path of the input."""
    payload = wave.create(name="Ada", shippingDetails={"address": {"provinceCode": "NY"}})

    assert payload["inputErrors"][0]["path"] == ["input", "shippingDetails", "address", "provinceCode"]


def test_unknown_business_on_create(wave):
    """A create in a business that the token cannot see is refused."""
    assert wave.create(businessId="QQ==", name="Ada")["inputErrors"][0]["path"] == ["input", "businessId"]


def test_patch_leaves_what_it_does_not_name(wave):
    """A patch changes what it names, moves modifiedAt, and leaves the rest."""
    ada = wave.box.add({"name": "Ada", "phone": "1", "fax": "2"})
    wave.box.clock.advance(5)

    customer = wave.patch(ada, phone="3")["customer"]

    assert (customer["name"], customer["phone"], customer["fax"]) == ("Ada", "3", "2")
    assert (customer["createdAt"], customer["modifiedAt"]) == ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:05.000Z")


@pytest.mark.parametrize(("behaviour", "phone"), [("clears", None), ("ignored", "1"), ("refused", "1")])
def test_null_in_a_patch(open_side, behaviour, phone):
    """Null clears, is ignored, or is refused; blank text clears in any case."""
    wave = open_side("wave", patch_null=behaviour)
    ada = wave.box.add({"name": "Ada", "phone": "1", "fax": "2"})

    payload = wave.patch(ada, phone=None)
    assert wave.one(ada)["phone"] == phone
    assert payload["didSucceed"] is (behaviour != "refused")
    assert wave.patch(ada, fax="")["customer"]["fax"] is None


def test_null_clears_an_address(wave):
    """Null clears a whole address, and so does an address of nothing."""
    for empty in (None, {}, {"city": None}, {"city": "", "provinceCode": None}):
        ada = wave.box.add({"name": "Ada", "address": {"city": "Bern"}})
        assert wave.patch(ada, address=empty)["customer"]["address"] is None


@pytest.mark.parametrize(("behaviour", "city"), [("replaced", None), ("merged", "Bern")])
def test_nested_objects_are_replaced_whole(open_side, behaviour, city):
    """An address that is sent replaces the old one whole, or, as an option, is merged into it."""
    wave = open_side("wave", patch_nested=behaviour)
    ada = wave.box.add({"name": "Ada", "address": {"city": "Bern"}})

    address = wave.patch(ada, address={"postalCode": "3000"})["customer"]["address"]

    assert (address["postalCode"], address["city"]) == ("3000", city)


def test_delete(wave):
    """A deleted customer is neither listed nor found, and cannot be deleted or patched again."""
    ada = wave.box.add({"name": "Ada"})

    assert wave.delete(ada) == {"didSucceed": True, "inputErrors": []}

    assert (wave.names(), wave.one(ada), dict(wave.box.customers)) == ([], None, {})
    for again in (wave.delete(ada), wave.patch(ada, phone="1")):
        assert (again["didSucceed"], again["inputErrors"][0]["code"]) == (False, "NOT_FOUND")


def test_writing_what_is_missing_can_be_an_error(open_side):
    """Patching what is not there may be a GraphQL error instead of a refusal."""
    wave = open_side("wave", write_missing="error")

    answer = wave.send_update("QQ==", phone="1").json()

    assert answer["data"] == {"customerPatch": None}
    assert (answer["errors"][0]["extensions"]["code"], answer["errors"][0]["path"]) == ("NOT_FOUND", ["customerPatch"])


def test_deleted_customers_can_stay_readable(open_side):
    """As an option a deleted customer is still readable by id, flagged as archived, and not listed."""
    wave = open_side("wave", delete="readable")
    ada = wave.box.add({"name": "Ada"})

    wave.delete(ada)

    assert wave.one(ada)["isArchived"] is True
    assert (wave.names(), ada in wave.box.customers) == ([], False)


@pytest.mark.parametrize(
    ("behaviour", "did_succeed", "left"),
    [("refused", False, [False]), ("archived", True, [True]), ("deleted", True, [])],
)
def test_deleting_a_customer_with_invoices(open_side, behaviour, did_succeed, left):
    """Deleting a customer with invoices is refused, archives instead, or succeeds."""
    wave = open_side("wave", delete_with_invoices=behaviour)
    ada = wave.box.add({"name": "Ada"})
    wave.box.invoices.add(ada)

    assert wave.delete(ada)["didSucceed"] is did_succeed
    assert [customer["isArchived"] for customer in wave.box.customers.values()] == left


def test_invoices_come_and_go(wave):
    """A customer without invoices any more can be deleted; invoices of nobody are a KeyError."""
    ada = wave.box.add({"name": "Ada"})
    wave.box.invoices.add(ada)
    assert (ada in wave.box.invoices, wave.delete(ada)["didSucceed"]) == (True, False)
    with pytest.raises(KeyError):
        wave.box.invoices.add("x")

    wave.box.invoices.remove(ada)

    assert (ada in wave.box.invoices, wave.delete(ada)["didSucceed"]) == (False, True)


def test_currency_can_be_locked_by_invoices(open_side):
    """As an option the currency of a customer with invoices cannot change."""
    wave = open_side("wave", currency_locked=True)
    ada = wave.box.add({"name": "Ada"})
    assert wave.patch(ada, currency="EUR")["didSucceed"] is True
    wave.box.invoices.add(ada)

    assert wave.patch(ada, currency="USD")["inputErrors"][0]["path"] == ["input", "currency"]
    assert wave.patch(ada, currency="EUR", phone="1")["didSucceed"] is True


def test_several_mutations_in_one_request(wave):
    """Aliased mutations run in order, each with its own result, and every write is counted."""
    document = """mutation ($a: CustomerCreateInput!, $b: CustomerCreateInput!) {
      x: customerCreate(input: $a) { didSucceed } y: customerCreate(input: $b) { didSucceed } }"""
    business = wave.box.business_id

    answer = wave.ask(document, a={"businessId": business, "name": "A"}, b={"businessId": business, "name": ""}).json()

    assert answer["data"] == {"x": {"didSucceed": True}, "y": {"didSucceed": False}}
    assert (wave.box.ledger.requests, wave.box.ledger.creates) == (1, 1)


def test_a_wrong_token_writes_nothing(wave):
    """A mutation with a wrong token is not executed."""
    wave.session.headers["Authorization"] = "Bearer x"

    answer = wave.send_create().json()

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (len(wave.box.customers), wave.box.ledger.entries[-1].executed) == (0, False)
