"""Entries as text, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.model.fields import MISSING, Forgotten
from wave_pms_sync.model.links import Agreement, Baseline
from wave_pms_sync.model.memory import Entry, Intent, IntentKind, JournalEntry
from wave_pms_sync.model.side import Side
from wave_pms_sync.stores import codec
from wave_pms_sync.stores.codec import from_text, make_converter, moment_text, to_text
from wave_pms_sync.stores.kinds import KINDS
from wave_pms_sync.stores.sqlite_tables import table
from wave_pms_sync.testing.entries import HARD_VALUES, NOON

Strategy = Callable[[type[Entry]], "st.SearchStrategy[Entry]"]


@pytest.fixture(autouse=True)
def made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The converter is made once, when it is imported; here each test has one of its own, made as that one is."""
    monkeypatch.setattr(codec, "_CONVERTER", make_converter())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_entry_comes_back(kind: type[Entry], entry_strategy: Strategy) -> None:
    """An entry of any kind, with any values, is read from its text as it was, types of numbers included."""

    @settings(deadline=None)  # other processes may be busy
    @given(entry_strategy(kind))
    def law(entry: Entry) -> None:
        text = to_text(entry)

        found = from_text(kind, text)

        assert found == entry
        assert to_text(found) == text

    law()


@pytest.mark.parametrize("value", HARD_VALUES, ids=lambda value: repr(value)[:20])
def test_a_value_keeps_its_type(value: object) -> None:
    """A value is read back as the same value of the same type, alone and inside another one."""
    entry = Agreement(wave_id="w1", baselines={"f": Baseline(wave=value, pms=(value, [value], {"k": value}))})

    found = from_text(Agreement, to_text(entry)).baselines["f"]

    assert repr((found.wave, found.pms)) == repr((value, (value, [value], {"k": value})))


def test_text_that_is_not_unicode_is_kept_in_values() -> None:
    """A lone surrogate, which JSON allows and UTF-8 does not, is kept in a value: one bad record must stop no run."""
    entry = Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="w1", body={"name": "\ud800"})

    text = to_text(entry)

    assert text.isascii()
    assert from_text(Intent, text) == entry


@pytest.mark.parametrize("value", [object(), {1: "secret"}, {"secret"}, b"secret", datetime(2024, 1, 1)])  # noqa: DTZ001
def test_what_cannot_be_kept_is_named_without_its_value(value: object) -> None:
    """A value that no store can keep is refused with the entry's kind and key; the value itself is not told."""
    entry = Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="w1", values={"name": [value]})

    with pytest.raises(StoreUnusable, match="Intent 'create:wave:w1'") as caught:
        to_text(entry)

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("wave", "pms"), [(1, True), (0, False), (1, 1.0), ("", None), (MISSING, None), ([1], [True])])
def test_values_that_only_compare_equal_stay_apart(wave: object, pms: object) -> None:
    """A baseline on which both sides reported nearly the same comes back with the types that each reported."""
    written = to_text(Agreement(wave_id="w1", baselines={"f": Baseline(wave=wave, pms=pms)}))

    read = from_text(Agreement, written, "w1").baselines["f"]

    assert (repr(read.wave), repr(read.pms)) == (repr(wave), repr(pms))


def test_what_is_the_same_is_written_once() -> None:
    """A text on which both sides agree, and a default, take the room of one."""
    agreed = to_text(Agreement(wave_id="w1", baselines={"f": Baseline(wave="Ada", pms="Ada")}))

    assert agreed == '{"wave_id":"w1","baselines":{"f":["Ada"]}}'


def test_moments_sort_as_their_texts_do() -> None:
    """A moment is written in UTC to the microsecond, also where there is none, so that texts sort as moments do."""
    elsewhere = NOON.replace(microsecond=0).astimezone(timezone(timedelta(hours=5)))

    assert moment_text(elsewhere) == "2026-03-01T12:00:00.000000+00:00"
    assert moment_text(elsewhere) < moment_text(NOON)


def test_a_moment_without_zone_is_refused() -> None:
    """A naive moment, of which nobody knows what it means, is not stored."""
    entry = JournalEntry(run_id="r1", number=1, at=NOON.replace(tzinfo=None), kind="update")

    with pytest.raises(StoreUnusable, match="JournalEntry 'r1' 1"):
        to_text(entry)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "{}"),
        '{"wave_id": "secret", "baselines": 7}',
        '{"wave_id": "secret", "holds": {"a": {}}}',
        '{"wave_id": "secret", "baselines": {"f": [{"$unheard": 1}, 1]}}',
        '{"wave_id": "secret", "baselines": {"f": [{"$unheard": 1}]}}',
        '{"wave_id": "secret", "baselines": {"f": {"wave": 1, "pms": 1}}}',
        '{"wave_id": "secret", "baselines": {"f": []}}',
        '{"wave_id": "secret", "baselines": {"f": [1, 2, 3]}}',
    ],
)
def test_text_that_is_no_entry_is_named_without_its_content(text: str) -> None:
    """Text that is not an entry of the kind is refused with the kind and key; its content is not told."""
    with pytest.raises(StoreUnusable, match="Agreement 'w1'") as caught:
        from_text(Agreement, text, "w1")

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_entry_comes_back_from_its_row(kind: type[Entry], entry_strategy: Strategy) -> None:
    """An entry of any kind is read from its row in SQLite as it was."""

    @settings(deadline=None)  # other processes may be busy
    @given(entry_strategy(kind))
    def law(entry: Entry) -> None:
        stored = table(kind)

        rows = stored.write(1, [entry])

        assert stored.read(row[1:] for row in rows) == [entry]
        assert all(type(value) in {str, int, type(None)} for value in rows[0])

    law()


def test_converters_are_not_shared() -> None:
    """Each converter is a new one, so nobody's hooks reach ours."""
    assert make_converter() is not make_converter()


def test_what_is_forgotten_comes_back() -> None:
    """A value that was forgotten is kept by what recognises it."""
    entry = Agreement(wave_id="w1", baselines={"f": Baseline(wave=Forgotten(salt="s", digest="d"), pms=None)})

    assert from_text(Agreement, to_text(entry)) == entry


def test_only_what_could_be_taken_for_a_tag_is_wrapped() -> None:
    """A mapping is written as it is, unless one of its keys looks like ours."""
    plain = Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="w1", values={"f": {"a": 1}})
    odd = Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="w1", values={"f": {"$a": 1, "b": 2}})

    assert '{"a":1}' in to_text(plain)
    assert "$map" not in to_text(plain)
    assert '{"$map":{"$a":1,"b":2}}' in to_text(odd)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MISSING, '{"$missing":true}'),
        (("a", 1), '{"$tuple":["a",1]}'),
        ({"$a": 1}, '{"$map":{"$a":1}}'),
        (NOON, '{"$moment":"2026-03-01T12:00:00.123456+00:00"}'),
        (date(2026, 3, 1), '{"$date":"2026-03-01"}'),
        (Decimal("1.50"), '{"$decimal":"1.50"}'),
        (Forgotten(salt="s", digest="d"), '{"$forgotten":["s","d"]}'),
    ],
)
def test_what_older_files_hold_is_read(value: object, text: str) -> None:
    """How a value is written stays as it is: files that were written before must be read for ever."""
    entry = Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="w1", values={"f": value})

    assert f'"values":{{"f":{text}}}' in to_text(entry)
    assert from_text(Intent, to_text(entry)) == entry


def test_what_cannot_be_kept_is_told_by_its_type() -> None:
    """The error says what is wrong with a value by types alone, be it of no use in JSON or nested without an end."""
    endless: list[object] = []
    endless.append(endless)

    for value, what in (
        (object(), "a value of type object"),
        ({1: 2}, "a key of type int"),
        (endless, "RecursionError"),
    ):
        entry = Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="w1", values={"f": value})
        with pytest.raises(StoreUnusable, match=f"holds {what}, which"):
            to_text(entry)
