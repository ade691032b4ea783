"""Both sandboxes, and the plainest way of talking to each: `requests`, and nothing of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone

import pytest
import requests

from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox

START = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)

ADDRESS = "{addressLine1 addressLine2 city province{code name} country{code name} postalCode}"
CUSTOMER = f"""{{
  id name firstName lastName displayId email phone mobile fax tollFree website internalNotes isArchived
  createdAt modifiedAt currency{{code}} outstandingAmount{{value raw}}
  address{ADDRESS} shippingDetails{{name phone instructions address{ADDRESS}}}
}}"""
LIST = f"""
query ($business: ID!, $page: Int, $pageSize: Int, $sort: [CustomerSort!]! = [CREATED_AT_ASC],
       $email: String, $after: DateTime, $before: DateTime) {{
  business(id: $business) {{
    id
    customers(page: $page, pageSize: $pageSize, sort: $sort, email: $email,
              modifiedAtAfter: $after, modifiedAtBefore: $before) {{
      pageInfo {{ currentPage totalPages totalCount }}
      edges {{ node {CUSTOMER} }}
    }}
  }}
}}"""
ONE = f"query ($business: ID!, $id: ID!) {{ business(id: $business) {{ id customer(id: $id) {CUSTOMER} }} }}"
ERRORS = "didSucceed inputErrors { path code message }"
CREATE = f"mutation ($in: CustomerCreateInput!) {{ customerCreate(input: $in) {{ {ERRORS} customer {CUSTOMER} }} }}"
PATCH = f"mutation ($in: CustomerPatchInput!) {{ customerPatch(input: $in) {{ {ERRORS} customer {CUSTOMER} }} }}"
DELETE = f"mutation ($in: CustomerDeleteInput!) {{ customerDelete(input: $in) {{ {ERRORS} }} }}"


class WaveTalk:
    """Asks the Wave sandbox."""

    side = "wave"

    def __init__(self, box: WaveSandbox, session: requests.Session) -> None:
        self.box = box
        self.session = session
        self.session.headers["Authorization"] = f"Bearer {box.token}"

    def ask(self, query: str, **variables) -> requests.Response:
        """Send a document."""
        return self.session.post(self.box.url, json={"query": query, "variables": variables}, allow_redirects=False)

    def page(self, page=1, size=100, **more) -> dict:
        """One page of customers, as a CustomerConnection."""
        answer = self.ask(LIST, business=self.box.business_id, page=page, pageSize=size, **more).json()
        return answer["data"]["business"]["customers"]

    def names(self, page=1, size=100, **more) -> list[str]:
        """The names on one page."""
        return [edge["node"]["name"] for edge in self.page(page, size, **more)["edges"]]

    def ask_one(self, customer_id) -> requests.Response:
        """One customer, with everything around."""
        return self.ask(ONE, business=self.box.business_id, id=customer_id)

    def one(self, customer_id) -> dict | None:
        """One customer."""
        return self.ask_one(customer_id).json()["data"]["business"]["customer"]

    def create(self, **values) -> dict:
        """The payload of customerCreate."""
        return self.ask(CREATE, **{"in": {"businessId": self.box.business_id, **values}}).json()["data"][
            "customerCreate"
        ]

    def patch(self, customer_id, **values) -> dict:
        """The payload of customerPatch."""
        return self.ask(PATCH, **{"in": {"id": customer_id, **values}}).json()["data"]["customerPatch"]

    def delete(self, customer_id) -> dict:
        """The payload of customerDelete."""
        return self.ask(DELETE, **{"in": {"id": customer_id}}).json()["data"]["customerDelete"]

    # --- the same words on both sides

    def send_list(self, **more) -> requests.Response:
        """The first page."""
        return self.ask(LIST, business=self.box.business_id, page=1, pageSize=100, **more)

    def send_create(self, name="Bo", **values) -> requests.Response:
        """A new customer."""
        return self.ask(CREATE, **{"in": {"businessId": self.box.business_id, "name": name, **values}})

    def send_update(self, customer_id, **values) -> requests.Response:
        """Changed properties."""
        return self.ask(PATCH, **{"in": {"id": customer_id, **values}})

    def send_delete(self, customer_id) -> requests.Response:
        """A deletion."""
        return self.ask(DELETE, **{"in": {"id": customer_id}})

    def read(self, customer_id) -> dict | None:
        """One customer, or None."""
        return self.one(customer_id)


class PmsTalk:
    """Asks the PMS sandbox."""

    side = "pms"

    def __init__(self, box: PmsSandbox, session: requests.Session) -> None:
        self.box = box
        self.session = session
        self.session.headers["Authorization"] = f"Bearer {box.token}"

    def send(self, method: str, path: str = "", **more) -> requests.Response:
        """Any request below `/customers`."""
        return self.session.request(method, f"{self.box.url}/customers{path}", allow_redirects=False, **more)

    def page(self, **query) -> dict:
        """One page of customers."""
        return self.send("GET", params=query).json()

    def names(self, **query) -> list[str]:
        """The names on one page."""
        return [row["name"] for row in self.page(**query)["items"]]

    def send_list(self) -> requests.Response:
        """The first page."""
        return self.send("GET")

    def send_create(self, name="Bo", **values) -> requests.Response:
        """A new customer."""
        return self.send("POST", json={"name": name, **values})

    def send_update(self, customer_id, **values) -> requests.Response:
        """Changed properties."""
        return self.send("PATCH", f"/{customer_id}", json=values)

    def send_delete(self, customer_id) -> requests.Response:
        """A deletion."""
        return self.send("DELETE", f"/{customer_id}")

    def read(self, customer_id) -> dict | None:
        """One customer, or None."""
        answer = self.send("GET", f"/{customer_id}")
        return answer.json() if answer.status_code == 200 else None


@contextmanager
def talking(side: str, **options) -> Iterator[WaveTalk | PmsTalk]:
    """A started sandbox and somebody to talk to it."""
    options.setdefault("clock", ManualClock(START))
    with (WaveSandbox if side == "wave" else PmsSandbox)(**options) as box, requests.Session() as session:
        yield (WaveTalk if side == "wave" else PmsTalk)(box, session)


@pytest.fixture
def open_side() -> Iterator[Callable[..., WaveTalk | PmsTalk]]:
    """Start sandboxes with options of the test's choice."""
    with ExitStack() as stack:
        yield lambda side, **options: stack.enter_context(talking(side, **options))


@pytest.fixture
def wave() -> Iterator[WaveTalk]:
    """A Wave sandbox as it comes, with a standing clock."""
    with talking("wave") as talk:
        yield talk


@pytest.fixture
def pms() -> Iterator[PmsTalk]:
    """A PMS sandbox as it comes, with a standing clock."""
    with talking("pms") as talk:
        yield talk


@pytest.fixture(params=["wave", "pms"])
def either(request) -> Iterator[WaveTalk | PmsTalk]:
    """Each of the two, with a standing clock."""
    with talking(request.param) as talk:
        yield talk
