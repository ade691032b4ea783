"""Two-way customer sync between Wave Accounting and a Custom PMS.

```python
from wave_pms_sync import CustomPmsClient, SQLiteLinkStore, Synchronizer, WaveClient

wave = WaveClient(token="...", business_id="...")
pms = CustomPmsClient("https://pms.example.com/api", token="...")

with SQLiteLinkStore("links.sqlite3") as links:
    sync = Synchronizer(wave=wave, pms=pms, links=links)
    print(sync.plan())   # writes nothing, anywhere
    print(sync.run())
```
"""

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wave_pms_sync.errors import SyncError
    from wave_pms_sync.http.oauth2 import OAuth2
    from wave_pms_sync.http.pace import Unlimited
    from wave_pms_sync.mapping.registry import MappingRegistry
    from wave_pms_sync.pms.client import CustomPmsClient
    from wave_pms_sync.pms.profile import PmsProfile
    from wave_pms_sync.reconcile.plan import Plan
    from wave_pms_sync.reconcile.policy import Guards, Policy, Scope
    from wave_pms_sync.report import Report
    from wave_pms_sync.stores.memory import MemoryLinkStore
    from wave_pms_sync.stores.sqlite import SQLiteLinkStore
    from wave_pms_sync.synchronizer import Synchronizer
    from wave_pms_sync.wave.client import WaveClient

__all__ = [
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
]

_ROOMS: Final = {
    "CustomPmsClient": "pms.client",
    "Guards": "reconcile.policy",
    "MappingRegistry": "mapping.registry",
    "MemoryLinkStore": "stores.memory",
    "OAuth2": "http.oauth2",
    "Plan": "reconcile.plan",
    "PmsProfile": "pms.profile",
    "Policy": "reconcile.policy",
    "Report": "report",
    "SQLiteLinkStore": "stores.sqlite",
    "Scope": "reconcile.policy",
    "SyncError": "errors",
    "Synchronizer": "synchronizer",
    "Unlimited": "http.pace",
    "WaveClient": "wave.client",
}
"""Where each name is at home. A room is entered when it is first asked for, so that importing us costs nothing."""


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
