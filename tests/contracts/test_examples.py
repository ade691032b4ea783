"""The client of the example `pms_in_sql` fulfils the contract of a client."""

from __future__ import annotations

import sys
import tempfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from wave_pms_sync.errors import Refused, Unreachable
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.testing.clients import CustomerClientContract

PLACE = Path(__file__).parents[2] / "examples" / "pms_in_sql.py"
SPEC = spec_from_file_location("pms_in_sql", PLACE)
assert SPEC is not None
assert SPEC.loader is not None
example = module_from_spec(SPEC)
sys.modules["pms_in_sql"] = example  # pickles look for their class there
SPEC.loader.exec_module(example)


class TestSqlCustomers(CustomerClientContract):
    """The client of a table, with pages of two."""

    inside = ()
    long = "street"
    guards_writes = True

    def make_client(self) -> CustomerClient:
        """A client of a new table."""
        self.folder = tempfile.TemporaryDirectory()
        self.table = example.SqlCustomers(Path(self.folder.name) / "pms.sqlite3")
        self.table.page_size = 2
        with self.table._table() as table:
            table.executescript(example.TABLE)
        return self.table

    def clean_up(self) -> None:
        """Throw the table away."""
        self.folder.cleanup()


def test_what_a_table_declines(tmp_path: Path) -> None:
    """A column that is not there and a null that may not be are refused; a table that is not there is unreachable."""
    pms = example.SqlCustomers(tmp_path / "pms.sqlite3")
    with pytest.raises(Unreachable, match="cannot be used"):
        list(pms.pages())
    with pms._table() as table:
        table.executescript(example.TABLE)

    with pytest.raises(Refused) as unknown:
        pms.create_customer({"name": "Ada", "shoe_size": "39"})
    with pytest.raises(Refused, match="NOT NULL"):
        pms.create_customer({"name": None, "email": "ada@example.org"})

    assert [fault.path for fault in unknown.value.faults] == ["shoe_size"]
    assert pms.customers_by_id(["1"]) == {"1": None}
