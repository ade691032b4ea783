"""The face: what it exports, what it says of itself, what it brings along."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

import wave_pms_sync

FACE = {
    "CustomPmsClient",
    "Guards",
    "MappingRegistry",
    "MemoryLinkStore",
    "OAuth2",
    "Plan",
    "PmsProfile",
    "Policy",
    "Report",
    "SQLiteLinkStore",
    "Scope",
    "SyncError",
    "Synchronizer",
    "Unlimited",
    "WaveClient",
}
ROOMS = ["wave_pms_sync", "wave_pms_sync.errors", "wave_pms_sync.ports", "wave_pms_sync.testing"]
FOREIGN = ["graphql", "pytest", "hypothesis", "sqlalchemy"]
LATER = {
    *("requests", "cattrs", "dateutil", "sqlite3", "difflib", "tempfile", "zoneinfo"),
    *(
        f"wave_pms_sync.{room}"
        for room in (
            "runs",
            "http.caller",
            "http.messages",
            "mapping.converters.addresses",
            "model.links",
            "model.memory",
            "pms.line",
            "pms.presets",
            "wave.calls",
            "wave.records",
        )
    ),
}
"""What no Synchronizer needs before its first call."""


def test_the_root_exports_fifteen_names() -> None:
    """The root exports these names and nothing more."""
    assert set(wave_pms_sync.__all__) == FACE
    assert len(wave_pms_sync.__all__) == len(FACE)
    assert all(hasattr(wave_pms_sync, name) for name in FACE)


def test_the_names_are_sorted() -> None:
    """The list of names is kept in order, so that a change of it is seen."""
    assert list(wave_pms_sync.__all__) == sorted(wave_pms_sync.__all__)


def test_every_name_comes_from_here() -> None:
    """No name of the face is somebody else's."""
    assert [name for name in FACE if not getattr(wave_pms_sync, name).__module__.startswith("wave_pms_sync.")] == []


def _public(room: ModuleType) -> Iterator[tuple[str, object]]:
    names = getattr(room, "__all__", None) or [
        name for name, thing in vars(room).items() if getattr(thing, "__module__", "") == room.__name__
    ]
    for name in names:
        thing = getattr(room, name)
        yield name, thing
        if inspect.isclass(thing):
            members = inspect.getmembers(thing, lambda m: inspect.isroutine(m) or isinstance(m, property))
            yield from ((f"{name}.{at}", member) for at, member in members if _ours(at, member))


def _ours(name: str, member: object) -> bool:
    found = member.fget if isinstance(member, property) else member
    return not name.startswith("_") and (getattr(found, "__module__", None) or "").startswith("wave_pms_sync")


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_says_what_it_is(room: str) -> None:
    """Every public name, with its public methods, has a docstring whose first line is a whole sentence."""
    told = {
        name: (inspect.getdoc(thing) or "").split("\n")[0] for name, thing in _public(importlib.import_module(room))
    }

    assert told
    assert [name for name, line in told.items() if not line.rstrip("`").endswith((".", ":", "?"))] == []


@pytest.mark.parametrize("module", FOREIGN)
def test_importing_the_library_brings_no_guest(module: str) -> None:
    """Importing the library imports no tool of testing and no optional dependency."""
    code = f"import sys, wave_pms_sync, wave_pms_sync.testing; sys.exit({module!r} in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603  # our own code

    assert done.returncode == 0


def test_making_a_synchronizer_loads_no_room_of_a_run() -> None:
    """What sends, stores, converts addresses or carries out a plan is loaded when it is first needed."""
    code = (
        "import sys\n"
        "from wave_pms_sync import CustomPmsClient, MemoryLinkStore, Synchronizer, WaveClient\n"
        "wave = WaveClient(token='t', business_id='b')\n"
        "pms = CustomPmsClient('https://pms.example.com', token='t')\n"
        "Synchronizer(wave=wave, pms=pms, links=MemoryLinkStore())\n"
        "print(*sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8")  # noqa: S603  # our own code

    assert LATER & {*done.stdout.split()} == set()


def test_importing_the_library_says_and_opens_nothing() -> None:
    """An import prints nothing, warns of nothing and adds no handler to the log."""
    code = (
        "import logging, wave_pms_sync; print(len(logging.root.handlers), logging.getLogger('wave_pms_sync').handlers)"
    )

    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, encoding="utf-8"
    )

    assert (done.stdout, done.stderr) == ("0 []\n", "")
