"""Tables of the documentation, printed from the code itself.

    python docs/tables.py

writes each of them into its page, between `<!-- table NAME -->` and `<!-- end -->`. A test compares them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from inspect import cleandoc, getdoc, getsource, signature
from itertools import product
from pathlib import Path
from typing import Final

import attrs

from wave_pms_sync import Guards, MappingRegistry, PmsProfile, Policy, errors
from wave_pms_sync.declared.sections import rules_of, sections_of
from wave_pms_sync.declared.table import Table, plain_data
from wave_pms_sync.mapping.converters.stock import CATALOGUE, STOCK
from wave_pms_sync.mapping.data_types import DATA_TYPES
from wave_pms_sync.mapping.linting.lint import RULES as LINT
from wave_pms_sync.mapping.places.tables import LANGUAGES
from wave_pms_sync.mapping.schema import SCHEMA
from wave_pms_sync.model.fields import Cell, Direction, Field
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.presets import PRESETS
from wave_pms_sync.reconcile.groups import EDITS, GroupLook, Ruling, rule
from wave_pms_sync.reconcile.table import DECISIONS, Change
from wave_pms_sync.testing.faults import OPERATIONS, RULES, Fault
from wave_pms_sync.wave.settings import WaveSettings

DOCS: Final = Path(__file__).parent
_JSON_TYPES: Final = {str: "string", bool: "boolean", int: "integer", Table: "object", tuple: "array"}
_MARK: Final = re.compile(r"(<!-- table (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
Row = Sequence[object]


# --- what pairs and groups come to -----------------------------------------------------------------


def decisions() -> str:
    """The decision table for linked pairs: a row for each change on Wave, a column for each in the PMS."""
    head = ["Wave \\ PMS", *(str(pms) for pms in Change)]
    return table(head, [[f"**{wave}**", *(DECISIONS[wave, pms] for pms in Change)] for wave in Change])


def edits() -> str:
    """What becomes of a group that was agreed on before, asked of the code for every case."""
    names = {False: "-", True: "edited"}
    rows: list[Row] = [["-", "-", "", "any", "nothing"]]
    for (wave, pms), alike, direction in product(EDITS, (True, False), (Direction.BOTH, Direction.TO_PMS)):
        if (wave or pms) and not (alike and direction is not Direction.BOTH):
            look = _edited(wave, pms, alike, direction)
            rows.append([names[wave], names[pms], "yes" if alike else "no", _travels(direction, alike), _told(look)])
    return table(["Wave", "PMS", "now alike", "travels", "what follows"], rows)


def _edited(wave: bool, pms: bool, alike: bool, direction: Direction) -> GroupLook:
    """A group of which either side may have left its own baseline."""
    agreed = ("as Wave had it", "as the PMS had it")
    met = "new" if wave and pms else agreed[int(wave)]
    here = agreed[0] if not wave else met if alike else "new"
    there = agreed[1] if not pms else met if alike else "other"
    return _look(here, there, direction, agreed)


def meetings() -> str:
    """What becomes of a group at first meeting, asked of the code for every case."""
    cases = {"the same": ("a", "a"), "only in Wave": ("a", None), "only in the PMS": (None, "a"), "two": ("a", "b")}
    rows = [
        [name, _travels(direction, alike=name == "the same"), _told(_look(*values, direction))]
        for name, values in cases.items()
        for direction in (Direction.BOTH, Direction.TO_PMS)
        if not (name == "the same" and direction is Direction.TO_PMS)
    ]
    return table(["values", "travels", "what follows"], rows)


def _travels(direction: Direction, alike: bool) -> str:
    return "any" if alike else "both ways" if direction is Direction.BOTH else "to the PMS only"


def _look(wave: str | None, pms: str | None, direction: Direction, agreed: tuple[str, str] | None = None) -> GroupLook:
    field = Field(id="f", name="phone", group="phone", direction=direction)
    return GroupLook(
        group="phone",
        fields=(field,),
        wave={"f": _cell(wave)},
        pms={"f": _cell(pms)},
        base_wave=None if agreed is None else {"f": _cell(agreed[0])},
        base_pms=None if agreed is None else {"f": _cell(agreed[1])},
    )


def _cell(value: str | None) -> Cell:
    return Cell(raw=value, value=value, key=value)


def _told(look: GroupLook) -> str:
    """The ruling under two policies, since only a policy's word tells a choice from a rule."""
    found = [rule(look, Policy(conflicts=choice, first_meeting=choice)) for choice in ("hold", "wave")]
    if found[0].verdict != found[1].verdict:
        meeting = look.base_wave is None
        return f"the policy `{'first_meeting' if meeting else 'conflicts'}` chooses, or it is held"
    return f"{_verdict(found[0])}: {found[0].rule}"


def _verdict(ruling: Ruling) -> str:
    if ruling.to is not None:
        return f"write it to {'the PMS' if ruling.to is Side.PMS else 'Wave'}"
    return {"agree": "remember both values, write nothing", "rest": "nothing"}[ruling.verdict.value]


# --- settings --------------------------------------------------------------------------------------


def policy() -> str:
    """All preferences with their defaults."""
    return table(["setting", "default", "meaning"], _settings(Policy, skip={"guards"}))


def guards() -> str:
    """The guards with their defaults."""
    return table(["guard", "default", "meaning"], _settings(Guards))


def profile() -> str:
    """What a profile can say of an API, with the default conventions."""
    return table(["setting", "default", "meaning"], list(_profiled(PmsProfile)))


def _profiled(kind: type[attrs.AttrsInstance], above: str = "") -> Iterator[Row]:
    told, values = attributes(kind), kind()
    for name in rules_of(kind):
        default = json.dumps(plain_data(getattr(values, name)), ensure_ascii=False)
        yield [f"`{above}{name}`", f"`{default}`", told[name]]
    for name, inner in sections_of(kind).items():
        yield [f"**`{above}{name}`**", "", _first_line(inner)]
        yield from _profiled(inner, f"{above}{name}.")


def profile_schema() -> dict[str, object]:
    """A JSON Schema of profiles, for editors; what it cannot say is checked when a profile is built."""
    preset = {"description": "A preset that the profile is laid over.", "enum": list(PRESETS)}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Profile of a PMS"}
    body = _schema_of(PmsProfile)
    properties = body["properties"]
    return {**head, **body, "properties": {"preset": preset, **(properties if isinstance(properties, dict) else {})}}


def _schema_of(kind: type[attrs.AttrsInstance]) -> dict[str, object]:
    told, values = attributes(kind), kind()
    properties: dict[str, object] = {}
    for name, rule_ in rules_of(kind).items():
        facts: dict[str, object] = {"description": told[name], "type": _JSON_TYPES[rule_.kind]}
        facts |= {"enum": list(rule_.choices)} if rule_.choices else {}
        properties[name] = {**facts, "default": plain_data(getattr(values, name))}
    for name, inner in sections_of(kind).items():
        properties[name] = {"description": _first_line(inner), **_schema_of(inner)}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def presets() -> str:
    """The presets, with what each lays over the defaults."""
    rows = [[f"`{name}`", f"`{json.dumps(PmsProfile.preset(name).to_dict(brief=True))}`"] for name in PRESETS]
    return table(["preset", "what it says"], rows)


def wave() -> str:
    """What Wave does not document: the assumption, and where it comes from."""
    rows = []
    for name, default, told in _settings(WaveSettings):
        meaning, _, source = str(told).partition(" Source: ")
        rows.append([name, default, meaning, source])
    return table(["setting", "default", "meaning", "source"], rows)


def _settings(kind: type[attrs.AttrsInstance], skip: frozenset[str] | set[str] = frozenset()) -> list[list[object]]:
    told = attributes(kind)
    values = kind()
    names = [field.name for field in attrs.fields(kind) if field.name not in skip]
    return [[f"`{name}`", f"`{_plain(getattr(values, name))!r}`", told[name]] for name in names]


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


def attributes(kind: type[object]) -> dict[str, str]:
    """What the docstring of a class says of each attribute."""
    text = (getdoc(kind) or "").partition("Attributes:\n")[2]
    found: dict[str, str] = {}
    name = ""
    for line in cleandoc(text).splitlines():
        if match := re.match(r"(\w+): (.*)", line):
            name = match[1]
            found[name] = match[2]
        elif line.strip():
            found[name] += " " + line.strip()
    return found


# --- the rest --------------------------------------------------------------------------------------


def mapping() -> str:
    """The default mapping."""
    arrows = {"both": "<->", "to_pms": "->", "to_wave": "<-", "read_only": "read only"}
    rows = [
        [
            row.facet,
            ", ".join(row.wave),
            arrows[row.direction.value],
            ", ".join(row.pms),
            row.converter.name,
            "yes" if row.enabled else "off",
        ]
        for row in MappingRegistry.default().maps
    ]
    return table(["facet", "Wave property", "travels", "Custom PMS property", "converter", "in use"], rows)


def lint() -> str:
    """What the lint of a mapping looks for."""
    return table(["rule", "why"], [[f"`{rule.__name__}`", getdoc(rule)] for rule in LINT])


def converters() -> str:
    """The stock converters, with what each carries, takes and loses."""
    stock = {made.name: type(getattr(made.read, "__self__", None)) for made in STOCK.values()}
    rows = [
        [f"`{name}`", _carries(name, kind), _parameters(kind) if name in CATALOGUE else "", _loses(name)]
        for name, kind in sorted({**CATALOGUE, **stock}.items())
    ]
    return table(["converter", "carries", "parameters", "loses"], rows)


def _carries(name: str, kind: type) -> str:
    compare = getattr(getattr(STOCK[name].read, "__self__", None), "compare", None) if name in STOCK else None
    if compare is not None:
        return f"text as it is written; compared {_first_line(compare).rstrip('.').lower()}"
    return _first_line(kind).rstrip(".")


def _parameters(kind: type) -> str:
    told = signature(kind).parameters.values()
    return ", ".join(
        f"`{one.name}`" if one.default is one.empty else f"`{one.name}={_said(one.default)}`" for one in told
    )


def parameters() -> str:
    """What each parameter of a stock converter means."""
    rows = [
        [f"`{name}`", f"`{parameter}`", meaning]
        for name, kind in CATALOGUE.items()
        for parameter, meaning in _attributes(kind)
        if parameter in signature(kind).parameters
    ]
    return table(["converter", "parameter", "meaning"], rows)


def _attributes(kind: type) -> list[tuple[str, str]]:
    """The parameters that a docstring tells of, each with what it says."""
    told = (getdoc(kind) or "").partition("Attributes:\n")[2].partition("\n\n")[0]
    parts = re.findall(r"^ {4}(\w+): (.*(?:\n {8,}.*)*)", told, re.MULTILINE)
    return [(name, " ".join(text.split())) for name, text in parts]


def _said(default: object) -> str:
    return json.dumps(default, default=lambda value: list(value) if value else {})


def _loses(name: str) -> str:
    return STOCK[name].loses or "nothing" if name in STOCK else "see its parameters"


def data_types() -> str:
    """The data types, and the converter that each calls for."""
    rows = [
        [f"`{kind.name}`", kind.wire, "; ".join(f"{of}: {_named(name)}" for of, name in kind.converters.items())]
        for kind in DATA_TYPES.values()
    ]
    return table(["type", "on the wire", "converter, by what Wave holds"], rows)


def _named(name: object) -> str:
    return f"`{name}`" if name else "that of the property"


def rooms() -> str:
    """The layers that import-linter checks, highest first, each room with its one reason to change."""
    layers = re.search(
        r"^layers = \[\n(.*?)^\]", (DOCS.parent / "pyproject.toml").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    floors = re.findall(r'"([^"]+)"', layers[1] if layers else "")
    rows: list[Row] = [["face", "`wave_pms_sync`", "The names that users import."]]
    heights = range(len(floors) - 1, -1, -1)
    placed = [(at, room) for at, floor in zip(heights, floors, strict=True) for room in floor.split(" | ")]
    rows += [[at, f"`{room}`", _first_line(import_module(f"wave_pms_sync.{room}"))] for at, room in placed]
    return table(["floor", "room", "what it is for"], rows)


def error_leaves() -> str:
    """The errors that may reach a user."""
    kinds = [getattr(errors, name) for name in errors.__all__]
    leaves = [kind for kind in kinds if issubclass(kind, errors.SyncError) and kind is not errors.SyncError]
    rows = [
        [f"`{kind.__name__}`", f"`{kind.code}`", "yes" if kind.retryable else "", _first_line(kind)] for kind in leaves
    ]
    return table(["error", "`code`", "`retryable`", "what happened"], rows)


def faults() -> str:
    """The faults that a sandbox can be told."""
    told = dict(re.findall(r'^    (\w+) = "\w+"\n    """(.*?)"""', getsource(Fault), re.MULTILINE | re.DOTALL))
    rows = [
        [f"`{kind.name}`", rule_.side or "both", rule_.within, " ".join(told[kind.name].split())]
        for kind, rule_ in RULES.items()
    ]
    assert {rule_.within for rule_ in RULES.values()} <= set(OPERATIONS)  # noqa: S101  # the third column's words
    return table(["fault", "sandbox", "strikes", "what happens"], rows)


def _first_line(thing: object) -> str:
    return (getdoc(thing) or "").split("\n")[0]


# --- printing --------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(_escaped(cell) for cell in line) + " |\n" for line in lines)


def _escaped(cell: object) -> str:
    return str(cell).replace("|", "\\|")


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "decisions": decisions,
    "edits": edits,
    "meetings": meetings,
    "policy": policy,
    "guards": guards,
    "profile": profile,
    "presets": presets,
    "wave": wave,
    "mapping": mapping,
    "converters": converters,
    "parameters": parameters,
    "languages": lambda: ", ".join(f"`{tag}`" for tag in sorted(LANGUAGES)) + "\n",
    "data-types": data_types,
    "lint": lint,
    "rooms": rooms,
    "errors": error_leaves,
    "faults": faults,
}


def pages() -> Iterator[tuple[Path, str]]:
    """Each page that holds a table, and how it should read; and the schemas of mapping and profile files."""
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if _MARK.search(text):
            yield path, _MARK.sub(lambda found: f"{found[1]}\n{TABLES[found['name']]()}\n{found[3]}", text)
    yield DOCS / "reference" / "mapping.schema.json", json.dumps(dict(SCHEMA), indent=2) + "\n"
    yield DOCS / "reference" / "profile.schema.json", json.dumps(profile_schema(), indent=2) + "\n"


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(DOCS))
