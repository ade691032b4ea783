"""What a mapping is told before it is used: each rule where it speaks, where it does not, and that its advice helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html.parser import HTMLParser

import pytest
from attrs import field, frozen

from wave_pms_sync import Policy
from wave_pms_sync.mapping.document.rules import USUAL
from wave_pms_sync.mapping.linting.findings import Finding, Findings, Severity
from wave_pms_sync.mapping.linting.ground import Ground
from wave_pms_sync.mapping.linting.lint import RULES, lint
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.pms.presets import PRESETS
from wave_pms_sync.pms.profile import PmsProfile

ERROR, WARNING, HINT = Severity.ERROR, Severity.WARNING, Severity.HINT
Edit = Callable[[MappingRegistry], object]
Turn = Callable[[object], object]


def _nothing(_registry: MappingRegistry) -> None:
    """The mapping stays as it is: the use of it is what changes."""


def _map(wave: str | tuple[str, ...], pms: str | tuple[str, ...] = "x", **rules: object) -> Edit:
    return lambda registry: registry.map("customer", wave=wave, pms=pms, **rules)  # type: ignore[arg-type]  # as typed


def _unmap(*names: str) -> Edit:
    return lambda registry: [registry.unmap(name) for name in names]


def _all(*edits: Edit) -> Edit:
    return lambda registry: [edit(registry) for edit in edits]


def _pair(name: str, read: Turn, write: Turn, key: Turn = str, loses: str = "") -> Edit:
    return lambda registry: registry.converter(name, version="1", read=read, write=write, key=key, loses=loses)


def _profile(**sections: Mapping[str, object]) -> dict[str, object]:
    return {"profile": PmsProfile.from_dict(sections)}


def _said(registry: MappingRegistry, rule: str, use: Mapping[str, object]) -> list[Finding]:
    return [finding for finding in registry.lint(**use) if finding.rule == rule]  # type: ignore[arg-type]  # as typed


@frozen(kw_only=True)
class Case:
    """A mapping that a rule speaks against, and the same one after its advice was followed."""

    rule: str
    spoil: Edit = _nothing
    path: str
    severity: Severity
    says: str
    mend: Edit = _nothing
    use: Mapping[str, object] = field(factory=dict)
    then: Mapping[str, object] | None = None


def _first(value: object) -> object:
    return str(value)[0]


def _short(value: object) -> object:
    return str(value)[:15]


def _whole(value: object) -> object:
    return value


def _shout(value: object) -> object:
    return str(value).upper()


def _low(value: object) -> object:
    return str(value).lower()


def _refuse(_value: object) -> object:
    raise ValueError


CASES = (
    Case(
        rule="contradictions",
        spoil=_map("address.city", "town", direction="to_pms"),
        path="address.group",
        severity=ERROR,
        says="goes to_pms",
        mend=_map("address.city", "town"),
    ),
    Case(
        rule="nothing_mapped",
        spoil=lambda registry: [registry.disable(row.wave) for row in registry.maps],
        path="mapping",
        severity=ERROR,
        says="carries nothing",
        mend=lambda registry: registry.enable("name"),
    ),
    Case(
        rule="name_not_carried",
        spoil=_unmap("name"),
        path="name",
        severity=ERROR,
        says="is not mapped",
        mend=_map("name", "name"),
    ),
    Case(
        rule="name_not_carried",
        spoil=_map("name", "name", direction="to_pms"),
        path="name",
        severity=ERROR,
        says="does not go to Wave",
        use={"policy": Policy(create_in=("pms", "wave"))},
        mend=_map("name", "name"),
    ),
    Case(
        rule="name_not_carried",
        spoil=_map("name", "name", direction="to_wave"),
        path="name",
        severity=ERROR,
        says="does not go to the PMS",
        then={"policy": Policy(create_in=())},
    ),
    Case(
        rule="half_name",
        spoil=_unmap("lastName"),
        path="lastName",
        severity=WARNING,
        says="other half",
        mend=_unmap("firstName"),
    ),
    Case(
        rule="province_without_country",
        spoil=_unmap("address.country.code"),
        path="address.province.code",
        severity=ERROR,
        says="without its country",
        mend=lambda registry: registry.constant(wave="address.country.code", value="CA", on="write"),
    ),
    Case(
        rule="address_without_country",
        spoil=_unmap("shippingDetails.address.country.code", "shippingDetails.address.province.code"),
        path="shippingDetails.address.country.code",
        severity=WARNING,
        says="other parts",
        mend=_map("shippingDetails.address.country.code", "delivery_address.country"),
    ),
    Case(
        rule="address_in_part",
        spoil=_unmap("address.city", "address.addressLine2"),
        path="address",
        severity=WARNING,
        says="without addressLine2, city;",
        mend=_all(_map("address.city", "address.town"), _map("address.addressLine2", "address.more")),
    ),
    Case(
        rule="address_in_part",
        spoil=_unmap("address.addressLine2"),
        path="address",
        severity=HINT,
        says="without addressLine2;",
        mend=_map("address.addressLine2", "address.more"),
    ),
    Case(
        rule="group_required_in_part",
        spoil=_map("address.city", "address.city", required=True),
        path="address",
        severity=HINT,
        says="of which address.city may not be empty",
        mend=_map("address.city", "address.city"),
    ),
    Case(
        rule="refused_values",
        spoil=_map("phone", "tel", type="integer"),
        path="phone",
        severity=ERROR,
        says="integer takes no usual value, such as '+1 416 555 0101'",
        mend=_map("phone", "tel"),
    ),
    Case(
        rule="refused_values",
        spoil=_map("displayId", "number", type="integer"),
        path="displayId",
        severity=WARNING,
        says="integer takes not every usual value, such as '0903'",
        mend=_map("displayId", "number"),
    ),
    Case(
        rule="wrong_type",
        spoil=_map("displayId", "number", type="integer", converter="text"),
        path="displayId",
        severity=ERROR,
        says="integer on the wire, but text writes string",
        mend=_map("displayId", "number", type="string", converter="text"),
    ),
    Case(
        rule="wrong_type",
        spoil=_all(_pair("flag", _whole, lambda _: True), _map("displayId", "number", type="float", converter="flag")),
        path="displayId",
        severity=ERROR,
        says="but flag writes boolean",
        mend=_map("displayId", "number", type="boolean", converter="flag"),
    ),
    Case(
        rule="wrong_default",
        spoil=_map("displayId", "number", default=7),
        path="displayId",
        severity=ERROR,
        says="default= is integer",
        mend=_map("displayId", "number", default="7"),
    ),
    Case(
        rule="broken_round_trip",
        spoil=_all(_pair("loud", _whole, _shout), _map("email", "mail", converter="loud")),
        path="email",
        severity=ERROR,
        says="writes 'rehearsal@bakery.example' and reads it as 'REHEARSAL@BAKERY.EXAMPLE'",
        mend=_pair("loud", lambda wire: str(wire).lower(), _shout),
    ),
    Case(
        rule="broken_round_trip",
        spoil=_all(_pair("mute", _refuse, _whole), _map("email", "mail", converter="mute")),
        path="email",
        severity=ERROR,
        says="reads it as nothing it can read (converter mute raised ValueError)",
        mend=_pair("mute", _whole, _whole),
    ),
    Case(
        rule="broken_round_trip",
        spoil=_all(_pair("sieve", _whole, lambda _: None), _map("email", "mail", converter="sieve")),
        path="email",
        severity=ERROR,
        says="reads it as nothing",
        mend=_pair("sieve", _whole, _whole),
    ),
    Case(
        rule="loss_unsaid",
        spoil=_all(_pair("lowering", _whole, _low, _low), _map("name", "name", converter="lowering")),
        path="name",
        severity=WARNING,
        says="brings 'Rehearsal Bakery Ltd' back as 'rehearsal bakery ltd'",
        mend=_pair("lowering", _whole, _low, _low, "case"),
    ),
    Case(
        rule="short_length",
        spoil=_map("name", "name", max_length=12),
        path="name",
        severity=WARNING,
        says="max_length=12 holds usual values",
        mend=_map("name", "name", max_length=21),
    ),
    Case(
        rule="length_of_no_text",
        spoil=_map("displayId", "number", type="integer", max_length=9),
        path="displayId",
        severity=HINT,
        says="counts letters",
        mend=_map("displayId", "number", type="integer"),
    ),
    Case(
        rule="settings_without_effect",
        spoil=_map("email", "email", on_foreign_edit="revert"),
        path="email",
        severity=WARNING,
        says="on_foreign_edit='revert' has no effect with direction='both'",
        mend=_map("email", "email", on_foreign_edit="revert", direction="to_pms"),
    ),
    Case(
        rule="settings_without_effect",
        spoil=_map("email", "email", backfill="wave", direction="read_only"),
        path="email",
        severity=WARNING,
        says="backfill='wave' has no effect",
        mend=_map("email", "email", direction="read_only"),
    ),
    Case(
        rule="settings_without_effect",
        spoil=_map("email", "email", default="none", direction="to_wave"),
        path="email",
        severity=WARNING,
        says="default='none' has no effect",
        mend=_map("email", "email", default="none"),
    ),
    Case(
        rule="default_never_given",
        spoil=_map("name", "name", default="nobody"),
        path="name",
        severity=HINT,
        says="Wave always has a value",
        mend=_map("name", "name"),
    ),
    Case(
        rule="default_never_given",
        spoil=_map("email", "email", default="none"),
        path="email",
        severity=HINT,
        says="makes no customers in the PMS",
        use={"policy": Policy(create_in="wave")},
        then={"policy": Policy(create_in="pms")},
    ),
    Case(
        rule="required_but_often_empty",
        spoil=_map("email", "email", required=True),
        path="email",
        severity=WARNING,
        says="may be empty in Wave;",
        mend=_map("email", "email", default="none"),
    ),
    Case(
        rule="required_but_often_empty",
        spoil=_map("email", "email", required=True),
        path="email",
        severity=WARNING,
        says="may be empty in Wave and in the PMS;",
        use={"policy": Policy(create_in=("pms", "wave"))},
        mend=_map("email", "email"),
    ),
    Case(
        rule="clear_untold",
        spoil=_map("email", "mail", empty="omit"),
        path="email",
        severity=WARNING,
        says="leaves mail out",
        mend=_map("email", "mail", empty="blank"),
    ),
    Case(
        rule="currency_to_wave",
        spoil=_map("currency.code", "currency"),
        path="currency.code",
        severity=WARNING,
        says="may refuse another currency",
        mend=_map("currency.code", "currency", direction="to_pms"),
    ),
    Case(
        rule="private_notes",
        spoil=lambda registry: registry.enable("internalNotes"),
        path="internalNotes",
        severity=WARNING,
        says="private text leaves the ledger",
        mend=lambda registry: registry.disable("internalNotes"),
    ),
    Case(
        rule="balances",
        spoil=lambda registry: registry.enable("overdueAmount"),
        path="overdueAmount",
        severity=HINT,
        says="a balance leaves the ledger",
        mend=lambda registry: registry.disable("overdueAmount"),
    ),
    Case(
        rule="stamps_carried",
        spoil=_map("modifiedAt", "changed", direction="to_pms"),
        path="modifiedAt",
        severity=WARNING,
        says="a write to the PMS a run later",
        mend=_map("modifiedAt", "changed", direction="read_only"),
    ),
    Case(
        rule="archiving_carried",
        spoil=_map("isArchived", "hidden", type="boolean", direction="to_pms"),
        path="isArchived",
        severity=HINT,
        says="archives nobody",
        mend=lambda registry: registry.disable("isArchived"),
    ),
    Case(
        rule="group_unknown",
        spoil=lambda registry: None,
        path="policy adress",
        severity=ERROR,
        says="is no field group",
        use={"policy": Policy(conflicts={"adress": "pms", "*": "newest"})},
        then={"policy": Policy(conflicts={"address": "pms", "*": "newest"})},
    ),
    Case(
        rule="key_not_carried",
        spoil=_unmap("email"),
        path="match_on email",
        severity=ERROR,
        says="email is not mapped",
        use={"policy": Policy(match_on=("external_id", "email"))},
        then={"policy": Policy(match_on=("external_id", "name+postal_code"))},
    ),
    Case(
        rule="key_not_carried",
        spoil=_unmap("email"),
        path="match_on email",
        severity=HINT,  # nobody chose the usual keys
        says="email is not mapped",
        then={"policy": Policy(match_on=("external_id", "name+postal_code"))},
    ),
    Case(
        rule="key_not_carried",
        spoil=lambda registry: registry.disable("address.postalCode"),
        path="match_on name+postal_code",
        severity=HINT,
        says="postal_code is off",
        mend=lambda registry: registry.enable("address.postalCode"),
    ),
    Case(
        rule="key_not_carried",
        spoil=_map("email", "email", direction="read_only"),
        path="match_on email",
        severity=HINT,
        says="email is only read",
        mend=_map("email", "email", direction="both"),
    ),
    Case(
        rule="key_derived",
        spoil=lambda registry: registry.enable("kind"),
        path="match_on kind",
        severity=WARNING,
        says="is derived by kind",
        use={"policy": Policy(match_on="kind")},
        then={"policy": Policy(match_on="email")},
    ),
    Case(
        rule="key_shared",
        spoil=_all(
            _pair("initial", _first, _first, _first, "all but a letter"), _map("name", "n", converter="initial")
        ),
        path="match_on name",
        severity=ERROR,
        says="initial would take different customers for one",
        use={"policy": Policy(match_on="name")},
        mend=_map("name", "n"),
    ),
    Case(
        rule="key_loses",
        spoil=_all(_pair("cut", _short, _short, _short, "the end"), _map("name", "n", converter="cut")),
        path="match_on name",
        severity=HINT,
        says="cut loses the end",
        use={"policy": Policy(match_on="name")},
        then={"policy": Policy(match_on="email")},
    ),
    Case(
        rule="key_one_way",
        spoil=_map("email", "email", direction="to_pms"),
        path="match_on email",
        severity=HINT,
        says="goes one way (to_pms)",
        mend=_map("email", "email"),
    ),
    Case(
        rule="no_marker",
        spoil=_unmap("id"),
        path="id",
        severity=WARNING,
        says="keeps the Wave id",
        mend=_map("id", "external_id"),
    ),
    Case(
        rule="no_marker",
        spoil=lambda registry: registry.disable("id"),
        path="id",
        severity=WARNING,
        says="keeps the Wave id",
        mend=lambda registry: registry.enable("id"),
    ),
    Case(
        rule="constant_never_told",
        spoil=lambda registry: registry.constant(wave="internalNotes", value="from the PMS"),
        path="constant internalNotes",
        severity=WARNING,
        says="no customers in Wave",
        then={"policy": Policy(create_in=("pms", "wave"))},
    ),
    Case(
        rule="property_of_the_api",
        spoil=_map("isArchived", "archived", type="boolean", direction="to_pms"),
        path="isArchived",
        severity=ERROR,
        says="tells whether the record is archived",
        use={"profile": PmsProfile()},
        mend=_map("isArchived", "hidden_in_wave", type="boolean", direction="to_pms"),
    ),
    Case(
        rule="property_of_the_api",
        spoil=_map("id", "key"),
        path="id",
        severity=ERROR,
        says="tells the record's id",
        use=_profile(record={"id": "attributes.key", "fields": "attributes"}),
        mend=_map("id", "wave_id"),
    ),
    Case(
        rule="property_never_sent",
        spoil=_map("displayId", "number"),
        path="displayId",
        severity=ERROR,
        says="goes to number, which the profile never sends",
        use=_profile(record={"read_only": ["number"]}),
        mend=_map("displayId", "number", direction="to_wave"),
    ),
    Case(
        rule="marker_not_kept",
        path="id",
        severity=WARNING,
        says="mapped to external_id",
        use=_profile(record={"marker": False}),
        mend=lambda registry: registry.disable("id"),
    ),
)


def _id(case: Case) -> str:
    return f"{case.rule}-{case.says.replace(' ', '_')[:24]}"


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_rule_speaks(case: Case) -> None:
    """A rule says what is wrong, where, how much it matters, and under which name it says so."""
    registry = MappingRegistry.default()

    case.spoil(registry)
    said = _said(registry, case.rule, case.use)

    assert [(finding.path, finding.severity) for finding in said if case.says in finding.problem] == [
        (case.path, case.severity)
    ], list(map(str, said))


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_rule_is_quiet_once_its_advice_was_followed(case: Case) -> None:
    """What a finding advises makes it go away."""
    registry = MappingRegistry.default()
    case.spoil(registry)

    case.mend(registry)

    assert _said(registry, case.rule, case.use if case.then is None else case.then) == []


def test_each_rule_has_a_case() -> None:
    """No rule goes untried."""
    assert {case.rule for case in CASES} | {"open_points"} == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(
    "use", [{}, {"policy": Policy()}, {"profile": PmsProfile()}], ids=["alone", "policy", "profile"]
)
def test_nothing_is_said_against_the_default_mapping(use: dict[str, object]) -> None:
    """The default mapping has no finding, not even a hint, also with the default policy and profile."""
    findings = MappingRegistry.default().lint(**use)  # type: ignore[arg-type]  # as typed

    assert not findings
    assert findings.ok
    assert str(findings) == "Nothing found."


@pytest.mark.parametrize("name", PRESETS)
def test_profile_of_any_api_can_be_looked_at(name: str) -> None:
    """The lint takes any profile, and finds no fault with the default mapping for it but a marker that is not kept."""
    findings = MappingRegistry.default().lint(profile=PmsProfile.preset(name))

    assert {finding.rule for finding in findings} <= {"marker_not_kept"}


def test_profile_of_another_kind_says_nothing() -> None:
    """What is no profile has no settings, and no rule stumbles over it."""
    assert not MappingRegistry.default().lint(profile=object())


def test_usual_policy_is_that_of_a_policy_that_says_nothing() -> None:
    """Without a policy the lint knows the match keys and the creations of one that says nothing."""
    assert Policy().match_on == USUAL.match_on
    assert Policy().create_in == USUAL.create_in


# --- Where a rule keeps quiet though it might seem to apply -------------------------------------------


def test_address_that_only_goes_to_the_pms_may_be_in_part() -> None:
    """Parts of an address that go one way, to the PMS, are worth a hint at most: nothing in Wave is left behind."""
    registry = MappingRegistry()
    registry.map("organisation", wave="address.city", pms="city", direction="to_pms")
    registry.map("organisation", wave="address.country.code", pms="country", direction="to_pms")

    registry.map("customer", wave="name", pms="name")

    assert [finding.severity for finding in _said(registry, "address_in_part", {})] == [HINT]


def test_province_without_country_is_less_bad_on_its_way_to_the_pms() -> None:
    """A province without its country is a warning where it is only shown to the PMS."""
    registry = MappingRegistry()
    registry.map("organisation", wave="address.province.code", pms="region", direction="to_pms")

    said = [*_said(registry, "province_without_country", {}), *_said(registry, "address_without_country", {})]

    assert [finding.severity for finding in said] == [WARNING]


def test_mapping_without_any_address_is_whole() -> None:
    """Who maps no address is not asked for its parts."""
    registry = MappingRegistry()
    registry.map("customer", wave="name", pms="name")

    assert {finding.rule for finding in registry.lint()} == {"key_not_carried", "no_marker"}


def test_name_of_the_country_stands_for_the_country() -> None:
    """The country's name, which Wave only shows, is a country, too."""
    registry = MappingRegistry.default()
    registry.unmap("address.country.code")
    registry.map("organisation", wave="address.country.name", pms="address.country", direction="to_pms")

    assert _said(registry, "province_without_country", {}) == []


def test_what_is_left_out_of_a_list_is_cleared() -> None:
    """An empty value that is left out is gone from a list, which is always sent whole."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="email", pms="mails[kind=main].address", empty="omit")

    assert _said(registry, "clear_untold", {}) == []


def test_keys_may_lose_what_never_tells_customers_apart() -> None:
    """A converter that loses case, blanks or where a name is split is as good for matching as any."""
    registry = MappingRegistry.default()
    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")
    policy = Policy(match_on=("full_name", "country_code", "address.province.code"))

    assert not registry.lint(policy=policy)


def test_country_alone_is_an_address_in_part() -> None:
    """A country that goes both ways without the rest of the address leaves the rest behind in Wave."""
    registry = MappingRegistry()
    registry.map("customer", wave="name", pms="name")
    registry.map("organisation", wave="address.country.code", pms="country")

    said = _said(registry, "address_in_part", {})

    assert [(finding.path, finding.severity) for finding in said] == [("address", WARNING)]


def test_constant_of_the_pms_tells_wave_nothing() -> None:
    """Only a constant that Wave is told stands for the country of its provinces."""
    registry = MappingRegistry.default()
    registry.unmap("address.country.code")
    registry.constant(pms="address.country.code", value="CA")

    assert _said(registry, "province_without_country", {}) != []


def test_settings_of_a_map_that_is_off_do_not_matter() -> None:
    """Of a map that is off nothing is said."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="fax", pms="fax", on_foreign_edit="revert")
    registry.disable("fax")

    assert not registry.lint()


def test_advice_for_a_key_or_marker_that_is_off_is_to_switch_it_on() -> None:
    """What is there and off is to be switched on; what is not there is to be mapped."""
    off, gone = MappingRegistry.default(), MappingRegistry.default()
    off.disable("id")
    gone.unmap("id")

    assert [finding.advice for finding in off.lint()] == ["registry.enable('id')"]
    assert [finding.advice.partition(" ")[0] for finding in gone.lint()] == ["map"]


def test_part_of_a_key_need_not_tell_customers_apart() -> None:
    """Only the whole key must tell customers apart; one of its parts may be shared."""
    registry = MappingRegistry.default()
    _pair("initial", _first, _first, _first, "all but a letter")(registry)
    registry.map("customer", wave="name", pms="name", converter="initial")

    assert _said(registry, "key_shared", {"policy": Policy(match_on="name")}) != []
    assert _said(registry, "key_shared", {"policy": Policy(match_on="name+postal_code")}) == []


def test_values_that_only_come_from_the_pms_are_not_tried() -> None:
    """Of a map that only goes to Wave nobody knows the values, so a converter that cannot write them is no fault."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="phone", pms="tel", type="integer", direction="to_wave")

    assert _said(registry, "refused_values", {}) == []


def test_values_in_lists_and_in_parts_are_tried() -> None:
    """Values are laid and taken as in a run: into items of lists, and into several properties at once."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="phone", pms="phones[type=main].number")
    registry.map("customer", wave="mobile", pms="numbers[1]")
    registry.map("customer", wave="name", pms=("given", "family"), converter="name_parts")
    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")

    assert list(registry.lint()) == []


def test_converter_that_raises_harms_no_other_map() -> None:
    """A converter that raises whatever it likes is a finding; the lint goes on."""
    registry = MappingRegistry.default()
    _pair("broken", _whole, _refuse)(registry)
    registry.map("customer", wave="email", pms="mail", converter="broken")
    registry.enable("internalNotes")

    found = registry.lint()

    assert [finding.rule for finding in found] == ["refused_values", "private_notes"]
    assert "converter broken raised ValueError" in found[0].problem


def test_points_left_open_by_a_document_are_findings() -> None:
    """What a document left open is a warning each, until it is settled."""
    maps = MappingRegistry.default().maps
    types = {kind.name: kind for kind in MappingRegistry().data_types}

    found = lint(Ground(maps=maps, types=types, open_points=("line 3: which property is meant?",)))

    assert [(one.rule, one.severity, one.problem) for one in found] == [
        ("open_points", WARNING, "line 3: which property is meant?")
    ]
    assert not lint(Ground(maps=maps, types=types))


def test_lint_changes_nothing() -> None:
    """Linting twice says the same, and the registry is as it was."""
    registry = MappingRegistry.default()
    registry.enable("internalNotes")
    before = registry.maps

    assert registry.lint() == registry.lint()
    assert registry.maps == before


# --- How findings look ----------------------------------------------------------------------------


def test_findings_stand_the_worst_first_and_print_line_by_line() -> None:
    """Errors come before warnings and those before hints; each prints as one line with its advice."""
    registry = MappingRegistry.default()
    registry.enable("overdueAmount")
    registry.enable("internalNotes")
    registry.unmap("name")

    found = registry.lint()

    assert [finding.severity for finding in found] == [ERROR, WARNING, HINT, HINT]
    assert not found.ok
    assert len(str(found).splitlines()) == len(found) == 4
    assert str(found[1]) == (
        "warning internalNotes: private text leaves the ledger, and whoever works in the PMS reads it."
        " Advice: disable the map, unless everybody there may read it."
    )


def test_warnings_are_no_errors() -> None:
    """Findings without an error are said to be in order."""
    registry = MappingRegistry.default()
    registry.enable("internalNotes")

    found = registry.lint()

    assert found
    assert found.ok


def test_notebook_shows_a_table_with_everything_escaped() -> None:
    """A notebook shows one row for each finding; nothing of a path or a problem is taken for markup."""
    found = Findings(
        [Finding(path="<b>", problem='"x" & <script>', advice="none", severity=HINT), *[_harmless()] * 2],
    )
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

    Reader().feed(found._repr_html_())

    assert tags.count("tr") == 1 + 3
    assert set(tags) == {"table", "thead", "tbody", "tr", "th", "td"}
    assert Findings()._repr_html_() == "<p>Nothing found.</p>"


def _harmless() -> Finding:
    return Finding(path="email", problem="none", advice="none", severity=HINT)
