"""For trying and testing without an account: two sandboxes over real HTTP on loopback, and contract kits.

```python
from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox

with WaveSandbox() as wave_box, PmsSandbox() as pms_box:
    ada = wave_box.add({"name": "Ada"})
    ...  # give wave_box.url, .token, .business_id and pms_box.url, .token to the clients
    pms_box.ledger.creates, wave_box.customers[ada]
```

`WaveSandbox` needs graphql-core: `pip install wave_pms_sync[testing]`. Names are imported when first used, so that
each needs only what it needs itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wave_pms_sync.testing.clock import ManualClock
    from wave_pms_sync.testing.cuts import Blade, Cut, CutSession, CutStore
    from wave_pms_sync.testing.faults import Fault
    from wave_pms_sync.testing.ledger import Entry, Ledger
    from wave_pms_sync.testing.pms_sandbox import PmsSandbox
    from wave_pms_sync.testing.pms_traps import PmsTraps
    from wave_pms_sync.testing.rehearsing import rehearse
    from wave_pms_sync.testing.switchboard import Arrival, Faults
    from wave_pms_sync.testing.wave_sandbox import WaveSandbox

_HOMES = {
    "Arrival": "switchboard",
    "Blade": "cuts",
    "Cut": "cuts",
    "CutSession": "cuts",
    "CutStore": "cuts",
    "Entry": "ledger",
    "Fault": "faults",
    "Faults": "switchboard",
    "Ledger": "ledger",
    "ManualClock": "clock",
    "PmsSandbox": "pms_sandbox",
    "PmsTraps": "pms_traps",
    "WaveSandbox": "wave_sandbox",
    "rehearse": "rehearsing",
}

__all__ = [
    "Arrival",
    "Blade",
    "Cut",
    "CutSession",
    "CutStore",
    "Entry",
    "Fault",
    "Faults",
    "Ledger",
    "ManualClock",
    "PmsSandbox",
    "PmsTraps",
    "WaveSandbox",
    "rehearse",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
