"""What an error answer says of single fields, whatever its form; pure. Nothing a server said is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from wave_pms_sync.errors import FieldFault
from wave_pms_sync.http.decoding import Unreadable
from wave_pms_sync.http.messages import Response
from wave_pms_sync.pms.conventions.manners import Errors
from wave_pms_sync.pms.lookup import at, named

# Servers put sentences where a name belongs, and a sentence may quote a customer.
_PROPERTY = re.compile(r"[\w-]{1,64}(\.[\w-]{1,64}){0,9}")
_CODE = re.compile(r"[\w.:/#-]{1,120}")
_IN_FORM = re.compile(r"\[([\w-]{0,64})\]")  # `customer[address][city]`, and `phones[]`
_NAMES = ("pointer", "field", "path", "loc", "target", "source.pointer", "property", "name")
_MESSAGES = ("detail", "message", "msg", "title", "description")


def problem_of(response: Response) -> Mapping[str, object]:
    """The body of an error as an object; empty if it is none."""
    try:
        problem = response.json()
    except Unreadable:
        return {}
    return problem if isinstance(problem, Mapping) else {}


def code_of(problem: Mapping[str, object], errors: Errors) -> str:
    """The API's own code for an error; empty if it gave none that is fit to be shown."""
    return _shown_code([at(problem, errors.code)] if errors.code else [problem.get("code"), problem.get("type")])


def faults_of(response: Response, errors: Errors, ignored: Sequence[str] = ()) -> tuple[FieldFault, ...]:
    """The fields that an error names; one without a path if it names none.

    Args:
        response: The error.
        errors: Where the API puts what.
        ignored: Names before a field that lead through the wrapping of a request, each dotted.
    """
    problem = problem_of(response)
    told = at(problem, errors.fields) if errors.fields else _fields_among(problem)
    found = tuple(_listed(told) if isinstance(told, list) else _by_property(told))
    # At a stated place a word is a name; at the one where most APIs keep lists it may as well be a message.
    alone = _path(told) if isinstance(told, str) and errors.fields != Errors().fields else ""
    if alone:
        found = (FieldFault(path=alone, code=code_of(problem, errors), message=_told(problem, errors)),)
    if found:
        prefixes = [f"{name}." for name in (*ignored, errors.ignore) if name]
        return tuple(FieldFault(path=_stripped(f.path, prefixes), code=f.code, message=f.message) for f in found)
    code = code_of(problem, errors) or str(response.status)
    return (FieldFault(path="", code=code, message=_told(problem, errors)),)


def _told(problem: Mapping[str, object], errors: Errors) -> str:
    message = named(problem, errors.message)
    return message if isinstance(message, str) else _message(problem)


def _listed(told: list[object]) -> Iterator[FieldFault]:
    for error in told:
        if isinstance(error, Mapping):
            place = next((at(error, name) for name in _NAMES if at(error, name)), "")
            yield FieldFault(path=_path(place), code=_code(error), message=_message(error))
        else:
            yield FieldFault(path="", message=str(error))


def _by_property(told: object, above: str = "") -> Iterator[FieldFault]:
    for name, messages in told.items() if isinstance(told, Mapping) else ():
        for message in messages if isinstance(messages, list) else [messages]:
            if not isinstance(message, Mapping):
                yield FieldFault(path=_path(f"{above}{name}"), message=str(message))
            elif _code(message) or _message(message):
                yield FieldFault(path=_path(f"{above}{name}"), code=_code(message), message=_message(message))
            else:
                yield from _by_property(message, f"{above}{name}.")


def _fields_among(problem: Mapping[str, object]) -> Mapping[str, object]:
    """Fields named at the top of an error stand with lists or objects; other members are about the whole."""
    return {name: told for name, told in problem.items() if isinstance(told, (list, Mapping))}


def _stripped(path: str, prefixes: Sequence[str]) -> str:
    for prefix in prefixes:
        path = path.removeprefix(prefix)
    return path


def _path(place: object) -> str:
    if isinstance(place, list):
        dotted = ".".join(str(part) for part in place)
    elif isinstance(place, str) and place.startswith(("/", "#/")):
        pointer = unquote(place[1:]) if place.startswith("#") else place
        dotted = ".".join(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))
    else:
        dotted = _IN_FORM.sub(r".\1", str(place)).removesuffix(".")
    return dotted if _PROPERTY.fullmatch(dotted) else ""


def _code(error: Mapping[str, object]) -> str:
    return _shown_code([error.get("code"), error.get("type")])


def _shown_code(candidates: Sequence[object]) -> str:
    codes = (str(found or "") for found in candidates)
    return next((code for code in codes if _CODE.fullmatch(code) and code != "about:blank"), "")


def _message(error: Mapping[str, object]) -> str:
    found = (error.get(key) for key in _MESSAGES)
    return next((text for text in found if isinstance(text, str) and text), "")
