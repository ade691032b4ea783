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
