"""What the settings of a profile may look like, and the check that every section of it shares."""

from __future__ import annotations

from attrs import frozen

from wave_pms_sync.declared.rules import Rule, list_of, one_of, table_of, text, whole_number
from wave_pms_sync.declared.sections import broken_rules
from wave_pms_sync.declared.table import Table
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.pms.lookup import is_place
from wave_pms_sync.pms.templates import table_template, text_template

_WHERE = "names joined by dots, [0] or [type=mobile] for an item of a list"

VERB = text(r"[A-Z]{3,16}", "an HTTP verb in capitals")
PLACE = Rule(str, f'{_WHERE}; "" for the whole', lambda value: is_place(str(value)))
OPTIONAL_PLACE = Rule(str, f'{_WHERE}; "" if the API has none', lambda value: is_place(str(value)))
KEYS = text(r"[^\s.]+([ .][^\s.]+)*", "names joined by dots")
HEADER = text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]*", 'the name of a header; "" if the API has none')
MEDIA_TYPE = text(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.-]+)*", "a media type")
WORDS = table_of(text(r"[ -~]*", "printable ASCII"), text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "names of headers"))
STATUSES = list_of(whole_number(200, 599))
PLACES = list_of(KEYS)
SCALARS = Rule(
    tuple,
    "a list of texts, whole numbers, true, false or null",
    lambda value: isinstance(value, tuple) and all(type(item) in {str, int, bool, type(None)} for item in value),
)


def _only(value: object) -> bool:
    return SCALARS.kind is type(value) and SCALARS.holds(value) if isinstance(value, tuple) else SCALARS.holds((value,))


CONDITIONS = Rule(
    Table,
    "a table of places, each with the value that lies there, or a list of values: texts, whole numbers, true or false",
    lambda value: (
        isinstance(value, Table)
        and all(place and is_place(place) for place in value)
        and all(map(_only, value.values()))
    ),
)
ID_TYPE = one_of("text", "integer")


def path_rule(*names: str) -> Rule:
    """The rule of a path below the base URL, with these placeholders."""
    form = r"(?:(?!.*/\.\.?(?:/|\Z))(?:/|\{path\}|\{one_path\})[^\s?#\\]*)?"
    return text_template(*names, form=form, said='a path from "/", without dots, query or fragment')


def query_rule(*names: str) -> Rule:
    """The rule of query parameters with these placeholders; tables and lists among them are written as JSON."""
    return table_template(*names, keys=r"[^\s&=#]+", flat=True, nested=True)


def headers_rule(*names: str) -> Rule:
    """The rule of request headers with these placeholders."""
    return table_template(*names, keys=r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", flat=True)


def body_rule(*names: str) -> Rule:
    """The rule of a JSON body with these placeholders."""
    return table_template(*names, keys=r"(?s:.+)")


@frozen(kw_only=True)
class Section:
    """A table of settings that checks itself.

    Raises:
        ConfigurationError: Settings break their rules; all of them are named.
    """

    def __attrs_post_init__(self) -> None:
        if faults := sorted(broken_rules(self)):
            raise ConfigurationError(f"PMS profile, {type(self).__name__}", faults)
