"""The same work done by other libraries; each is imported where it is used, since none of them need be installed."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Mapping

from tests.benchmarks.measuring import Measured
from tests.benchmarks.workload import pms_edits, pms_row, wave_edits, wave_node

FIELDS = (
    *("name", "display_id", "first_name", "last_name", "email", "phone", "mobile", "fax", "toll_free", "website"),
    *("currency", "line1", "line2", "city", "region", "postal_code", "country", "to_name", "to_phone", "to_note"),
    *("to_line1", "to_line2", "to_city", "to_region", "to_postal_code", "to_country"),
)
"""The fields of the default mapping, one for each value that this library compares."""


def diffsync(count: int, percent: int) -> dict[str, float]:
    """DiffSync: load both sides as models and tell their differences."""
    import structlog
    from diffsync import Adapter, DiffSyncModel

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    kinds = {"key": str, **dict.fromkeys(FIELDS, str | None)}
    facts = {"__annotations__": kinds, "__module__": __name__, "_modelname": "customer", "_identifiers": ("key",)}
    model = type("Customer", (DiffSyncModel,), {**facts, "_attributes": FIELDS})

    class Customers(Adapter):
        customer = model
        top_level = ("customer",)

    nodes, rows = records(count, percent)
    with Measured() as measured:
        wave, pms = Customers(), Customers()
        for node in nodes:
            wave.add(model(key=node["id"], **dict(zip(FIELDS, wave_values(node), strict=True))))
        for row in rows:
            pms.add(model(key=row["external_id"], **dict(zip(FIELDS, pms_values(row), strict=True))))
        told = wave.diff_to(pms).summary()
    assert told["update"] == 2 * count * percent // 100, told
    return measured.figures


def vdirsyncer(count: int, percent: int) -> dict[str, float]:
    """The core of vdirsyncer over storages in memory, with its status in an SQLite file."""
    from vdirsyncer.storage.memory import MemoryStorage
    from vdirsyncer.sync import sync
    from vdirsyncer.sync.status import SqliteStatus
    from vdirsyncer.vobject import Item

    wave, pms = MemoryStorage(), MemoryStorage()
    with tempfile.TemporaryDirectory() as folder:
        status = SqliteStatus(os.path.join(folder, "status.db"))
        nodes, rows = records(count, 0)
        for i, (node, row) in enumerate(zip(nodes, rows, strict=True)):
            wave.items[f"c{i}"] = ("0", Item(_card(i, wave_values(node))))
            pms.items[f"c{i}"] = ("0", Item(_card(i, pms_values(row))))
        asyncio.run(sync(wave, pms, status))
        for i in range(count):
            if wave_edits(i, percent):
                wave.items[f"c{i}"] = ("1", Item(_card(i, wave_values(wave_node(i, 1)))))
            if pms_edits(i, percent):
                pms.items[f"c{i}"] = ("1", Item(_card(i, pms_values(pms_row(i, 1)))))
        with Measured() as measured:
            asyncio.run(sync(wave, pms, status))
        status.close()
    return measured.figures


def records(count: int, percent: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Both sides, decoded."""
    nodes = [wave_node(i, wave_edits(i, percent)) for i in range(count)]
    return nodes, [pms_row(i, pms_edits(i, percent)) for i in range(count)]


def wave_values(node: Mapping[str, object]) -> tuple[object, ...]:
    """The mapped values of a customer of Wave."""
    own = ("name", "displayId", "firstName", "lastName", "email", "phone", "mobile", "fax", "tollFree", "website")
    shipping = node["shippingDetails"] or {}
    more = (shipping.get("name"), shipping.get("phone"), shipping.get("instructions"))
    places = (*_wave_place(node["address"]), *more, *_wave_place(shipping.get("address")))
    return (*(node[name] for name in own), node["currency"]["code"], *places)


def pms_values(row: Mapping[str, object]) -> tuple[object, ...]:
    """The mapped values of a customer of the PMS."""
    contact, delivery = row["contact"], row["delivery_address"] or {}
    own = (row["name"], row["customer_number"], contact["first_name"], contact["last_name"], row["email"])
    rest = (row["phone"], row["mobile"], row["fax"], row["toll_free_phone"], row["website"], row["currency_code"])
    more = (delivery.get("name"), delivery.get("phone"), delivery.get("instructions"))
    return (*own, *rest, *_pms_place(row["address"]), *more, *_pms_place(delivery))


def _wave_place(address: Mapping[str, object] | None) -> tuple[object, ...]:
    if address is None:
        return (None,) * 6
    place = (address["addressLine1"], address["addressLine2"], address["city"])
    return (*place, address["province"]["code"], address["postalCode"], address["country"]["code"])


def _pms_place(address: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(address.get(n) for n in ("line1", "line2", "city", "region_code", "postal_code", "country_code"))


def _card(i: int, values: tuple[object, ...]) -> str:
    body = "\r\n".join(f"X-{name.upper()}:{value}" for name, value in zip(FIELDS, values, strict=True))
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c{i}\r\n{body}\r\nEND:VCARD"
