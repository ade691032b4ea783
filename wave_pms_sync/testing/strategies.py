"""Hypothesis strategies for whole situations: who is there on both sides, and what other users do meanwhile.

    @given(starts(), scripts())
    def test_...(start, script):
        with WaveSandbox(clock=clock) as wave_box, PmsSandbox(clock=clock) as pms_box:
            others = OtherUsers(wave_box, pms_box, clock)
            others.arrive(start)
            ...  # a run
            others.play(script)

Values come from small pools, so that shared mailboxes, twins, empty values, accents composed and decomposed, hard
characters and values that cannot be converted are common. This room needs Hypothesis.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import define, field, frozen
from hypothesis import strategies as st

from wave_pms_sync.mapping.defaults import DEFAULT_ROWS
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing.clock import ManualClock
from wave_pms_sync.testing.nesting import leaves, value_at, with_value
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.wave_sandbox import WaveSandbox

__all__ = ["Edit", "OtherUsers", "Start", "as_pms", "changes", "clashes", "customers", "edits", "scripts", "starts"]

Values = Mapping[str, object]

NAMES: Final = (
    "Ada Lovelace",
    "ada  lovelace",
    "Zo\u00eb \u00c5ngstr\u00f6m",
    "Zoe\u0308 A\u030angstro\u0308m",
    "O'Brien & S\u00f6hne <GmbH>",
    " Grace Hopper ",
    "\u674e\u96f7 \U0001f3a9\u200f",
    "Acme",
)
EMAILS: Final = ("ada@example.com", "ADA@Example.com", "info@acme.example", "grace@example.com", "zo\u00eb@example.com")
PHONES: Final = ("+1 416 555-0100", "14165550100", "0049 30 1234", "ext. only")
WEBSITES: Final = ("https://acme.example/", "acme.example", "http://Ada.example/Path")
ADDRESSES: Final[tuple[Values, ...]] = (
    {"addressLine1": "1 Main St", "city": "Toronto", "postalCode": "M5V 1A1", "country": {"code": "CA"}},
    {"addressLine1": "1 Main St", "city": "Toronto", "province": {"code": "CA-ON"}, "country": {"code": "CA"}},
    {"addressLine1": "9 Elm", "province": {"code": "US-NY"}, "country": {"code": "US"}, "postalCode": "m5v1a1"},
    {"city": "Berlin", "country": {"code": "DE"}},
    {"postalCode": "M5V 1A1"},
)
TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": EMAILS,
    "phone": PHONES,
    "website": WEBSITES,
    "displayId": ("0012", "12"),
    "firstName": ("Ada", "Zo\u00eb"),
    "lastName": ("Lovelace", "Hopper"),
}
"""Single properties and their pools."""

ODD: Final[tuple[Values, ...]] = (
    {"phone": 5550100},
    {"email": ""},
    {"email": ["ada@example.com"]},
    {"name": "   "},
    {"address": {"region_code": "Ontario", "country_code": "CA"}},
    {"address": {"region_code": "US-NY", "country_code": "CA"}},
    {"address": {"country_code": "Canada"}},
    {"website": "\ud800"},
    {"tags": ["vip"], "external": {"crm": 7}},
)
"""What only a PMS holds: blanks, other types, codes that are none, properties of its own."""

MARKS: Final = ("", "", "", "", "copy", "foreign", "orphan", "ours")


@frozen(kw_only=True)
class Start:
    """Who is there before the first run.

    Attributes:
        wave: Customers of Wave, in its read names.
        pms: Customers of the PMS, in its names, each with what its external id is: none, that of the first Wave
            customer (`ours`; a second one is a `copy`), `foreign`, or an `orphan`.
    """

    wave: tuple[Values, ...]
    pms: tuple[tuple[Values, str], ...]


@frozen(kw_only=True)
class Edit:
    """One thing that another user does.

    Attributes:
        side: Where.
        what: `edit`, `add`, `remove`, `archive`, `restore` or `swap` (the e-mails of two customers).
        place: To which customer, counted from the oldest and round again; with `restore`, of those removed or archived.
        values: In the side's names; None clears.
        wait_s: How long after what was before.
    """

    side: Side
    what: str
    place: int = 0
    values: Values = field(factory=dict)
    wait_s: float = 0.0


def as_pms(values: Values) -> dict[str, object]:
    """A customer in Wave's read names as the default mapping names it in a PMS."""
    places = {row.wave: row.pms for row in DEFAULT_ROWS if isinstance(row.wave, str)}
    found: dict[str, object] = {}
    for path, value in leaves(values):
        for wave, pms in places.items():
            if wave == path or (value is None and wave.startswith(f"{path}.")):
                found = _laid(found, pms, value)
    return found


def customers() -> st.SearchStrategy[dict[str, object]]:
    """A customer in Wave's read names; it has a name."""
    optional = {name: st.sampled_from(pool) for name, pool in TEXTS.items()}
    return st.fixed_dictionaries(
        {"name": st.sampled_from(NAMES)},
        optional={**optional, "address": st.sampled_from(ADDRESSES)},
    )


def pms_customers() -> st.SearchStrategy[Values]:
    """A customer in the names of the PMS, sometimes with what only a PMS holds."""
    plain = customers().map(as_pms)
    return plain | st.builds(lambda values, odd: {**values, **odd}, plain, st.sampled_from(ODD))


def starts(most: int = 5, *, least: int = 0) -> st.SearchStrategy[Start]:
    """So many customers on each side."""
    marked = st.tuples(pms_customers(), st.sampled_from(MARKS))
    return st.builds(
        lambda wave, pms: Start(wave=tuple(wave), pms=tuple(pms)),
        st.lists(customers(), min_size=least, max_size=most),
        st.lists(marked, min_size=least, max_size=most),
    )


def changes() -> st.SearchStrategy[dict[str, object]]:
    """One property set or cleared, in Wave's read names. A name is never cleared."""
    cleared: dict[str, object] = {"province": None, "addressLine1": None, "city": None, "postalCode": None}
    one = [st.sampled_from(pool).map(lambda v, n=name: {n: v}) for name, pool in TEXTS.items()]  # type: ignore[misc]
    address = st.sampled_from((*ADDRESSES, {**cleared, "country": None}, {"city": "York"}, {"province": None}))
    return st.one_of(
        *one,
        st.sampled_from(NAMES).map(lambda name: {"name": name}),
        st.sampled_from(sorted(TEXTS)).map(lambda name: {name: None}),
        address.map(lambda values: {"address": values}),
        st.just({}),
    )


def edits() -> st.SearchStrategy[Edit]:
    """One thing that another user does, on either side."""
    place, wait_s = st.integers(0, 7), st.sampled_from((0.0, 1.0, 130.0))
    kinds = st.sampled_from(("remove", "archive", "restore", "swap"))
    odd = st.sampled_from((*ODD, {"name": None}))
    wave, pms, side = st.just(Side.WAVE), st.just(Side.PMS), st.sampled_from(Side)
    edit = st.just("edit")
    return st.one_of(
        st.builds(Edit, side=wave, what=edit, place=place, values=changes(), wait_s=wait_s),
        st.builds(Edit, side=pms, what=edit, place=place, values=changes().map(as_pms), wait_s=wait_s),
        st.builds(Edit, side=wave, what=edit, place=place, values=changes(), wait_s=wait_s),
        st.builds(Edit, side=pms, what=edit, place=place, values=odd, wait_s=wait_s),
        st.builds(Edit, side=wave, what=st.just("add"), values=customers(), wait_s=wait_s),
        st.builds(Edit, side=pms, what=st.just("add"), values=pms_customers(), wait_s=wait_s),
        st.builds(Edit, side=side, what=kinds, place=place, wait_s=wait_s),
    )


def clashes() -> st.SearchStrategy[tuple[Edit, ...]]:
    """Edits of one property on both sides, of customers that stand at the same place."""
    values = st.one_of(
        *[st.tuples(*[st.sampled_from((*pool, None)).map(lambda v, n=n: {n: v})] * 2) for n, pool in TEXTS.items()],  # type: ignore[misc]
        st.tuples(*[st.sampled_from(NAMES).map(lambda name: {"name": name})] * 2),
        st.tuples(*[st.sampled_from(ADDRESSES).map(lambda place: {"address": place})] * 2),
    )
    return st.builds(
        lambda place, waits, both: (
            Edit(side=Side.WAVE, what="edit", place=place, values=both[0], wait_s=waits[0]),
            Edit(side=Side.PMS, what="edit", place=place, values=as_pms(both[1]), wait_s=waits[1]),
        ),
        st.integers(0, 3),
        st.tuples(*[st.sampled_from((0.0, 1.0, 130.0))] * 2),
        values,
    )


def scripts(most: int = 6, *, least: int = 0) -> st.SearchStrategy[tuple[Edit, ...]]:
    """Edits on both sides, every third step a clash of two."""
    single = edits().map(lambda edit: (edit,))
    steps = st.integers(0, 2).flatmap(lambda n: single if n else clashes())
    return st.lists(steps, min_size=least, max_size=most).map(lambda found: tuple(e for step in found for e in step))


@define
class OtherUsers:
    """Those who work in Wave and in the PMS while we are not looking.

    What cannot be done (nobody is there, nobody was removed) is left.

    Args:
        wave: Wave's sandbox.
        pms: The PMS's sandbox.
        clock: The clock of both.
        spared: Ids of records that nobody touches.
    """

    wave: WaveSandbox
    pms: PmsSandbox
    clock: ManualClock
    spared: set[str] = field(factory=set)
    _seen: dict[Side, dict[str, None]] = field(init=False, factory=lambda: {side: {} for side in Side})

    def arrive(self, start: Start) -> None:
        """Make those who are there before the first run; a second passes between them."""
        ids = []
        for values in start.wave:
            ids.append(self.wave.add(values))
            self.clock.advance(1)
        for values, mark in start.pms:
            self.pms.add({**values, **self._marked(mark, ids)})
            self.clock.advance(1)

    def play(self, script: Iterable[Edit]) -> None:
        """Do all of it, in order."""
        for edit in script:
            self.do(edit)

    def do(self, edit: Edit) -> None:
        """Do one thing."""
        self.clock.advance(edit.wait_s)
        box, there = self._box(edit.side), [i for i in self._box(edit.side).customers if i not in self.spared]
        self._seen[edit.side].update(dict.fromkeys(there))
        if edit.what == "add":
            box.add(edit.values)
        elif edit.what == "restore":
            self._restore(edit, there)
        elif there:
            self._change(edit, there)

    def _change(self, edit: Edit, there: list[str]) -> None:
        box, chosen = self._box(edit.side), there[edit.place % len(there)]
        if edit.what == "edit":
            box.edit(chosen, edit.values)
        elif edit.what == "remove":
            box.remove(chosen)
        elif edit.what == "archive":
            box.archive(chosen)
        else:
            other = there[(edit.place + 1) % len(there)]
            mine, theirs = (box.customers[i].get("email") for i in (chosen, other))
            box.edit(chosen, {"email": theirs})
            box.edit(other, {"email": mine})

    def _restore(self, edit: Edit, there: list[str]) -> None:
        box = self._box(edit.side)
        flag = "isArchived" if edit.side is Side.WAVE else "archived"
        away = [i for i in self._seen[edit.side] if i not in there or box.customers[i].get(flag)]
        if away:
            box.restore(away[edit.place % len(away)])

    def _box(self, side: Side) -> WaveSandbox | PmsSandbox:
        return self.wave if side is Side.WAVE else self.pms

    def _marked(self, mark: str, wave_ids: list[str]) -> dict[str, object]:
        """An external id of this sort."""
        if mark in ("ours", "copy") and wave_ids:
            return {"external_id": wave_ids[0]}
        if mark == "orphan":
            gone = self.wave.add({"name": "gone before anybody looked"})
            self.wave.remove(gone)
            return {"external_id": gone}
        return {"external_id": "CRM-0007"} if mark == "foreign" else {}


def _laid(values: Values, path: str, value: object) -> dict[str, object]:
    """With a value at a path; None stays, for it clears."""
    if value is not None:
        return with_value(values, path, value)
    name, _, rest = path.partition(".")
    inner = value_at(values, name)
    return {**values, name: _laid(inner if isinstance(inner, Mapping) else {}, rest, None) if rest else None}
