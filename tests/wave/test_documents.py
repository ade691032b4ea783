"""The GraphQL documents that are sent to Wave."""

from __future__ import annotations

from importlib.resources import files

import pytest
from graphql import FieldNode, ValueNode, VariableNode, build_schema, parse, validate, visit
from graphql.language import Visitor

from wave_pms_sync.wave.operations import documents

SCHEMA = build_schema((files("wave_pms_sync.testing") / "wave.graphql").read_text())
DOCUMENTS = {
    "list": documents.list_customers(amounts=True),
    "read one": documents.read_customers(1, amounts=True),
    "read several": documents.read_customers(20, amounts=True),
    "create": documents.create_customer(amounts=True),
    "patch": documents.patch_customer(amounts=True),
    "delete": documents.delete_customer(),
    "businesses": documents.list_businesses(),
    "list without amounts": documents.list_customers(amounts=False),
    "read without amounts": documents.read_customers(2, amounts=False),
    "create without amounts": documents.create_customer(amounts=False),
    "patch without amounts": documents.patch_customer(amounts=False),
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_document_fits_waves_schema(document):
    """Each document is valid against Wave's schema."""
    assert validate(SCHEMA, parse(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_values_travel_as_variables_only(document):
    """No document holds a value of its own; every argument is a variable."""
    literals = []

    class Search(Visitor):
        def enter(self, node, *_):
            if isinstance(node, ValueNode) and not isinstance(node, VariableNode):
                literals.append(node)

    visit(parse(document), Search())

    assert literals == []


@pytest.mark.parametrize("name", ["list", "read one", "read several", "create", "patch"])
def test_every_customer_is_asked_for_whole(name):
    """Wherever a customer is shown, all its properties but the old id and the business are asked for."""
    asked = set()

    class Search(Visitor):
        def enter_fragment_definition(self, node, *_):
            asked.update(n.name.value for n in node.selection_set.selections if isinstance(n, FieldNode))

    visit(parse(DOCUMENTS[name]), Search())

    assert asked == set(SCHEMA.type_map["Customer"].fields) - {"internalId", "business"}


def test_amounts_can_be_left_out():
    """Without the amounts nothing of them is asked for."""
    assert "Amount" not in "".join(text for name, text in DOCUMENTS.items() if "without" in name)
    assert "overdueAmount" in DOCUMENTS["list"]


@pytest.mark.parametrize(
    ("document", "writes"),
    [
        ("{ user { id } }", False),
        ("query A { user { id } }", False),
        ("mutation { customerDelete { didSucceed } }", True),
        ('fragment F on User { id } mutation M($a: ID = "}") { a }', True),
        ("query mutations { mutation }", False),
        ("# mutation\nquery { user { id } }", False),
        ('query { a(text: "} mutation {") }', False),
        ('query { a(text: """ "} mutation {" \\""" """) }', False),
        (documents.patch_customer(amounts=True), True),
        (documents.list_customers(amounts=True), False),
    ],
)
def test_a_mutation_is_recognised(document, writes):
    """A document counts as a write if one of its operations is a mutation, whatever names and texts say."""
    assert documents.is_mutation(document) is writes
