"""The document of the dataflows parses, and says what is mapped."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import docutils.core
import docutils.nodes
import pytest

from wave_pms_sync import Policy
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.registry import MappingRegistry

MOMENT = datetime(2025, 3, 1, 12, 30, tzinfo=timezone(timedelta(hours=-5)))
HARD = (
    "name_",
    "_x.*y*",
    "a|b",
    "`tick`",
    "back\\slash",
    "1) one",
    "- dash",
    ":field:",
    "end::",
    "::",
    "<tag>",
    "1_",
    "\\",
    "\\\\",
    "**",
    "12) x",
    "mix) y",
    "1)",
    "N/A",
    "-",
    "a, b",
    "a\\, b",
)


def _parsed(text: str) -> docutils.nodes.document:
    """The document as docutils reads it; every complaint but that a title comes twice is an error."""
    tree = docutils.core.publish_doctree(text, settings_overrides={"report_level": 5, "halt_level": 2})
    complaints = [message.astext() for message in tree.parse_messages]
    assert all("Duplicate implicit target name" in complaint for complaint in complaints), complaints
    return tree


def _tables(tree: docutils.nodes.document) -> list[list[list[str]]]:
    return [
        [[cell.astext() for cell in row.findall(docutils.nodes.entry)] for row in table.findall(docutils.nodes.row)]
        for table in tree.findall(docutils.nodes.table)
    ]


def test_document_has_the_three_dataflows() -> None:
    """The document has a title and the three dataflows, two of them under the same title."""
    tree = _parsed(MappingRegistry.default().to_rst())

    titles = [title.astext() for title in tree.findall(docutils.nodes.title)]

    assert titles[1:] == [
        "Wave Customer to Custom PMS Customer",
        "Wave Customer to Custom PMS Customer",
        "Wave Customer (organisation data) to Custom PMS Customer",
    ]


def test_titles_are_over_and_underlined() -> None:
    """The title is over- and underlined with `=`, a dataflow is underlined with `-`."""
    lines = MappingRegistry.default().to_rst().splitlines()

    assert re.fullmatch("=+", lines[0])
    assert lines[0] == lines[2]
    assert len(lines[0]) == len(lines[1])
    at = lines.index("Wave Customer to Custom PMS Customer")
    assert lines[at + 1] == "-" * len(lines[at])


def test_tables_print_the_live_mapping() -> None:
    """Each dataflow has its table with the rows that are in use, types in quotes, stamps and marker included."""
    registry = MappingRegistry.default()
    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")

    customer, person, organisation = _tables(_parsed(registry.to_rst()))

    assert customer[0] == ["Wave Customer Property", "Custom PMS Customer Property", "Custom PMS Data Type"]
    assert customer[1:3] == [["name", "name", '"string"'], ["id", "external_id", '"string"']]
    assert ["createdAt", "created_at", '"string"'] in customer
    assert "internalNotes" not in [row[0] for row in customer]
    assert person[1:] == [["firstName, lastName", "full_name", '"string"']]
    assert organisation[0][0] == "Wave Customer (organisation data) Property"
    assert ["address.province.code", "address.region_code", '"string"'] in organisation


def test_switched_on_row_is_printed() -> None:
    """A row that is switched on appears in the document."""
    registry = MappingRegistry.default()

    registry.enable("outstandingAmount")

    assert ["outstandingAmount", "outstanding_amount", '"float"'] in _tables(_parsed(registry.to_rst()))[0]


def test_empty_dataflow_is_still_a_document() -> None:
    """A mapping without rows gives a document that parses, with blank tables."""
    tables = _tables(_parsed(MappingRegistry().to_rst()))

    assert [table[1:] for table in tables] == [[["", "", ""]]] * 3


@pytest.mark.parametrize("path", HARD)
def test_hard_property_names_are_escaped(path: str) -> None:
    """A property name made of marks of the markup is printed as it is."""
    registry = MappingRegistry()
    registry.map("person", wave="email", pms=path, group=f"g {path}")
    registry.map("person", wave="phone", pms=f"{path}x", group=f"g {path}")

    _, person, _ = _tables(_parsed(registry.to_rst(policy=Policy(match_on=(path,)))))

    assert person[1] == ["email", path, '"string"']


def test_time_of_generation_is_handed_in() -> None:
    """The time is printed as given, or not at all; no clock is asked."""
    registry = MappingRegistry.default()

    assert "Generated at 2025-03-01 12:30:00-05:00." in registry.to_rst(MOMENT)
    assert "Generated at 2025-03-01 12:30:00-05:00." in registry.to_markdown(MOMENT)
    assert "<p>Generated at 2025-03-01 12:30:00-05:00.</p>" in registry.to_html(MOMENT)
    assert "Generated" not in registry.to_rst() + registry.to_markdown() + registry.to_html()
    assert _parsed(registry.to_rst(MOMENT))


def test_f22_time_without_a_zone_is_refused() -> None:
    """A moment without a zone could be any of many, and is refused."""
    with pytest.raises(ConfigurationError, match="generated_at"):
        MappingRegistry().to_rst(datetime(2025, 3, 1))  # noqa: DTZ001  # the fault is the point


def test_rules_of_the_run_are_printed() -> None:
    """Each dataflow tells how records are matched and what happens where both sides changed."""
    text = MappingRegistry.default().to_rst(policy=Policy(match_on=("email", "name+phone"), conflicts="wave"))

    assert text.count("matched by email, then name with phone.") == 3
    assert text.count("Where both sides changed the same property, Wave's value counts.") == 3
    assert text.count("Every Wave customer is synchronised with a Custom PMS customer") == 3
    assert text.count("regardless of where the edit is made") == 3
    assert "none are matched" in MappingRegistry().to_rst(policy=Policy(match_on=()))


def test_without_a_policy_the_usual_one_is_printed() -> None:
    """What is printed without a policy is what a run does without one."""
    registry = MappingRegistry.default()

    assert registry.to_rst() == registry.to_rst(policy=Policy())


def test_exceptions_are_told() -> None:
    """What is one-way, read only, required, carried as a whole, lossy or the engine's own is said."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="fax", pms="fax", direction="to_wave")

    text = registry.to_rst()

    assert "- Written by the engine only, as proof of origin: id." in text
    assert "- Read only: createdAt, modifiedAt." in text
    assert "- One way, from Wave to the Custom PMS: currency.code." in text
    assert "- One way, from the Custom PMS to Wave: fax." in text
    assert "- Required, never cleared: name." in text
    assert "- Carried as a whole (address): address.addressLine1, " in text
    assert "- Lost on the way, lower case and surrounding blanks: currency.code." in text


def test_markdown_prints_the_same_rows() -> None:
    """The Markdown document has the same sections and rows, in tables with pipes."""
    lines = MappingRegistry.default().to_markdown().splitlines()

    assert [line for line in lines if line.startswith("## ")] == [
        "## Wave Customer to Custom PMS Customer",
        "## Wave Customer to Custom PMS Customer",
        "## Wave Customer (organisation data) to Custom PMS Customer",
    ]
    assert '| address.province.code | address.region_code | "string" |' in lines
    assert "| Wave Customer Property | Custom PMS Customer Property | Custom PMS Data Type |" in lines


def test_markdown_escapes_what_would_break_a_table() -> None:
    """A pipe, a star or a bracket in a property name is printed as such."""
    registry = MappingRegistry()
    registry.map("person", wave="email", pms="a|b*[c=d].e")

    assert '| email | a\\|b\\*\\[c=d\\].e | "string" |' in registry.to_markdown().splitlines()


def _chooser(_values: object, _baselines: object, _stamps: object) -> str:
    return "hold"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy(), "Where both sides changed the same property, the later edit counts if the two are clearly apart"),
        (Policy(conflicts="pms"), "Where both sides changed the same property, the Custom PMS's value counts."),
        (Policy(conflicts="hold"), "Where both sides changed the same property, both values stay as they are"),
        (Policy(conflicts=_chooser), "Where both sides changed the same property, the rule \\_chooser decides."),
        (Policy(conflicts={"email": "wave"}), "Where both sides changed the same property, both values stay"),
        (Policy(conflicts={"email": "wave"}), "- email, where both sides changed it: Wave's value counts."),
        (Policy(conflicts={"email": _chooser}), "- email, where both sides changed it: the rule \\_chooser decides."),
        (Policy(first_meeting="wave"), "both have a value for a property, but not the same, Wave's value counts."),
        (Policy(first_meeting={"*": "pms", "address": "wave"}), "but not the same, the Custom PMS's value counts."),
        (
            Policy(first_meeting={"*": "pms", "address": "wave"}),
            "- address, where both sides differ at the first meeting: Wave's value counts.",
        ),
        (Policy(), "A customer that is gone from Wave is kept in the Custom PMS."),
        (Policy(), "A customer that is gone from the Custom PMS is kept in Wave."),
        (Policy(deletions="archive"), "gone from Wave is archived in the Custom PMS, unless it was edited there."),
        (Policy(deletions="archive"), "A customer that is gone from the Custom PMS is kept in Wave."),
        (
            Policy(deletions={"wave": "delete"}),
            "gone from the Custom PMS is deleted in Wave, unless it was edited there.",
        ),
        (Policy(deletions={"wave": "recreate"}), "gone from Wave is created there again from the Custom PMS."),
        (Policy(), "A customer that is newly archived in Wave stays active in the Custom PMS."),
        (Policy(archives="mirror"), "newly archived in Wave is archived in the Custom PMS, too, if its API can."),
        (Policy(), "One that has none gets one; a customer that only the Custom PMS has is not created in Wave."),
        (Policy(create_in=()), "no customer is created on either side."),
        (Policy(create_in=("wave", "pms")), "and so does a customer that only the Custom PMS has."),
        (
            Policy(create_in="wave"),
            "One that has none waits for it; a customer that only the Custom PMS has is created",
        ),
        (Policy(match_on=()), "Two customers are linked by a person only; none are matched."),
    ],
)
def test_document_says_what_the_policy_means(policy: Policy, said: str) -> None:
    """What a preference means for conflicts, disappearances, archiving, creations and links is said in words."""
    assert said in MappingRegistry.default().to_rst(policy=policy)


def test_rules_of_groups_stand_where_the_group_is() -> None:
    """A rule for one group is told in the dataflow that has the group, and nowhere else."""
    text = MappingRegistry.default().to_markdown(policy=Policy(conflicts={"address": "pms", "nowhere": "wave"}))

    assert text.count("address, where both sides changed it: the Custom PMS's value counts.") == 1
    assert "nowhere" not in text
    assert text.index("address, where both sides") > text.index("(organisation data)")


def test_html_is_one_fragment_with_the_same_rows() -> None:
    """The HTML is one element with a table for each dataflow, and what came from a user is escaped."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="email", pms="<b>mail</b>", group="<i>&")
    registry.map("customer", wave="fax", pms="fax", group="<i>&")

    text = registry.to_html()

    assert text.startswith("<div><h2>Customers of Wave and of the Custom PMS</h2><p>")
    assert text.count("<table ") == 3
    assert "<tr><td>email</td><td>&lt;b&gt;mail&lt;/b&gt;</td><td>&quot;string&quot;</td></tr>" in text
    assert "<li>Carried as a whole (&lt;i&gt;&amp;): email, fax.</li>" in text
    assert "script" not in text


def test_free_texts_of_users_stay_in_one_line() -> None:
    """A group or a loss that someone wrote in several lines does not tear the document apart."""
    registry = MappingRegistry()
    registry.converter("odd", version="1", read=str, write=str, loses="this\n\nand\x00that")
    for wave in ("email", "fax"):
        registry.map("customer", wave=wave, pms=wave, converter="odd", group="one\r\ntwo")

    text = registry.to_rst()

    assert "- Carried as a whole (one two): email, fax." in text.splitlines()
    assert "- Lost on the way, this and that: email, fax." in text.splitlines()
    assert _parsed(text)
