"""What our own documents ask of Wave's schema, read off the documents themselves, so that it is never stale."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

_FRAGMENT = re.compile(r"fragment (\w+) on \w+ \{(.*)\}", re.DOTALL)


@frozen
class Asked:
    """One field that a document asks for.

    Attributes:
        arguments: The GraphQL type of what is handed in, by argument.
        fields: What is asked for inside it; empty for a plain value.
    """

    arguments: Mapping[str, str] = field(factory=dict)
    fields: Mapping[str, Asked] = field(factory=dict)


def asked(document: str) -> dict[str, Asked]:
    """The outermost fields of one of our documents, with what is inside them; aliases are left out.

    It reads the form that `documents` writes, not all of GraphQL: values travel as variables, and a fragment
    comes last.
    """
    operation = _FRAGMENT.sub("", document)
    head, _, body = operation.partition("{")
    for name, inside in _FRAGMENT.findall(document):
        body = body.replace(f"...{name}", inside)
    types = dict(re.findall(r"\$(\w+): ([\w\[\]!]+)", head))
    return _fields(iter(re.findall(r"\$?\w+:?|[{}()]", body)), types)


def _fields(words: Iterator[str], types: Mapping[str, str]) -> dict[str, Asked]:
    found: dict[str, Asked] = {}
    name = ""
    for word in words:
        if word == "}":
            break
        if word == "{":
            found[name] = evolve(found[name], fields=_fields(words, types))
        elif word == "(":
            found[name] = evolve(found[name], arguments=_arguments(words, types))
        elif not word.endswith(":"):  # an alias
            name = word
            found[name] = Asked()
    return found


def _arguments(words: Iterator[str], types: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for word in words:
        if word == ")":
            break
        if word.endswith(":"):
            name = word.removesuffix(":")
        else:
            found[name] = types[word.removeprefix("$")]
    return found
