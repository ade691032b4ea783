"""A document of dataflows is read back: ours, the predecessor's, and one that people edited."""

from __future__ import annotations

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.document.reading import ReadDocument, Row, read_rst
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.mapping.wave_names import candidates, nearest
from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES

CUSTOMER = "Wave Customer to Custom PMS Customer"
ORGANISATION = "Wave Customer (organisation data) to Custom PMS Customer"
HEADER = "   * - Wave Customer Property\n     - Custom PMS Customer Property\n     - Custom PMS Data Type\n"


def section(title: str, *rows: str, header: str = HEADER, lead: str = "The following are synchronised:") -> str:
    """A dataflow as the predecessor wrote it."""
    table = ".. list-table::\n   :header-rows: 1\n\n" if header else ".. list-table::\n\n"
    return f"{title}\n{'-' * len(title)}\nSome words.\n\n{lead}\n\n{table}{header}{''.join(rows)}\n\n"


def row(*cells: str) -> str:
    """A row of a list-table."""
    return "".join(f"   {'* -' if at == 0 else '  -'} {cell}".rstrip() + "\n" for at, cell in enumerate(cells))


def told(document: ReadDocument) -> list[tuple[str, ...]]:
    """The rows without their lines."""
    return [(one.facet, "+".join(one.wave), "+".join(one.pms), one.type) for one in document.rows]


def pairs(text: str) -> list[tuple[str, str, str]]:
    """The Wave properties, paths and types of a document that leaves nothing open."""
    found = read_rst(text)
    assert found.open_points == ()
    return [(wave, pms, kind) for _, wave, pms, kind in told(found)]


def test_default_document_is_read_back() -> None:
    """The document of the default mapping gives its rows, titles and lines, and leaves nothing open."""
    registry = MappingRegistry.default()
    text = registry.to_rst()

    found = read_rst(text)

    assert told(found) == [
        (one.facet, one.name, "+".join(one.pms), one.type)
        for facet in ("customer", "person", "organisation")
        for one in registry.maps
        if one.enabled and one.facet == facet
    ]
    assert found.titles == (CUSTOMER, CUSTOMER, ORGANISATION)
    assert found.open_points == ()
    assert text.splitlines()[found.rows[0].line - 1] == "   * - name"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("overlined", [True, False])
def test_empty_predecessor_is_read(end: str, overlined: bool) -> None:
    """A document with three empty tables gives three titles, no rows and no open point, whatever ends its lines."""
    bar = "=" * 27
    head = (f"{bar}\n" if overlined else "") + f"Wave to Custom PMS Dataflow\n{bar}\n\nGenerated: 2024-01-01\n\n"
    introduction = "Introduction\n------------\n\n" + "Words upon words. \n\n" * 300
    text = head + introduction + section(CUSTOMER) * 2 + section(ORGANISATION)

    found = read_rst("\ufeff" + text.replace("\n", end))

    assert found == ReadDocument(rows=(), titles=(CUSTOMER, CUSTOMER, ORGANISATION), open_points=())


def test_a_byte_order_mark_is_no_part_of_a_title() -> None:
    """A document that begins with a byte order mark and at once with a dataflow is read."""
    assert pairs("\ufeff" + section(CUSTOMER, row("email", "mail", '"string"'))) == [("email", "mail", "string")]


def test_facets_follow_the_titles() -> None:
    """The first dataflow is the customer, the second of the same title the person; the organisation says so itself."""
    other = "Wave Customer (organization data) to Hubspot Company"
    text = (
        section(other, row("address.city", "city", '"string"'))
        + section("Wave Customer to Hubspot Contact", row("email", "mail", '"string"'))
        + section("Wave Customer to Hubspot Contact", row("firstName", "given", '"string"'))
    )

    found = read_rst(text)

    assert [one.facet for one in found.rows] == ["organisation", "customer", "person"]
    assert found.titles[0] == other


def test_third_dataflow_of_a_kind_is_open() -> None:
    """A third dataflow that is neither a person nor an organisation is read as customer, and said."""
    found = read_rst(section(CUSTOMER) * 2 + section(CUSTOMER, row("email", "mail", '"string"')))

    assert found.rows[0].facet == "customer"
    assert "line 29: a third dataflow" in found.open_points[0]


def test_title_underlined_with_equals_signs_is_read() -> None:
    """A dataflow may be underlined with `=`, over- and underlined, and indented between both."""
    title = f" {CUSTOMER}"
    bar = "=" * 40
    text = f"{bar}\n{title}\n{bar}\n\n" + section("x", row("email", "mail", '"string"')).split("\n", 2)[2]

    assert pairs(text) == [("email", "mail", "string")]


def test_table_without_header_or_options_is_read() -> None:
    """A table that declares no header row is read from its first row; a header is known by its words."""
    rows = row("email", "mail", '"string"')

    assert pairs(section(CUSTOMER, rows, header="")) == [("email", "mail", "string")]
    undeclared = section(CUSTOMER, rows).replace("   :header-rows: 1\n", "   :widths: 1 2 3\n")
    assert pairs(undeclared) == [("email", "mail", "string")]


def test_declared_header_that_looks_like_a_row_is_open() -> None:
    """A row that counts as header only because the table says so is named."""
    text = section(CUSTOMER, row("name", "title", '"string"'), row("email", "mail", '"string"'), header="")
    text = text.replace(".. list-table::\n", ".. list-table::\n   :header-rows: 1\n")

    found = read_rst(text)

    assert [one.wave for one in found.rows] == [("email",)]
    assert "counts as header" in found.open_points[0]


def test_tabs_and_odd_bullets_are_read() -> None:
    """Tables may be indented with tabs, have other bullets, blank lines, and cells that go on in the next line."""
    table = '\t- * email\n\n\t  * contact.\\\n\t    mail\n\t  * ``"string"``   \n'

    assert pairs(section(CUSTOMER, table, header="")) == [("email", "contact.mail", "string")]


def test_rows_that_are_not_indented_are_read() -> None:
    """Rows that stand at the margin, so that docutils would not see them in the table, are read."""
    text = section(CUSTOMER, "* - email\n  - mail\n  - string\n", header="")

    assert pairs(text) == [("email", "mail", "string")]


def test_grid_table_is_read() -> None:
    """A grid table is read, with cells of several lines."""
    grid = (
        "+-------------------+-----------------+-----------+\n"
        "| Wave Property     | PMS Property    | Data Type |\n"
        "+===================+=================+===========+\n"
        '| email             | mail            | "string"  |\n'
        "+-------------------+-----------------+-----------+\n"
        "| firstName,        | full            | string    |\n"
        "| lastName          |                 |           |\n"
        "+-------------------+-----------------+-----------+\n"
    )

    assert pairs(f"{CUSTOMER}\n{'-' * 40}\n\n{grid}\n") == [
        ("email", "mail", "string"),
        ("firstName+lastName", "full", "string"),
    ]


def test_grid_table_with_spans_is_open() -> None:
    """A line of a grid table that does not fit its columns is named."""
    grid = "+---+---+\n| a | b |\n| name  |\n+---+---+\n"

    found = read_rst(f"{CUSTOMER}\n{'-' * 40}\n\n{grid}\n")

    assert any(point.startswith("line 6: belongs to no cell") for point in found.open_points)


def test_simple_table_is_read() -> None:
    """A simple table is read, with and without a header, with cells that go on in the next line."""
    rule = "=========  ==========  ==========\n"
    rows = 'email      mail        "string"\nname       given,      string\n           family\n'

    with_header = f"{rule}Property   Property    Data Type\n{rule}{rows}{rule}\n"
    assert pairs(f"{CUSTOMER}\n{'-' * 40}\n\n{with_header}") == [
        ("email", "mail", "string"),
        ("name", "given+family", "string"),
    ]
    assert pairs(f"{CUSTOMER}\n{'-' * 40}\n\n{rule}email      mail        string\n{rule}") == [
        ("email", "mail", "string")
    ]


@pytest.mark.parametrize(
    "cell",
    [
        '"string"',
        '``"string"``',
        "\u201cstring\u201d",
        "\u201estring\u201c",
        "\u00abstring\u00bb",
        "'string'",
        "string",
    ],
)
def test_quotes_of_types_are_dropped(cell: str) -> None:
    """A type may be quoted in any way, or not at all."""
    assert pairs(section(CUSTOMER, row("email", "mail", cell))) == [("email", "mail", "string")]


@pytest.mark.parametrize(("cell", "paths"), [("a, b", ("a", "b")), ("a + b", ("a", "b")), ("a+b", ("a", "b"))])
def test_several_paths_in_a_cell_are_taken_apart(cell: str, paths: tuple[str, ...]) -> None:
    """Several paths in a cell are joined by a comma or a plus sign."""
    found = read_rst(section(CUSTOMER, row("name", cell, '"string"')))

    assert found.rows == (Row(facet="customer", wave=("name",), pms=paths, type="string", line=13),)


def test_escapes_and_literals_are_undone() -> None:
    """Backslashes and literals are markup, not part of a name."""
    text = section(CUSTOMER, row("``email``", "e\\_mail\\*", '"string"'), row("phone", "``a_``", '"string"'))

    assert pairs(text) == [("email", "e_mail*", "string"), ("phone", "a_", "string")]


@pytest.mark.parametrize("none", ["N/A", "n/a", "-", "\u2013", ""])
def test_missing_counterparts_are_open(none: str) -> None:
    """A property without a counterpart is no row; what can be done about it is said, on either side."""
    found = read_rst(
        section(CUSTOMER, row(none, "kind", '"string"'), row("fax", none, '"string"'), row(none, none, none))
    )

    assert found.rows == ()
    assert found.open_points == (
        "line 13: 'kind' has no property of Wave; say constant(pms=...), map another, or leave it",
        "line 16: 'fax' has no property of the PMS; map it to one, or leave it",
    )


@pytest.mark.parametrize("none", ["N/A", "-", ""])
def test_missing_type_is_assumed_and_said(none: str) -> None:
    """A row without a type is a string for now, and that is said."""
    found = read_rst(section(CUSTOMER, row("email", "mail", none)))

    assert found.rows[0].type == "string"
    assert found.open_points == ("line 13: 'mail' has no data type; 'string' is assumed",)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (row("e-mial", "mail", '"string"'), "line 13: 'e-mial' is no property of Wave (nearest: email)"),
        (row("qqqqq", "mail", '"string"'), "line 13: 'qqqqq' is no property of Wave; write its name"),
        (row("city", "town", '"string"'), "more than one property of Wave; write one of address.city, shipping"),
        (row("email", "a..b", '"string"'), "line 13: 'a..b' is not made of property names"),
        (row("email", "a" * 1001, '"string"'), "aaa...' is too long for a path"),
        (row("email", "a, " * 12, '"string"'), "line 13: names more than 10 properties in one cell"),
        (row("", "", '"string"'), "line 13: names a type, but no property"),
        (row("email", "mail", '"string"', "more"), "line 13: has more than three cells"),
        (row("email", "mail", '"string"') * 2, "line 16: 'email' of Wave is in line 13, too"),
        (row("email", "mail", '"string"') + row("fax", "mail", '"string"'), "line 16: 'mail' of the PMS is in line 13"),
        ("   * stray\n", "line 13: belongs to no cell"),
    ],
)
def test_what_cannot_be_taken_over_is_said(rows: str, said: str) -> None:
    """What is no clear row is named with its line and what to do."""
    found = read_rst(section(CUSTOMER, rows))

    assert any(said in point for point in found.open_points), found.open_points


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Customer Name", "name"),
        ("first_name", "firstName"),
        ("address.zip", "address.postalCode"),
        ("Address Postal Code", "address.postalCode"),
        ("address.country", "address.country.code"),
        ("currency", "currency.code"),
        ("TOLL FREE", "tollFree"),
        ("shipping_details.address.city", "shippingDetails.address.city"),
        ("name", "name"),
    ],
)
def test_wave_names_are_folded(name: str, meant: str) -> None:
    """A Wave property is known in other spellings, as long as only one can be meant."""
    assert candidates(name) == (meant,)
    assert pairs(section(CUSTOMER, row(name, "x", '"string"'))) == [(meant, "x", "string")]


def test_every_wave_name_is_itself() -> None:
    """Each property of Wave means itself, also in another spelling; what is like none has no nearest."""
    assert [candidates(name) for name in WAVE_PROPERTIES] == [(name,) for name in WAVE_PROPERTIES]
    assert [candidates(name.upper().replace(".", "_")) for name in WAVE_PROPERTIES] == [
        (name,) for name in WAVE_PROPERTIES
    ]
    assert nearest("") is None
    assert candidates("!") == ()


def test_match_tables_are_told() -> None:
    """A table of the keys by which customers were matched gives no rows, but advice for the policy."""
    header = "   * - Wave Customer Property\n     - Custom PMS Customer Property\n"
    matched = section(CUSTOMER, row("email", "mail"), header=header, lead="if one of these match:")
    synced = section("x", row("email", "mail", '"string"')).split("\n", 2)[2]

    found = read_rst(matched + synced)

    assert told(found) == [("customer", "email", "mail", "string")]
    assert found.open_points == (
        "line 12: customers were matched by 'email' = 'mail'; if they still are, say so in Policy(match_on=...)",
    )


def test_dataflow_towards_wave_is_turned_round() -> None:
    """In a dataflow from the PMS to Wave the columns are swapped, and its types are not those of the PMS."""
    found = read_rst(section("CustomPMS Customer to Wave Customer", row("mail", "email", '"integer"')))

    assert told(found) == [("customer", "email", "mail", "string")]
    assert found.open_points[0].startswith("line 1: this dataflow goes towards Wave; its types are Wave's")


def test_what_stands_elsewhere_is_said() -> None:
    """A table of another dataflow, and a dataflow without a table beside others with one, are named."""
    product = section("Wave Product to Custom PMS Product", row("sku", "sku", '"string"'))
    text = f"{CUSTOMER}\n{'=' * 40}\n\n" + section(CUSTOMER) + product

    found = read_rst(text)

    assert found.titles == (CUSTOMER,)
    assert found.open_points == (
        f"line 1: {CUSTOMER!r} has no table; nothing was taken from it",
        "line 24: this table is in no dataflow of Wave customers; move what you need of it into one",
    )


@pytest.mark.parametrize("table", [".. csv-table::\n\n   email, mail, string\n", "| email | mail | string |\n"])
def test_tables_of_other_kinds_are_open(table: str) -> None:
    """A table that cannot be read is named line by line."""
    found = read_rst(f"{CUSTOMER}\n{'-' * 40}\n\n{table}")

    assert found.rows == ()
    assert found.open_points[0].startswith("line 4: belongs to no cell of a table that can be read")


@pytest.mark.parametrize(
    "text", ["", "\x00", "Wave\n====\n", "Wave to Custom PMS\n==================\n", CUSTOMER, "%PDF"]
)
def test_a_text_without_dataflows_is_refused(text: str) -> None:
    """A text that has no dataflow is refused, saying what such a title looks like."""
    with pytest.raises(ConfigurationError, match=r"has no dataflow of Wave customers \(allowed: a title such as"):
        read_rst(text)


def test_a_registry_begins_with_a_document() -> None:
    """The default mapping that is printed, read back, is the default mapping as far as it is in use."""
    default = MappingRegistry.default()

    registry = MappingRegistry.from_rst(default.to_rst())

    assert {one.id: one for one in registry.maps} == {one.id: one for one in default.maps if one.enabled}
    assert registry.open_points == ()
    assert registry.to_rst() == default.to_rst()
    assert registry.lens()


def test_what_wave_lets_nobody_write_goes_to_the_pms() -> None:
    """A property that Wave lets nobody write, and of which the default mapping says nothing, travels one way."""
    registry = MappingRegistry.from_rst(section(CUSTOMER, row("isArchived", "gone", '"boolean"')))

    assert [str(one.direction) for one in registry.maps] == ["to_pms"]
    assert registry.open_points == ()


def test_what_a_registry_refuses_is_an_open_point() -> None:
    """A row that makes no map without more being said is an open point at its line; the others are taken."""
    text = section(
        CUSTOMER,
        row("email", "mail", '"varchar"'),
        row("firstName, lastName", "full_name", '"string"'),
        row("outstandingAmount", "balance", '"float"'),
        row("province", "region", '"string"'),
        row("email", "mail", '"string"'),
        row("email", "work_mail", '"string"'),
        row("phone", "mail", '"string"'),
    )

    registry = MappingRegistry.from_rst(text)

    assert [(one.name, one.pms, str(one.direction)) for one in registry.maps] == [
        ("outstandingAmount", ("balance",), "to_pms"),
        ("email", ("mail",), "both"),
    ]
    said = [point.split(" (")[0] for point in registry.open_points]
    assert said == [
        "line 13: email.type: 'varchar' is unknown",
        "line 16: firstName+lastName.converter: none goes without saying here",
        "line 22: 'province' can be more than one property of Wave; write one of address.province.code,"
        " shippingDetails.address.province.code",
        "line 25: 'email' of Wave is in line 13, too; keep one of the two rows",
        "line 28: 'email' of Wave is in line 13, too; keep one of the two rows",
        "line 31: 'mail' of the PMS is in line 13, too; keep one of the two rows",
        "line 31: phone.pms: 'mail' overlaps 'mail' of email",
    ]
    assert registry.copy().open_points == registry.open_points
    assert MappingRegistry.default().open_points == ()
