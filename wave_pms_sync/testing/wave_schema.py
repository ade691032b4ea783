"""Wave's schema and the documents asked of it, each read once. Only the Wave sandbox's rooms know graphql-core."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import cast

from attrs import frozen
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    build_schema,
    get_named_type,
    parse,
    specified_rules,
    validate,
)

__all__ = ["Prepared", "checked_values", "object_type", "prepared", "schema"]

_SET_BY_SERVER = {"id", "internalId", "business", "createdAt", "modifiedAt", "isArchived"}


@frozen
class Prepared:
    """A document that was parsed and validated.

    Attributes:
        document: None if it is not GraphQL.
        errors: What is wrong with it, in Wave's shape.
    """

    document: DocumentNode | None
    errors: tuple[Mapping[str, object], ...]


@lru_cache(maxsize=8)
def schema(sdl: str | None = None) -> GraphQLSchema:
    """A schema without resolvers: this one, or the one we know."""
    known = files("wave_pms_sync.testing").joinpath("wave.graphql")
    return build_schema(known.read_text(encoding="utf-8") if sdl is None else sdl)


@lru_cache(maxsize=512)
def prepared(text: str, sdl: str | None = None, *, introspection: bool = True) -> Prepared:
    """Parse and validate a document.

    Source: Wave developer portal, Errors (GRAPHQL_VALIDATION_FAILED); the code for bad syntax is assumed.

    Args:
        text: The document.
        sdl: The schema, if it is another than the one we know.
        introspection: Whether it may ask for the schema.
    """
    try:
        document = parse(text)
    except GraphQLError as error:
        return Prepared(None, (_shown(error, "GRAPHQL_PARSE_FAILED"),))
    rules = specified_rules if introspection else [*specified_rules, NoSchemaIntrospectionCustomRule]
    errors = validate(schema(sdl), document, rules)
    return Prepared(document, tuple(_shown(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))


def _shown(error: GraphQLError, code: str) -> Mapping[str, object]:
    return {**error.formatted, "extensions": {"code": code}}


def checked_values(values: Mapping[str, object]) -> dict[str, object]:
    """A customer's values in read names as another user of Wave could have entered them, held against the schema.

    Blank text is kept as None. Names of countries and provinces are dropped: they follow from the codes.

    Raises:
        ValueError: A property does not exist, is set by the server, or has a value of another type.
    """
    own = sorted(_SET_BY_SERVER & set(values))
    if own:
        raise ValueError(f"Wave sets {', '.join(own)} itself; use created_at=, archive() or restore()")
    return _checked(values, object_type("Customer"), "")


def _checked(values: Mapping[str, object], kind: GraphQLObjectType, prefix: str) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, value in values.items():
        field = kind.fields.get(name)
        if field is None:
            raise ValueError(f"Wave's {kind.name} has no property {prefix}{name} (it has {', '.join(kind.fields)})")
        if "code" in kind.fields and name != "code":
            continue
        result[name] = _checked_value(value, get_named_type(field.type), f"{prefix}{name}")
    return result


def _checked_value(value: object, kind: object, path: str) -> object:
    if value is None or value == "":
        return None
    if isinstance(kind, GraphQLObjectType):
        if not isinstance(value, Mapping):
            raise ValueError(f"{path} is an object of Wave's schema; give a mapping")
        return _checked(value, kind, f"{path}.")
    if isinstance(kind, GraphQLEnumType) and value not in kind.values:
        raise ValueError(f"{path}: {kind.name} has no member {value!r}")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{path} takes text, not {type(value).__name__}")
    if not isinstance(value, str) and str(kind) == "String":
        raise ValueError(f"{path} takes text, not {type(value).__name__}")
    return value


def object_type(name: str) -> GraphQLObjectType:
    """An object type of the schema we know."""
    return cast("GraphQLObjectType", schema().type_map[name])
