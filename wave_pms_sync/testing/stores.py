"""The contract of a link store: everything the engine relies on, as tests that anyone can run against their own.

```python
from wave_pms_sync.testing.stores import LinkStoreContract

class TestMyStore(LinkStoreContract):
    def make_store(self):
        return MyStore(self.folder / "links")     # that was never written
```

For a store that outlives its object, say `durable = True` and how it is opened again:

```python
    durable = True

    def reopen(self):
        return MyStore(self.folder / "links")
```
"""

from __future__ import annotations

from wave_pms_sync.testing.stores_content import ContentContract
from wave_pms_sync.testing.stores_writers import WritersContract

__all__ = ["LinkStoreContract"]


class LinkStoreContract(ContentContract, WritersContract):
    """Named tests of the obligations in `wave_pms_sync.ports.LinkStore`.

    Subclass it in a test module, name the subclass `Test...` and say how a store is made; pytest does the rest.
    Each test gets a store of its own that was never written, and an empty `folder`.
    """
