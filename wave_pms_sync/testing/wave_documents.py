"""What a GraphQL document asks for, told before it is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

from wave_pms_sync.testing.switchboard import Arrival
from wave_pms_sync.testing.wave_shapes import values_of_input

__all__ = ["arrival_of"]

_MUTATIONS = {"customerCreate": "create", "customerPatch": "update", "customerDelete": "delete"}
_RANK = ("create", "update", "delete", "list", "one", "other")


def arrival_of(document: DocumentNode, variables: Mapping[str, object], name: str | None) -> Arrival:
    """What an operation of a valid document wants.

    Several fields in one request make one arrival: it names all ids, and the first of create, update, delete,
    list, one and other that occurs is its operation.
    """
    operation = _operation(document, name)
    if operation is None:
        return Arrival(operation="invalid")
    asker = _Asker(document, {**_defaults(operation), **variables})
    wishes = [wish for field in asker.fields(operation.selection_set) for wish in asker.wishes(field)]
    wishes = sorted(wishes or [Arrival(operation="other")], key=lambda wish: _RANK.index(wish.operation))
    return Arrival(
        operation=wishes[0].operation,
        ids=tuple(dict.fromkeys(one for wish in wishes for one in wish.ids)),
        written={name: value for wish in reversed(wishes) for name, value in wish.written.items()},
        next_page=any(wish.next_page for wish in wishes),
    )


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        found = [node for node in found if node.name is not None and node.name.value == name]
    return found[0] if len(found) == 1 else None


def _defaults(operation: OperationDefinitionNode) -> dict[str, object]:
    result = {}
    for node in operation.variable_definitions or ():
        if node.default_value is not None:
            result[node.variable.name.value] = value_from_ast_untyped(node.default_value)
    return result


class _Asker:
    """Reads fields and their arguments out of one document."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, object]) -> None:
        self._variables = dict(variables)
        self._fragments = {
            node.name.value: node.selection_set
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def fields(self, selected: SelectionSetNode | None) -> Iterator[FieldNode]:
        """The fields of a selection, those of its fragments included."""
        for node in selected.selections if selected is not None else ():
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self.fields(self._fragments.get(node.name.value))
            else:
                yield from self.fields(getattr(node, "selection_set", None))

    def wishes(self, field: FieldNode) -> Iterator[Arrival]:
        """What one field of the root wants."""
        name = field.name.value
        if name in _MUTATIONS:
            yield _write(_MUTATIONS[name], self._arguments(field).get("input"))
        elif name == "business":
            for inner in self.fields(field.selection_set):
                yield from self._read(inner)

    def _read(self, field: FieldNode) -> Iterator[Arrival]:
        arguments = self._arguments(field)
        if field.name.value == "customers":
            page = arguments.get("page")
            yield Arrival(operation="list", next_page=isinstance(page, int) and page > 1)
        elif field.name.value == "customer":
            yield Arrival(operation="one", ids=(str(arguments.get("id")),))

    def _arguments(self, field: FieldNode) -> dict[str, object]:
        return {node.name.value: value_from_ast_untyped(node.value, self._variables) for node in field.arguments or ()}


def _write(operation: str, given: object) -> Arrival:
    values = given if isinstance(given, Mapping) else {}
    named = values.get("id")
    ids = (named,) if isinstance(named, str) else ()
    return Arrival(operation=operation, ids=ids, written=values_of_input(values))
