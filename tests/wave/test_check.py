"""The doctor looks at a Wave account by reading only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from importlib.resources import files

import pytest
import requests
from graphql import (
    GraphQLArgument,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    visit,
)

from wave_pms_sync.findings import Finding, Findings, Verdict
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.testing import Fault, ManualClock, WaveSandbox
from wave_pms_sync.wave.client import WaveClient
from wave_pms_sync.wave.operations import documents
from wave_pms_sync.wave.operations.asked import Asked, asked
from wave_pms_sync.wave.settings import WaveSettings

SDL = files("wave_pms_sync.testing").joinpath("wave.graphql").read_text(encoding="utf-8")
MakeBox = Callable[..., WaveSandbox]
MakeClient = Callable[..., WaveClient]


@pytest.fixture
def checked(make_client: MakeClient) -> Callable[..., dict[str, Finding]]:
    """What the doctor finds, by subject; a later finding of the same subject counts."""

    def check(box: WaveSandbox, **changes: object) -> dict[str, Finding]:
        client = make_client(box, **{"retry": RetryPolicy(attempts=1), **changes})
        return {finding.subject: finding for finding in client.check()}

    return check


def fill(box: WaveSandbox, count: int = 5) -> WaveSandbox:
    """So many customers, a minute apart."""
    long_ago = datetime.now(timezone.utc) - timedelta(days=30)  # noqa: TID251  # the sandbox follows it, too
    for n in range(count):
        box.add({"name": f"Secret {n}", "email": f"s{n}@example.org"}, created_at=long_ago + timedelta(minutes=n))
    return box


def said(found: Mapping[str, Finding], verdict: Verdict) -> dict[str, str]:
    """The settings to look at, by subject, of findings with this verdict."""
    return {subject: finding.key for subject, finding in found.items() if finding.verdict is verdict}


# --- the account


def test_a_healthy_account(make_box: MakeBox, checked) -> None:
    """An account that is as documented is found to work in every respect, by some dozen reads and no write."""
    box = fill(make_box())

    found = checked(box)

    assert {finding.verdict for finding in found.values()} == {Verdict.WORKS}
    assert list(found) == [
        "reachable",
        "credentials",
        "business",
        "listing",
        "pages",
        "past the end",
        "order",
        "times in `createdAt`",
        "times in `modifiedAt`",
        "ids",
        "amounts",
        "one record",
        "missing record",
        "since-filter",
        "clock",
        "schema",
    ]
    assert (box.ledger.writes, box.ledger.requests) == (0, 10)


def test_an_empty_account(make_box: MakeBox, checked) -> None:
    """Without a customer, what needs one is assumed and not called wrong."""
    found = checked(make_box())

    assert said(found, Verdict.WRONG) == {}
    assert set(said(found, Verdict.ASSUMED)) == {"pages", "order", "customers"}


def test_nothing_private_is_told(make_box: MakeBox, make_client: MakeClient) -> None:
    """Neither the token nor a customer's data is in what prints, whatever goes wrong."""
    box = fill(make_box(ties="shuffled"))
    box.faults.add(Fault.CHANGED_ROW, record=next(iter(box.customers)), values={"createdAt": "Secret"})

    findings = make_client(box).check()
    told = f"{findings} {findings._repr_html_()}"

    assert not findings.ok
    assert "Secret" not in told
    assert "example.org" not in told
    assert box.token not in told


def test_nobody_there(make_box: MakeBox, checked) -> None:
    """Where nobody answers, that is all there is to say."""
    box = make_box()
    box.stop()

    found = checked(box)

    assert said(found, Verdict.WRONG) == {"reachable": "url"}
    assert len(found) == 1


def test_a_server_that_asks_to_slow_down(make_box: MakeBox, checked) -> None:
    """Being throttled from the start is said, and no setting is blamed."""
    box = make_box()
    box.faults.add(Fault.THROTTLED, times=None)

    assert said(checked(box), Verdict.WRONG) == {"reachable": ""}


@pytest.mark.parametrize("status", [200, 401])
def test_a_wrong_token(make_box: MakeBox, checked, status: int) -> None:
    """A token that is not accepted is told from one with too few scopes; the schema is compared all the same."""
    found = checked(make_box(unauthorized_status=status), token="wrong")

    assert list(found) == ["reachable", "credentials", "schema"]
    assert "UNAUTHENTICATED" in found["credentials"].text
    assert "scopes" not in found["credentials"].text
    assert found["schema"].verdict is Verdict.WORKS


def test_a_token_that_may_nothing(make_box: MakeBox, checked) -> None:
    """A token that Wave knows, but that may see nothing of ours, is told that its scopes may be too few."""
    found = checked(make_box(scopes=["invoice:read"]))

    assert said(found, Verdict.WRONG) == {"credentials": "token, auth or its scopes"}
    assert "FORBIDDEN" in found["credentials"].text
    assert "scopes may be too few" in found["credentials"].text


@pytest.mark.parametrize("missing_scope", ["error", "null"])
def test_a_token_that_may_not_see_customers(make_box: MakeBox, checked, missing_scope: str) -> None:
    """A token without customer:read is accepted, and the scope that it lacks is named."""
    found = checked(fill(make_box(scopes=["business:*"], missing_scope=missing_scope)))

    assert found["credentials"].verdict is Verdict.WORKS
    assert found["business"].verdict is Verdict.WORKS
    assert said(found, Verdict.WRONG) == {"listing": "the scope customer:read"}


def test_a_token_that_sees_no_business(make_box: MakeBox, checked) -> None:
    """Where Wave shows null instead of an error, the scope that may be missing is named."""
    found = checked(make_box(scopes=["customer:read"], missing_scope="null"))

    assert said(found, Verdict.WRONG) == {"business": "business_id"}
    assert said(found, Verdict.ASSUMED) == {"businesses": "the scope business:read"}
    assert "credentials" not in found


@pytest.mark.parametrize("business_id", [None, "QnVzaW5lc3M6bm9uZQ=="])
def test_a_business_that_is_not_ours(make_box: MakeBox, checked, business_id: str | None) -> None:
    """Without a business, or with an unknown one, the ids of those that the token may see are named."""
    box = make_box(more_businesses=["Another Ltd"])

    found = checked(box, business_id=business_id)

    assert said(found, Verdict.WRONG) == {"business": "business_id"}
    assert all(one in found["business"].text for one in box.business_ids)
    assert "Another" not in found["business"].text


def test_a_wall_of_businesses_is_cut(make_box: MakeBox, checked) -> None:
    """Of many businesses the first twenty are named."""
    found = checked(make_box(more_businesses=[f"B{n}" for n in range(30)]), business_id=None)

    assert found["business"].text.count("QnVz") == 20
    assert found["business"].text.endswith(" and more")


@pytest.mark.parametrize("body", ["<html>", "{}", '{"data": {}}', '{"data": {"business": 1, "businesses": [2]}}', "[]"])
def test_answers_that_nobody_expects(make_box: MakeBox, checked, body: str) -> None:
    """Whatever is answered, the doctor says so and never raises."""
    box = fill(make_box())
    box.faults.add(Fault.ANSWER, body=body, times=None)

    found = checked(box)

    assert said(found, Verdict.WRONG)
    assert found["reachable"].verdict is Verdict.WORKS
    assert found["schema"].verdict is Verdict.ASSUMED
    assert "credentials" not in found


@pytest.mark.parametrize("skip", range(9))
@pytest.mark.parametrize("body", ["<html>", '{"errors": [{"message": "x"}]}', '{"data": {"business": {"id": "1"}}}'])
def test_one_answer_that_nobody_expects(make_box: MakeBox, make_client: MakeClient, skip: int, body: str) -> None:
    """Whichever read is answered strangely, the others are still judged, and nothing is raised."""
    box = fill(make_box())
    box.faults.add(Fault.ANSWER, body=body, skip=skip)

    findings = make_client(box).check()

    assert findings[0].verdict is Verdict.WORKS
    assert findings[-1].subject == "schema"


# --- customers


def test_a_business_that_is_hidden_from_the_list(make_box: MakeBox, checked) -> None:
    """If businesses cannot be listed but ours can be read, that is said and is not wrong."""
    box = fill(make_box())
    box.faults.add(Fault.GRAPHQL_ERRORS, code="FORBIDDEN", on="other")

    found = checked(box)

    assert said(found, Verdict.WRONG) == {}
    assert said(found, Verdict.ASSUMED) == {"businesses": "the scope business:read"}


def test_amounts_that_may_not_be_seen(make_box: MakeBox, checked) -> None:
    """If customers are shown only without their amounts, the setting that leaves them out is named."""
    box = fill(make_box())
    box.faults.add(Fault.PARTIAL_DATA, code="FORBIDDEN", on="list")

    with_amounts = checked(box)
    box.faults.add(Fault.PARTIAL_DATA, code="FORBIDDEN", on="list")
    without = checked(box, settings=WaveSettings(amounts=False))

    assert said(with_amounts, Verdict.WRONG) == {"listing": "amounts"}
    assert said(without, Verdict.WRONG) == {"listing": "the scope customer:read"}


def test_amounts_that_cannot_be_read(make_box: MakeBox, checked) -> None:
    """An amount that is no number is counted; amounts that are not asked for are not looked at."""
    box = fill(make_box())
    broken = {"raw": None, "value": "many", "currency": {"code": "CAD"}}
    box.faults.add(Fault.CHANGED_ROW, record=next(iter(box.customers)), values={"overdueAmount": broken})

    found, unasked = checked(box), checked(box, settings=WaveSettings(amounts=False))

    assert said(found, Verdict.WRONG) == {"amounts": "amounts"}
    assert found["amounts"].text.startswith("1 of 4 ")
    assert said(unasked, Verdict.ASSUMED) == {"amounts": "amounts"}


@pytest.mark.parametrize("stamp", ["2026-03-01 12:00:00", "yesterday", None])
def test_stamps_without_a_zone(make_box: MakeBox, checked, stamp: str | None) -> None:
    """A stamp that is no moment, or has no zone, is called wrong."""
    box = fill(make_box())
    box.faults.add(Fault.ANSWER, on="list", skip=0, times=None, body=listing(box, modifiedAt=stamp))

    assert "times in `modifiedAt`" in said(checked(box), Verdict.WRONG)


def test_stamps_ahead_of_the_server(make_box: MakeBox, checked) -> None:
    """A stamp that lies ahead of the server's own time is called wrong: some zone is misunderstood."""
    box = make_box()
    box.add({"name": "Ada"}, created_at=box.now() + timedelta(hours=2))

    assert {"times in `createdAt`", "times in `modifiedAt`"} <= set(said(checked(box), Verdict.WRONG))


def listing(box: WaveSandbox, **changes: object) -> str:
    """A page of one customer, as the API would show it with these changes."""
    shown = {**next(iter(box.customers.values())), **changes}
    info = {"currentPage": 1, "totalPages": 1, "totalCount": 1}
    customers = {"edges": [{"node": shown}], "pageInfo": info}
    return json.dumps({"data": {"business": {"id": box.business_id, "customers": customers}}})


@pytest.mark.parametrize(
    ("fault", "subject"),
    [
        ({"kind": Fault.LAST_PAGE_REPEATED}, "past the end"),
        ({"kind": Fault.DUPLICATE_ROW}, "pages"),
        ({"kind": Fault.EMPTY_LIST, "skip": 4}, "since-filter"),
    ],
)
def test_a_listing_that_goes_wrong(make_box: MakeBox, checked, fault: dict[str, object], subject: str) -> None:
    """Pages that repeat, never end or hide everything are called wrong."""
    box = fill(make_box())
    box.faults.add(**fault)

    assert list(said(checked(box), Verdict.WRONG)) == [subject]


def test_a_total_that_is_not_what_is_listed(make_box: MakeBox, checked) -> None:
    """A last page that shows fewer customers than are said to be there is called wrong."""
    box = fill(make_box(), 1)
    box.faults.add(Fault.WRONG_TOTAL)

    assert said(checked(box), Verdict.WRONG) == {"total": "page_size"}


def test_somebody_twice(make_box: MakeBox, make_client: MakeClient) -> None:
    """A page that shows somebody twice is called wrong, also where there is no second one."""
    box = fill(make_box(), 1)
    page = json.loads(listing(box))
    page["data"]["business"]["customers"]["edges"] *= 2
    box.faults.add(Fault.ANSWER, on="list", times=None, body=json.dumps(page))

    told = [str(finding) for finding in make_client(box).check()]

    assert "wrong   pages: the first page shows somebody twice -> sort" in told


def test_customers_that_change_places(make_box: MakeBox, checked) -> None:
    """Customers made at one moment who come in another order each time are called wrong, with what helps."""
    box = make_box(ties="shuffled")
    for n in range(6):
        box.add({"name": f"C{n}"}, created_at=datetime(2026, 3, 1, tzinfo=timezone.utc))

    loose = checked(box, page_size=100)
    tight = checked(box, page_size=100, settings=WaveSettings(sort=("CREATED_AT_ASC", "NAME_ASC")))

    assert said(loose, Verdict.WRONG) == {"order": "sort"}
    assert "NAME_ASC" in loose["order"].text
    assert said(tight, Verdict.WRONG) == {}


def test_another_order_than_asked_for(make_box: MakeBox, checked) -> None:
    """A listing that is not in order of creation is called wrong; if it was not asked to be, it is pointed out."""
    box = fill(make_box())
    first = next(iter(box.customers))
    box.faults.add(Fault.CHANGED_ROW, record=first, values={"createdAt": box.now().isoformat()})

    asked_for = checked(box)
    otherwise = checked(box, settings=WaveSettings(sort=("NAME_ASC",)))

    assert said(asked_for, Verdict.WRONG) == {"order": "sort"}
    assert said(otherwise, Verdict.ASSUMED) == {"order": "sort"}


def test_ids_of_another_business(make_box: MakeBox, checked) -> None:
    """Ids that decode to another business are called wrong; ids of another form are taken as they are."""
    box = fill(make_box())
    stranger, plain = "QnVzaW5lc3M6b3RoZXI7Q3VzdG9tZXI6MQ==", "12345"
    box.faults.add(Fault.ANSWER, on="list", body=listing(box, id=stranger))

    strange = checked(box)
    box.faults.clear()
    box.faults.add(Fault.ANSWER, on="list", body=listing(box, id=plain))
    other = checked(box)
    box.faults.add(Fault.ANSWER, on="list", body=listing(box))
    unknown = checked(box, business_id=plain)

    assert unknown["ids"].verdict is Verdict.ASSUMED
    assert said(strange, Verdict.WRONG)["ids"] == "business_id"
    assert other["ids"].verdict is Verdict.ASSUMED


def test_a_customer_that_is_listed_but_not_read(make_box: MakeBox, checked) -> None:
    """A listed customer that cannot be read by its id is called wrong, and so is anybody under an id of nobody."""
    box = fill(make_box())
    anybody = {"data": {"business": {"c0": {"id": "other"}}}}
    box.faults.add(Fault.ANSWER, on="one", body=json.dumps({"data": {"business": {"c0": None}}}))
    box.faults.add(Fault.ANSWER, on="one", body=json.dumps(anybody), times=None)

    found = checked(box)
    again = checked(box)

    assert set(said(found, Verdict.WRONG)) == {"one record", "missing record"}
    assert "finds nothing" in found["one record"].text
    assert "finds another" in again["one record"].text


def test_a_page_behind_the_last_that_is_refused(make_box: MakeBox, checked) -> None:
    """If Wave refuses a page behind the last, that is as good as an empty one, and said."""
    box = fill(make_box(), 1)
    box.faults.add(Fault.GRAPHQL_ERRORS, code="BAD_USER_INPUT", on="next_page")

    assert checked(box)["past the end"].verdict is Verdict.ASSUMED


def test_a_filter_that_is_ignored(make_box: MakeBox, checked) -> None:
    """A filter that lets everybody through, or loses some, is pointed out."""
    box = fill(make_box(), 1)
    box.faults.add(Fault.ANSWER, on="list", skip=3, times=None, body=listing(box))
    ignored = checked(box)
    box.faults.clear()
    box.faults.add(Fault.WRONG_TOTAL, skip=3, by=1)
    doubtful = checked(box)

    assert said(ignored, Verdict.WRONG) == {"since-filter": ""}
    assert doubtful["since-filter"].verdict is Verdict.ASSUMED


# --- clocks


@pytest.mark.parametrize(("ahead_s", "verdict"), [(100, Verdict.WORKS), (-1000, Verdict.WRONG), (1000, Verdict.WRONG)])
def test_clocks_apart(make_box: MakeBox, checked, ahead_s: int, verdict: Verdict) -> None:
    """A machine whose time is minutes away from the server's is told so, and in which direction."""
    found = checked(fill(make_box(clock_skew_s=-ahead_s)))

    assert found["clock"].verdict is verdict
    assert ("ahead of" if ahead_s > 0 else "behind") in found["clock"].text


def test_a_clock_of_our_own(make_box: MakeBox, make_client: MakeClient) -> None:
    """Handed a clock, the doctor compares that one, as a run with it would."""
    clock = ManualClock(datetime(2020, 1, 1, tzinfo=timezone.utc))

    assert make_client(make_box(clock=clock)).check(clock=clock).ok


def test_a_server_without_a_date(make_box: MakeBox, checked) -> None:
    """If the server does not say what time it is, nothing is compared."""

    def drop_date(response: requests.Response, **_: object) -> None:
        response.headers.pop("Date")

    timeless = requests.Session()
    timeless.hooks["response"] = [drop_date]

    assert checked(fill(make_box()), session=timeless)["clock"].verdict is Verdict.ASSUMED


# --- the schema


def in_type(kind: str, old: str, new: str) -> str:
    """Wave's schema with something changed in one type."""
    head, body, rest = re.split(rf"(^{kind} \{{.*?^\}})", SDL, maxsplit=1, flags=re.MULTILINE | re.DOTALL)
    assert old in body, old
    return head + body.replace(old, new) + rest


def of_schema(box: WaveSandbox, make_client: MakeClient) -> list[tuple[Verdict, str]]:
    """What is found about the schema."""
    findings = make_client(box, retry=RetryPolicy(attempts=1)).check()
    return [(finding.verdict, finding.text) for finding in findings if finding.subject == "schema"]


@pytest.mark.parametrize(
    ("place", "old", "new", "text"),
    [
        ("type Customer", "fax: String", "", "Customer.fax is not there"),
        ("type Customer", "fax: String", "fax: Address", "Customer.fax is of another kind: Address"),
        ("type Customer", "fax: String", "fax: [String]", "Customer.fax is of another kind: [String]"),
        ("type Customer", "address: Address", "address: String", "Customer.address is of another kind: String"),
        (
            "type CustomerPatchOutput",
            "[InputError!]",
            "InputError",
            "CustomerPatchOutput.inputErrors is of another kind",
        ),
        ("type Money", "value: String", "", "Money.value is not there"),
        ("type Mutation", "customerPatch(", "customerChange(", "Mutation.customerPatch is not there"),
        ("type Business", "customer(id: ID!)", "customer(key: ID)", "Business.customer does not take `id`"),
        ("type Business", "customer(id: ID!)", "customer(id: ID!, key: ID!)", "Business.customer needs `key`"),
        (
            "type Business",
            "customer(id: ID!)",
            "customer(id: Int!)",
            "Business.customer takes `id` as Int!, not as ID!",
        ),
        ("type Business", "modifiedAtAfter: DateTime", "modifiedAtAfter: DateTime!", "Business.customers takes `modi"),
        ("enum CustomerSort", "CREATED_AT_ASC", "", "CustomerSort.CREATED_AT_ASC is not there"),
        ("input CustomerPatchInput", "fax: String", "", "CustomerPatchInput.fax is not there: it cannot be written"),
        ("input CustomerPatchInput", "fax: String", "fax: [String]", "CustomerPatchInput.fax is of another kind"),
        ("input CustomerCreateInput", "fax: String", "fax: AddressInput", "CustomerCreateInput.fax is of another kind"),
        ("input CustomerPatchInput", "name: String", "name: String!", "CustomerPatchInput.name is required, records"),
        ("input AddressInput", "city: String", "", "AddressInput.city is not there"),
        ("input CustomerDeleteInput", "id: ID!", "id: ID! why: ID!", "CustomerDeleteInput.why is required, which is"),
    ],
)
def test_a_schema_that_moved_on(
    make_box: MakeBox, make_client: MakeClient, place: str, old: str, new: str, text: str
) -> None:
    """What is missing, of another kind or newly required in Wave's schema is named, and nothing else."""
    found = of_schema(make_box(sdl=in_type(place, old, new)), make_client)

    assert {(verdict, told[: len(text)]) for verdict, told in found} == {(Verdict.WRONG, text)}


def test_an_input_that_goes_by_another_name(make_box: MakeBox, make_client: MakeClient) -> None:
    """An input type that was renamed is found out, for our documents name it."""
    found = of_schema(make_box(sdl=SDL.replace("CustomerDeleteInput", "CustomerRemoveInput")), make_client)

    assert [told for _, told in found] == [
        "Mutation.customerDelete takes `input` as CustomerRemoveInput!, not as CustomerDeleteInput!",
        "CustomerDeleteInput.id is not there: it cannot be written",
    ]


def test_a_field_that_will_go(make_box: MakeBox, make_client: MakeClient) -> None:
    """A field that is deprecated still works, and is pointed out."""
    sdl = in_type("type Customer", "fax: String", 'fax: String @deprecated(reason: "x")')

    assert of_schema(make_box(sdl=sdl), make_client) == [(Verdict.ASSUMED, "Customer.fax is deprecated: it will go")]


def test_what_is_new_and_optional(make_box: MakeBox, make_client: MakeClient) -> None:
    """New fields, and new inputs that have a default, disturb nobody."""
    sdl = in_type("input CustomerDeleteInput", "id: ID!", 'id: ID! why: String! = "" how: String')

    assert [verdict for verdict, _ in of_schema(make_box(sdl=sdl), make_client)] == [Verdict.WORKS]


def test_each_fault_of_the_schema_is_named_once(make_box: MakeBox, make_client: MakeClient) -> None:
    """A field that several documents ask for is named in one line."""
    findings = make_client(make_box(sdl=in_type("type Customer", "  fax: String\n", ""))).check()

    assert [finding.text for finding in findings if finding.subject == "schema"] == ["Customer.fax is not there"]


def test_introspection_refused(make_box: MakeBox, checked) -> None:
    """If Wave does not show its schema, that is said, and nothing is called wrong."""
    found = checked(fill(make_box(introspection=False)))

    assert said(found, Verdict.WRONG) == {}
    assert said(found, Verdict.ASSUMED) == {"schema": ""}


DOCUMENTS = [
    documents.list_businesses(),
    documents.list_customers(amounts=True),
    documents.list_customers(amounts=False),
    documents.read_customers(2, amounts=True),
    documents.create_customer(amounts=True),
    documents.patch_customer(amounts=False),
    documents.delete_customer(),
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_asks_is_read_off_it(document: str) -> None:
    """Our small reader finds the same fields and arguments in our documents as the GraphQL reference library."""
    schema, seen = build_schema(SDL), set()
    info = TypeInfo(schema)

    class Collect(Visitor):
        def enter_field(self, node: object, *_: object) -> None:
            seen.add((get_named_type(info.get_parent_type()).name, info.get_field_def().ast_node.name.value))

        def enter_argument(self, node: object, *_: object) -> None:
            assert isinstance(info.get_argument(), GraphQLArgument)
            seen.add((info.get_field_def().ast_node.name.value, info.get_argument().ast_node.name.value))

    visit(parse(document), TypeInfoVisitor(info, Collect()))
    root = schema.mutation_type if document.startswith("mutation") else schema.query_type

    assert walked(root, asked(document)) == seen


def walked(kind: object, fields: Mapping[str, Asked]) -> set[tuple[str, str]]:
    """The fields and arguments that our reader found, each with its owner."""
    found = set()
    for name, inside in fields.items():
        found |= {(kind.name, name)} | {(name, argument) for argument in inside.arguments}
        found |= walked(get_named_type(kind.fields[name].type), inside.fields)
    return found


# --- what prints


def test_findings_print_line_by_line(make_box: MakeBox, make_client: MakeClient) -> None:
    """Findings print one a line, and as a table in a notebook, where names are escaped."""
    findings = make_client(make_box(), business_id="<b>").check()

    assert isinstance(findings, Findings)
    assert len(str(findings).splitlines()) == len(findings)
    assert "<b>" in str(findings)
    assert "<b>" not in findings._repr_html_()
