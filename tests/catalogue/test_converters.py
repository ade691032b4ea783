"""F-33 to F-37, F-43, F-45 and F-46: places, words, lengths, names, order, and converters that fail."""

from __future__ import annotations

import html

import pytest
from hypothesis import strategies as st

from wave_pms_sync import Policy
from wave_pms_sync.errors import ConversionError
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.converters import check_converter_laws

TORONTO = {
    "addressLine1": "1 Main St",
    "city": "Toronto",
    "province": {"code": "CA-ON"},
    "country": {"code": "CA"},
    "postalCode": "M5V 1A1",
}


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"country_code": "DE"}, id="of another country"),
        pytest.param({"country_code": None}, id="without its country"),
        pytest.param({"region_code": "Ontario"}, id="no code"),
        pytest.param({"country_code": "Atlantis", "region_code": None}, id="unknown country"),
    ],
)
def test_f33_a_place_that_cannot_be_holds_its_address_and_blanks_nothing(world, edit):
    """A province outside or without its country, or what is no code, holds the whole address; the rest travels."""
    wave_id, pms_id = world.pair(address=TORONTO)
    before = world.at_wave(wave_id)["address"]
    world.later()
    world.pms_box.edit(pms_id, {"phone": "555 0100", "address": edit})

    world.run()

    assert [(d.group, d.reason.value) for d in world.sync.disputes()] == [("address", "conversion")]
    assert world.at_wave(wave_id)["address"] == before
    assert world.at_wave(wave_id)["phone"] == "555 0100"


def test_f33_a_code_that_wave_does_not_know_holds_its_address(world):
    """A province that no list has is Wave's to judge: if it is refused, the address is held, and blanked nowhere."""
    wave_id, pms_id = world.pair(address=TORONTO)
    before = world.at_wave(wave_id)["address"]
    world.later()
    world.wave_box.faults.add(Fault.REFUSED, on="update", field="address.province.code", value="CA-ZZ", times=None)
    world.pms_box.edit(pms_id, {"fax": "1", "address": {"region_code": "CA-ZZ"}})

    world.run()
    world.run()

    assert [d.group for d in world.sync.disputes()] == ["address"]
    assert world.at_wave(wave_id)["address"] == before
    assert world.at_wave(wave_id)["fax"] == "1"
    assert world.at_pms(wave_id)["address"]["region_code"] == "CA-ZZ"


def test_f33_local_codes_and_names_are_the_same_country(make_world, mapping):
    """`EL` is Greece, as `GR` is, and so is its name in the language of the PMS: nothing is written."""
    named = {"name": "country_name", "language": "de"}
    mapping.map("organisation", wave="shippingDetails.address.country.code", pms="land", converter=named)
    world = make_world(mapping=mapping)
    greece = {"country": {"code": "GR"}}
    wave_id, pms_id = world.pair(address=greece, shippingDetails={"address": greece})
    assert world.at_pms(wave_id)["land"] == "Griechenland"
    world.later()
    world.pms_box.edit(pms_id, {"land": "griechenland ", "address": {"country_code": "EL"}})
    world.count()

    assert world.run(full=True).ok
    assert world.writes == (0, 0)


@pytest.mark.parametrize(("unknown", "wanted"), [("keep", "platinum"), ("refuse", "gold")])
def test_f34_a_word_nobody_knew_is_passed_on_or_held_never_replaced(make_world, mapping, unknown, wanted):
    """A newer server shows a word that no list has: it is carried as it is, or its group is held, by the map's word."""
    ranks = {"name": "labels", "values": {"gold": "G", "silver": "S"}, "unknown": unknown}
    mapping.map("customer", wave="website", pms="rank", converter=ranks)
    world = make_world(mapping=mapping)
    wave_id, pms_id = world.pair(website="gold")
    world.later()
    world.pms_box.edit(pms_id, {"rank": "platinum", "fax": "1"})

    world.run()

    assert world.at_pms(wave_id)["rank"] == "platinum"
    assert (world.at_wave(wave_id)["website"], world.at_wave(wave_id)["fax"]) == (wanted, "1")
    assert [d.group for d in world.sync.disputes()] == (["website"] if unknown == "refuse" else [])


def test_f35_what_is_too_long_is_held_before_it_is_sent(make_world, mapping):
    """A text beyond the declared length is not cut in silence: its group waits, the rest travels."""
    mapping.map("customer", wave="website", pms="web", converter="website", max_length=20)
    world = make_world(mapping=mapping)
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"website": "a" * 21, "fax": "1"})

    world.run()

    assert [d.group for d in world.sync.disputes()] == ["website"]
    assert (world.at_pms(wave_id).get("web"), world.at_pms(wave_id)["fax"]) == (None, "1")


def test_f35_what_is_cut_on_purpose_is_cut_between_signs_and_does_not_come_back(make_world, mapping):
    """With `cut` the PMS gets what fits, no sign halved; Wave keeps the whole, and an edit of the rest travels."""
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    mapping.map("customer", wave="website", pms="web", converter={"name": "cut", "length": 8})
    world = make_world(mapping=mapping)
    wave_id, pms_id = world.pair(website=f"abcde{family}!")
    assert world.at_pms(wave_id)["web"] == "abcde"
    world.count()
    assert world.run(full=True).ok
    assert (world.writes, world.at_wave(wave_id)["website"]) == ((0, 0), f"abcde{family}!")

    world.later()
    world.pms_box.edit(pms_id, {"web": "new"})
    world.run()
    assert world.at_wave(wave_id)["website"] == "new"


@pytest.mark.parametrize(
    ("first", "last", "edited", "wanted"),
    [
        ("Ludwig", "van Beethoven", "Karl van Beethoven", ("Karl", "van Beethoven")),
        ("Gabriel", "Garc\u00eda M\u00e1rquez", "Gabriel Garc\u00eda Moreno", ("Gabriel", "Garc\u00eda Moreno")),
        ("Plato", None, "Aristotle", ("Aristotle", None)),
    ],
)
def test_f36_a_split_that_somebody_made_is_kept(make_world, mapping, first, last, edited, wanted):
    """The PMS has one field for a name: unchanged the split stays, and so does the part that an edit leaves alone."""
    full = " ".join(filter(None, (first, last)))
    mapping.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")
    world = make_world(mapping=mapping)
    wave_id, pms_id = world.pair(firstName=first, lastName=last)
    assert world.at_pms(wave_id)["full_name"] == full
    world.later()
    world.pms_box.edit(pms_id, {"full_name": f"{full} ", "phone": "1"})

    assert world.run(full=True).ok
    shown = world.at_wave(wave_id)
    assert (shown["firstName"], shown["lastName"], shown["phone"]) == (first, last, "1")

    world.later()
    world.pms_box.edit(pms_id, {"full_name": edited})
    assert world.run().ok
    assert (world.at_wave(wave_id)["firstName"], world.at_wave(wave_id)["lastName"]) == wanted
    assert world.sync.plan(full=True).empty


def test_f37_the_required_name_is_made_of_two_and_taken_apart_again(make_world, mapping):
    """Wave must have a name, the PMS has first and last: one is made of both, edits travel back, and all is quiet."""
    mapping.map("customer", wave="name", pms=("first", "last"), converter="name_parts", required=True)
    world = make_world(mapping=mapping, policy=Policy(create_in=("wave",)), pms_options={"require_name": False})
    pms_id = world.pms_box.add({"first": "Ada", "last": "Lovelace"})
    alone = world.pms_box.add({"first": None, "last": "Plato"})
    assert world.run().ok
    ids = {there: here for here, there in world.linked().items()}
    assert (world.at_wave(ids[pms_id])["name"], world.at_wave(ids[alone])["name"]) == ("Ada Lovelace", "Plato")

    world.later()
    world.wave_box.edit(ids[pms_id], {"name": "Ada King"})
    assert world.run().ok
    world.count()
    assert world.run(full=True).ok

    shown = world.pms_box.customers[pms_id]
    assert (shown["first"], shown["last"]) == ("Ada", "King")
    assert world.writes == (0, 0)


class Escaped:
    """A PMS that keeps text as HTML."""

    loses = "how a sign is escaped"

    def read(self, wire):
        """As people write it."""
        return html.unescape(wire)

    def write(self, ours):
        """As the PMS keeps it."""
        return html.escape(ours, quote=False)


def test_f43_text_that_a_side_escapes_causes_no_echo(world):
    """A PMS stores `&amp;` for `&`: Wave keeps what it has, and nothing is escaped twice."""
    world.pms_box.faults.add(Fault.NORMALISED, field="name", how=lambda text: html.escape(text, quote=False))
    wave_id = world.wave_box.add({"name": "Smith & Sons"})

    world.rest()
    world.edit("wave", wave_id, {"phone": "1"})
    world.rest()

    assert world.at_wave(wave_id)["name"] == "Smith & Sons"
    assert (world.at_pms(wave_id)["name"], world.at_pms(wave_id)["phone"]) == ("Smith &amp; Sons", "1")


def test_f43_a_converter_for_escaped_text_keeps_its_laws_and_carries_edits(make_world, mapping):
    """A pair of one's own reads and writes escaped text: the laws hold, and an edit arrives as people write it."""
    check_converter_laws(Escaped(), wires=st.text(), ours=st.text(), examples=50)
    mapping.converter("escaped", version="1")(Escaped)
    mapping.map("customer", wave="name", pms="name", converter="escaped", required=True)
    world = make_world(mapping=mapping)
    wave_id, pms_id = world.pair(name="Smith & Sons")
    assert world.at_pms(wave_id)["name"] == "Smith &amp; Sons"
    world.later()
    world.pms_box.edit(pms_id, {"name": "Smith &amp; Daughters"})

    assert world.run().ok

    assert world.at_wave(wave_id)["name"] == "Smith & Daughters"
    assert world.sync.plan(full=True).empty


def test_f45_the_order_of_properties_and_items_is_no_edit(make_world, mapping):
    """Phones in a list, found by their kind: another order of items or properties writes nothing, and edits travel."""
    mapping.map("customer", wave="phone", pms="phones[kind=work].number", converter="phone")
    mapping.map("customer", wave="mobile", pms="phones[kind=mobile].number", converter="phone")
    world = make_world(mapping=mapping)
    wave_id, pms_id = world.pair(phone="111", mobile="222", address=TORONTO)
    shown = world.at_pms(wave_id)
    world.later()
    turned = [dict(reversed(item.items())) for item in reversed(shown["phones"])]
    world.pms_box.edit(pms_id, {"phones": turned, "address": dict(reversed(shown["address"].items()))})
    world.count()

    assert world.run(full=True).ok
    assert world.writes == (0, 0)

    world.later()
    world.wave_box.edit(wave_id, {"phone": "333"})
    world.run()
    kinds = [(item["kind"], item["number"]) for item in world.at_pms(wave_id)["phones"]]
    assert kinds == [("mobile", "222"), ("work", "333")]


@pytest.mark.parametrize("error", [ConversionError("is not to be read"), ZeroDivisionError("secret")])
def test_f46_a_converter_that_raises_harms_one_group_of_one_record(make_world, mapping, strict, error):
    """One value cannot be converted: its group is held with the reason, its record is not taken for gone, others go."""

    class Touchy:
        def read(self, wire):
            if wire == "bad":
                raise error
            return wire

        def write(self, ours):
            return ours

    mapping.converter("touchy", version="1")(Touchy)
    mapping.map("customer", wave="website", pms="web", converter="touchy")
    world = make_world(mapping=mapping, policy=strict)
    ids = world.crowd(3)
    world.edit("pms", ids[0], {"web": "bad", "fax": "1"})
    world.edit("pms", ids[1], {"web": "good", "fax": "2"})

    for _ in range(2):
        report = world.run(full=True)

    (dispute,) = world.sync.disputes()
    assert (dispute.wave_id, dispute.group, dispute.reason.value) == (ids[0], "website", "conversion")
    assert "secret" not in f"{dispute} {report}"
    assert [world.at_wave(i)["fax"] for i in ids] == ["1", "2", None]
    assert [world.at_wave(i)["website"] for i in ids] == [None, "good", None]
    assert len(world.pms_box.customers) == len(world.linked()) == 3


def test_f46_a_required_value_that_cannot_be_converted_rests_its_record_alone(make_world, mapping):
    """If the name itself cannot be converted, the new record waits in quarantine; its neighbours are created."""

    class Touchy:
        def read(self, wire):
            raise ConversionError("is not to be read")

        def write(self, ours):
            if "bad" in ours:
                raise ConversionError("cannot be written")
            return ours

    mapping.converter("touchy", version="1")(Touchy)
    mapping.map("customer", wave="name", pms="name", converter="touchy", required=True, direction="to_pms")
    world = make_world(mapping=mapping)
    good, bad = world.wave_box.add({"name": "good"}), world.wave_box.add({"name": "bad"})

    world.run()

    assert set(world.linked()) == {good}
    assert [q.id for q in world.sync.quarantine()] == [bad]
