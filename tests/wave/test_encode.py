"""Read names into Wave's input shape."""

from __future__ import annotations

import pytest

from wave_pms_sync.errors import Refused
from wave_pms_sync.wave.operations.encode import encode_create, encode_patch, read_path

TORONTO = {
    "addressLine1": "1 King St",
    "addressLine2": None,
    "city": "Toronto",
    "province": {"code": "CA-ON", "name": "Ontario"},
    "country": {"code": "CA", "name": "Canada"},
    "postalCode": "M5H",
}
TORONTO_INPUT = {
    "addressLine1": "1 King St",
    "city": "Toronto",
    "provinceCode": "CA-ON",
    "countryCode": "CA",
    "postalCode": "M5H",
}
SEEN = {
    "id": "7",
    "name": "Ada",
    "address": TORONTO,
    "shippingDetails": {"name": "Desk", "phone": "1", "address": TORONTO},
}


def _faults(refused):
    return [(fault.path, fault.code) for fault in refused.value.faults]


def test_nested_codes_become_flat():
    """Province, country and currency are written by their codes, wherever they stand."""
    values = {
        "name": "Ada",
        "currency": {"code": "CAD", "symbol": "$"},
        "address": TORONTO,
        "shippingDetails": {"phone": "1", "address": {"country": {"code": "CA"}}},
    }

    assert encode_create(values) == {
        "name": "Ada",
        "currency": "CAD",
        "address": TORONTO_INPUT,
        "shippingDetails": {"phone": "1", "address": {"countryCode": "CA"}},
    }


def test_a_create_leaves_out_what_is_none():
    """None on a create means that a property is not given, however deep; an empty text is one."""
    values = {"name": "Ada", "email": None, "phone": "", "address": {"city": None, "country": None}, "currency": None}

    assert encode_create({**values, "shippingDetails": None}) == {"name": "Ada", "phone": ""}


@pytest.mark.parametrize("name", [{}, {"name": None}, {"name": ""}])
def test_a_create_needs_a_name(name):
    """A customer without a name is refused before anything is sent."""
    with pytest.raises(Refused) as caught:
        encode_create({"email": "a@b", **name})

    assert _faults(caught) == [("name", "REQUIRED")]


def test_a_patch_sends_what_is_given():
    """A patch holds the properties given; None is null."""
    assert encode_patch({"email": "a@b", "phone": None, "currency": None}, seen=SEEN) == {
        "email": "a@b",
        "phone": None,
        "currency": None,
    }


def test_a_text_is_cleared_as_told():
    """Where null does not clear, texts are cleared by an empty one; an enum always takes null."""
    values = {"email": None, "currency": None, "address": {"province": None, "country": None, "city": None}}

    patch = encode_patch(values, clear_with="")

    assert patch == {"email": "", "currency": None, "address": {"provinceCode": "", "countryCode": None, "city": ""}}


def test_an_address_travels_whole():
    """A part of an address is laid over the record as read; what is empty there is not sent."""
    patch = encode_patch({"address": {"city": "Ottawa"}}, seen=SEEN)

    assert patch == {"address": {**TORONTO_INPUT, "city": "Ottawa"}}


def test_shipping_details_travel_whole():
    """A part of the shipping details, or of their address, is laid over the record as read."""
    phone = encode_patch({"shippingDetails": {"phone": "2"}}, seen=SEEN)
    city = encode_patch({"shippingDetails": {"address": {"city": "Ottawa"}}}, seen=SEEN)

    assert phone == {"shippingDetails": {"name": "Desk", "phone": "2", "address": TORONTO_INPUT}}
    assert city == {"shippingDetails": {"name": "Desk", "phone": "1", "address": {**TORONTO_INPUT, "city": "Ottawa"}}}


def test_an_object_set_to_none_is_cleared_part_by_part():
    """None for an address clears each of its parts, so that it is gone whether Wave replaces or merges."""
    patch = encode_patch({"address": None, "shippingDetails": {"address": None}}, seen=SEEN)

    parts = dict.fromkeys(("addressLine1", "addressLine2", "city", "provinceCode", "countryCode", "postalCode"))
    assert patch == {"address": parts, "shippingDetails": {"name": "Desk", "phone": "1", "address": parts}}


def test_an_address_may_be_new():
    """Over a record without an address only what is given is sent."""
    assert encode_patch({"address": {"city": "Ulm"}}, seen={"address": None}) == {"address": {"city": "Ulm"}}


@pytest.mark.parametrize("country", [{"code": "US"}, {"code": None}, None])
@pytest.mark.parametrize("path", ["address", "shippingDetails.address"])
def test_a_province_is_not_taken_to_another_country(country, path):
    """A new country with the old province left in place is refused before anything is sent."""
    values = {"country": country}
    for name in reversed(path.split(".")):
        values = {name: values}

    with pytest.raises(Refused) as caught:
        encode_patch(values, seen=SEEN)

    assert _faults(caught) == [(f"{path}.province.code", "OTHER_COUNTRY")]
    assert not caught.value.executed


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ({"country": {"code": "US"}, "province": {"code": "US-NY"}}, ("US", "US-NY")),
        ({"country": {"code": "US"}, "province": None}, ("US", None)),
        ({"country": None, "province": None}, (None, None)),
        ({"country": {"code": "CA"}}, ("CA", "CA-ON")),
        ({"province": {"code": "CA-QC"}}, ("CA", "CA-QC")),
    ],
)
def test_a_province_given_goes_with_its_country(address, codes):
    """A new country travels if its province is given as well, if only as None; the same country always does."""
    patch = encode_patch({"address": address}, seen=SEEN)

    assert (patch["address"]["countryCode"], patch["address"]["provinceCode"]) == codes


def test_a_province_that_fits_the_new_country_stays():
    """A record with a province and no country may get the province's own."""
    seen = {"address": {"province": {"code": "CA-ON"}, "country": None}}

    assert encode_patch({"address": {"country": {"code": "CA"}}}, seen=seen)["address"] == {
        "provinceCode": "CA-ON",
        "countryCode": "CA",
    }


def test_wrong_properties_are_all_named():
    """Unknown and ill-shaped properties are refused together, each with its path and what is allowed."""
    values = {
        "id": "7",
        "adress": {},
        "email": 7,
        "address": "here",
        "currency": "CAD",
        "shippingDetails": {"fax": "1", "address": {"provinceCode": "CA-ON", "country": {}, "province": {"code": 7}}},
    }

    for encode in (encode_patch, encode_create):
        with pytest.raises(Refused) as caught:
            encode(values)
        assert _faults(caught) == [
            ("id", "UNKNOWN_PROPERTY"),
            ("adress", "UNKNOWN_PROPERTY"),
            ("email", "WRONG_SHAPE"),
            ("address", "WRONG_SHAPE"),
            ("currency", "WRONG_SHAPE"),
            ("shippingDetails.fax", "UNKNOWN_PROPERTY"),
            ("shippingDetails.address.provinceCode", "UNKNOWN_PROPERTY"),
            ("shippingDetails.address.country.code", "WRONG_SHAPE"),
            ("shippingDetails.address.province.code", "WRONG_SHAPE"),
        ]
        assert "allowed: name, phone, instructions, address" in str(caught.value)
        assert "here" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "read"),
    [
        (["input", "name"], "name"),
        (["input", "address", "provinceCode"], "address.province.code"),
        (["input", "shippingDetails", "address", "countryCode"], "shippingDetails.address.country.code"),
        ("input.currency", "currency.code"),
        ("email", "email"),
        (["input"], ""),
        (["address", 0, None], "address.0"),
        (None, ""),
        (7, ""),
    ],
)
def test_refused_fields_are_named_as_they_are_read(path, read):
    """The path of an input error is told in read names, however Wave writes it."""
    assert read_path(path) == read
