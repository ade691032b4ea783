"""Reading and decoding all customers: ours through `wave.customers()`, and other clients of the same server."""

from __future__ import annotations

import logging
import os
import tempfile

from tests.benchmarks.filling import clients
from tests.benchmarks.measuring import Measured
from tests.benchmarks.workload import BUSINESS_ID, PAGE_SIZE
from wave_pms_sync.wave.operations.documents import list_customers


def ours(port: int, count: int) -> dict[str, float]:
    """`wave.customers()`, each with its stamps."""
    wave, _ = clients(port)
    next(wave.customers())  # imports what is needed for it
    with wave, Measured() as measured:
        rows = sum(customer.modified_at is not None for customer in wave.customers())
    assert rows == count
    return measured.figures


def gql(port: int, count: int) -> dict[str, float]:
    """The library gql, with its transport over requests."""
    from gql import Client, gql
    from gql.transport.requests import RequestsHTTPTransport

    logging.disable(logging.CRITICAL)
    rows = 0
    with Measured() as measured:
        transport = RequestsHTTPTransport(url=f"http://127.0.0.1:{port}/graphql")
        with Client(transport=transport, fetch_schema_from_transport=False) as session:
            for page in range(1, -(-count // PAGE_SIZE) + 1):
                query = gql(list_customers(amounts=True))
                query.variable_values = {
                    "businessId": BUSINESS_ID,
                    "page": page,
                    "pageSize": PAGE_SIZE,
                    "sort": ["CREATED_AT_ASC"],
                }
                rows += len(session.execute(query)["business"]["customers"]["edges"])
    assert rows == count
    return measured.figures


def dlt(port: int, count: int) -> dict[str, float]:
    """The REST source of dlt, its rows counted and dropped."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="CRITICAL", DLT_DATA_DIR=folder)
        from dlt.sources.rest_api import rest_api_source

        paginator = {"type": "page_number", "base_page": 1, "total_path": "pages"}
        endpoint = {"path": "pms/customers", "data_selector": "items"}
        source = rest_api_source(
            {
                "client": {"base_url": f"http://127.0.0.1:{port}/", "paginator": paginator},
                "resources": [{"name": "customers", "endpoint": endpoint}],
            }
        )
        with Measured() as measured:
            rows = sum(1 for _ in source)
    assert rows == count
    return measured.figures
