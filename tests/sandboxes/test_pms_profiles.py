"""The PMS sandbox plays a profile: it knows its requests, declines others, answers in its shapes, and has traps."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wave_pms_sync.pms.lookup import found
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.templates import OMIT, fill
from wave_pms_sync.testing import Fault, ManualClock, PmsSandbox, PmsTraps
from wave_pms_sync.testing.pms_templates import matched, path_pattern, placed

MERGE = {"Content-Type": "application/merge-patch+json"}
NAMES = st.sampled_from(["page", "limit", "since"])
HELD = st.one_of(NAMES.map(lambda name: f"{{{name}}}"), st.text("abc", max_size=3), st.integers(), st.booleans())
TEMPLATES = st.recursive(HELD, lambda inner: st.dictionaries(st.text("xyz", min_size=1, max_size=2), inner, max_size=3))


class Asked:
    """A sandbox, and somebody who asks it with the right token.

    Attributes:
        box: The sandbox.
    """

    def __init__(self, stack: ExitStack, settings: Mapping[str, object], **options: object) -> None:
        profile = PmsProfile.from_dict(settings)
        self.box = stack.enter_context(PmsSandbox(profile=profile, clock=ManualClock(), **options))
        self._session = stack.enter_context(requests.Session())
        self._session.headers["Authorization"] = f"Bearer {self.box.token}"
        self._session.headers["Accept"] = profile.requests.accept

    def send(self, method: str, path: str = "/customers", **more: object) -> requests.Response:
        """Any request below the base URL."""
        return self._session.request(method, f"{self.box.url}{path}", allow_redirects=False, **more)


@pytest.fixture
def played() -> Iterator[Callable[..., Asked]]:
    """Starts sandboxes that play these settings of a profile."""
    with ExitStack() as stack:
        yield lambda settings=None, **options: Asked(stack, settings or {}, **options)


# --- Templates read backwards


FACTS = st.fixed_dictionaries({"page": st.integers(0, 9), "limit": st.integers(), "since": st.text()})


@given(template=TEMPLATES, facts=FACTS)
def test_what_a_template_made_says_what_it_was_made_of(template: object, facts: dict[str, object]) -> None:
    """A filled template gives back the values of its placeholders, each as it was."""
    made = fill(template, facts)

    said = matched(template, made)

    assert said is not None
    assert {name: facts[name] for name in said} == said


@settings(suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
@given(template=TEMPLATES)
def test_what_was_left_out_is_missing_and_no_fault(template: object) -> None:
    """What a template leaves out for lack of a value is no reason not to know it."""
    made = fill(template, {})

    assert made is OMIT or matched(template, made) == {}


@pytest.mark.parametrize(
    ("template", "sent", "facts"),
    [
        ("ModifiedAt ge {since}", "ModifiedAt ge 2026", {"since": "2026"}),
        ("a>'{since}' or b>'{since}'", "a>'1' or b>'1'", {"since": "1"}),
        ("a>'{since}' or b>'{since}'", "a>'1' or b>'2'", None),
        ({"data": {"type": "x", "id": "{id}"}}, {"data": {"type": "x", "id": 7}}, {"id": 7}),
        ({"data": {"type": "x"}}, {"data": {"type": "y"}}, None),
        ({"data": 1}, {"data": "1"}, {}),
        ({"data": 1}, {"data": 1, "more": 2}, None),
        ({"flag": True}, {"flag": "true"}, {}),
        (["{page}", "id"], ["id"], {}),
        (["{page}", "id"], [3, "id"], {"page": 3}),
        (["id"], [], None),
        (["id"], ["id", 2], None),
        (["id"], "id", None),
        ({"a": {"b": "{page}"}}, {"a": 1}, None),
    ],
)
def test_template_is_known_or_not(template: object, sent: object, facts: object) -> None:
    """A request is known by what is fixed in it; what stands at the placeholders is told."""
    assert matched(template, sent) == facts


@pytest.mark.parametrize(
    "place",
    [
        *("data", "data.customer", "rows[0].doc", "[0]", "a[0].b[-1]", "@odata.count", "data[-1]", "_links.next.href"),
        *("l[a=b].c", "l[a=b,c=5].d"),
    ],
)
def test_what_is_placed_is_found(place: str) -> None:
    """What an answer holds at a place is found there by the client, whatever else the answer holds."""
    body = placed({"kept": 1}, place, "here")

    assert found(body, place) == "here"
    assert place.startswith("[") or found(body, "kept") == 1


def test_address_with_an_id() -> None:
    """An address knows its id, and no other address."""
    pattern = path_pattern("/Customers('{id}')")

    told = pattern.fullmatch("/Customers('7')")

    assert told is not None
    assert told["id"] == "7"
    assert pattern.fullmatch("/Customers(7)") is None


# --- What is declined


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"method": "GET", "path": "/people"}, 404),
        ({"method": "PURGE"}, 405),
        ({"method": "GET", "headers": {"Accept": "text/html"}}, 406),
        ({"method": "POST", "json": {"customer": {"name": "Ada"}}, "headers": {"Content-Type": "text/plain"}}, 415),
        ({"method": "POST", "json": {"name": "Ada"}}, 400),
        ({"method": "POST", "data": "{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"method": "GET", "params": {"v": "1"}}, 400),
        ({"method": "GET", "headers": {"X-Tenant": "other"}}, 400),
        ({"method": "GET", "headers": {"Authorization": "Bearer other"}}, 401),
    ],
)
def test_requests_that_the_profile_does_not_make_are_declined(
    played: Callable[..., Asked], request_: dict[str, object], status: int
) -> None:
    """Another address, verb, media type, wrapper, demanded parameter or header than the profile's is declined."""
    settings = {
        "create": {"body": {"customer": "{values}"}},
        "requests": {"headers": {"X-Tenant": "a"}, "query": {"v": "2"}},
    }
    pms = played(settings)
    facts = {"params": {"v": "2"}, **request_, "headers": {"X-Tenant": "a", **request_.get("headers", {})}}

    answer = pms.send(**facts)

    assert answer.status_code == status
    assert not pms.box.customers


def test_missing_slash_is_redirected(played: Callable[..., Asked]) -> None:
    """An address that lacks the slash of the profile is answered with 301, and nothing is done."""
    pms = played({"path": "/customers/", "one_path": "{path}{id}/"})

    answer = pms.send("POST", "/customers", json={"name": "Ada"})

    assert (answer.status_code, answer.headers["Location"]) == (301, "/api/customers/")
    assert not pms.box.customers


def test_properties_that_are_read_only_are_refused(played: Callable[..., Asked]) -> None:
    """A property that the profile calls read only is refused by name, and the rest of the request, too."""
    pms = played({"record": {"read_only": ["balance"]}})

    answer = pms.send("POST", json={"name": "Ada", "balance": 7})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["balance"]
    assert not pms.box.customers


def test_login_that_is_elsewhere_cannot_be_played() -> None:
    """A profile that logs in at another address is refused at once."""
    profile = PmsProfile.from_dict({"auth": {"login": {"url": "https://login.example.org/token"}}})

    with pytest.raises(ValueError, match="elsewhere"):
        PmsSandbox(profile=profile)


def test_login_wants_the_secrets(played: Callable[..., Asked]) -> None:
    """A login with the secrets gives the token and its life; with others, or none, it is declined."""
    pms = played({"auth": {"login": {"url": "/login", "token": "session.token", "expires_in": ""}}})
    secrets = pms.box.credentials["secrets"]

    assert pms.send("POST", "/login", json=secrets).json() == {"session": {"token": pms.box.token}}
    assert pms.send("POST", "/login", json={**secrets, "password": "x"}).status_code == 401
    assert pms.send("POST", "/login", data="x").status_code == 401
    assert "token" not in pms.box.credentials


APPLICATION = {"client_id": "pms-sandbox-app-0", "client_secret": "pms-sandbox-client-0"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "pms-sandbox-refresh-0-0"}


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({**REFRESH, **APPLICATION}, 200, None),
        ({**REFRESH, **APPLICATION, "refresh_token": "other"}, 400, "invalid_grant"),
        ({**REFRESH, **APPLICATION, "client_secret": "other"}, 401, "invalid_client"),
        ({**APPLICATION, "grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ("{", 401, "invalid_client"),
    ],
)
def test_tokens_are_sold_for_what_is_good(
    played: Callable[..., Asked], form: object, status: int, error: str | None
) -> None:
    """The token endpoint wants the application and the refresh token that is good now, and says what is wrong."""
    pms = played(grant="refresh_token")

    answer = pms.send("POST", "/oauth2/token", data=form)

    assert (answer.status_code, answer.json().get("error")) == (status, error)


def test_a_sale_makes_what_was_before_worthless(played: Callable[..., Asked]) -> None:
    """After a sale the new token is good, the old one and the old refresh token are not; HTTP Basic will do, too."""
    pms = played(grant="refresh_token")

    sold = pms.send("POST", "/oauth2/token", data=REFRESH, auth=tuple(APPLICATION.values())).json()
    again = pms.send("POST", "/oauth2/token", data={**REFRESH, **APPLICATION})

    assert sold["access_token"] == pms.box.token
    assert again.json()["error"] == "invalid_grant"


def test_a_signature_is_over_verb_path_and_body(played: Callable[..., Asked]) -> None:
    """With a key, a request is admitted with its own signature, and declined with that of another, or without one."""
    pms = played(signing_key="k")
    made = hmac.new(b"k", b"GET\n/api/customers\n", hashlib.sha256).hexdigest()

    answers = [pms.send("GET", headers=h).status_code for h in ({"X-Signature": made}, {"X-Signature": "x"}, {})]

    assert answers == [200, 401, 401]


def test_another_token_makes_the_old_one_worthless(played: Callable[..., Asked]) -> None:
    """A sandbox whose token was changed accepts the new one only."""
    pms = played()

    pms.box.token = "another"

    assert pms.send("GET").status_code == 401
    assert pms.box.credentials == {"token": "another"}


# --- Traps


@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("list", [{"field": "email", "code": "invalid_type", "detail": "email must be text or null"}]),
        ("object", {"email": ["email must be text or null"]}),
        (
            "pointers",
            [{"code": "invalid_type", "detail": "email must be text or null", "source": {"pointer": "/email"}}],
        ),
        ("loc", [{"loc": ["body", "email"], "msg": "email must be text or null", "type": "invalid_type"}]),
    ],
)
def test_errors_of_fields_have_a_style(played: Callable[..., Asked], style: str, told: object) -> None:
    """Errors of single fields stand where the profile has them, in the style of the server."""
    pms = played({"errors": {"fields": "error.fields", "message": "error.text"}}, traps=PmsTraps(fault_style=style))

    answer = pms.send("POST", json={"name": "Ada", "email": 7})

    assert answer.json() == {"error": {"text": "The customer is not valid.", "fields": told}}


@pytest.mark.parametrize(
    ("settings", "status", "body"),
    [
        ({"success": "ok", "message": "text"}, 200, {"text": "The customer is not valid.", "ok": False}),
        ({"failure": "error", "message": "error.text"}, 200, {"error": {"text": "The customer is not valid."}}),
        ({"failure": "failed", "message": "text"}, 200, {"text": "The customer is not valid.", "failed": True}),
        ({"refused": [500], "message": "text"}, 500, {"text": "The customer is not valid."}),
        ({"code": "no", "message": "text"}, 422, {"text": "The customer is not valid.", "no": "E422"}),
    ],
)
def test_refusals_look_as_the_profile_says(
    played: Callable[..., Asked], settings: dict[str, object], status: int, body: dict[str, object]
) -> None:
    """A refusal has the status, the flag and the words of the profile."""
    pms = played({"errors": settings})

    answer = pms.send("POST", json={})

    assert (answer.status_code, {**answer.json(), "errors": None}) == (status, {**body, "errors": None})


@pytest.mark.parametrize(
    ("traps", "send", "status"),
    [
        ({"invalid_status": 500}, {"method": "POST", "json": {}}, 500),
        ({"missing_update": 204}, {"method": "PATCH", "path": "/customers/x", "json": {"name": "Ada"}}, 204),
        ({"missing_delete": 200}, {"method": "DELETE", "path": "/customers/x"}, 200),
        ({"refuse_large_pages": True}, {"method": "GET", "params": {"limit": "501"}}, 400),
        ({"unknown_parameters": "refused"}, {"method": "GET", "params": {"sort": "x"}}, 400),
        ({"required": ["type"]}, {"method": "POST", "json": {"name": "Ada"}}, 422),
        ({"unknown_properties": "refused"}, {"method": "POST", "json": {"name": "Ada", "x": 1}}, 422),
    ],
)
def test_traps_that_answer(
    played: Callable[..., Asked], traps: dict[str, object], send: dict[str, object], status: int
) -> None:
    """A trap decides the answer; without it the same request is answered otherwise."""
    settings = {"create": {"content_type": "application/json"}, "update": {"content_type": "application/json"}}

    assert played(settings, traps=PmsTraps(**traps)).send(**send).status_code == status
    assert played(settings).send(**send).status_code != status


def test_unknown_parameters_filter_everything_away(played: Callable[..., Asked]) -> None:
    """With the trap, a parameter that nobody knows hides everybody; those of the profile do not."""
    pms = played(traps=PmsTraps(unknown_parameters="filter"))
    pms.box.add({"name": "Ada"})

    assert pms.send("GET", params={"sort": "name"}).json()["items"] == []
    assert len(pms.send("GET", params={"limit": "5"}).json()["items"]) == 1


def test_properties_that_nobody_knows_are_dropped(played: Callable[..., Asked]) -> None:
    """With the trap, a property beside the default ones is accepted and lost."""
    pms = played(traps=PmsTraps(unknown_properties="dropped"))

    made = pms.send("POST", json={"name": "Ada", "x": 1})

    assert made.status_code == 201
    assert "x" not in pms.box.customers[made.json()["id"]]


def test_stamps_and_flags_as_odd_servers_show_them(played: Callable[..., Asked]) -> None:
    """No stamp before the first update, times as flags, an id that is not one, nothing where there is nothing."""
    traps = PmsTraps(stamp_when_created=False, flags_as_times=True, misleading_id=True, omit_empty=True)
    pms = played({"record": {"id": "uid", "archived": "archived_at"}}, traps=traps)
    pms.box.add({"name": "Ada", "address": {"city": ""}})

    (row,) = pms.send("GET").json()["items"]

    assert row["updated_at"] is None
    assert row["archived_at"] is None
    assert row["id"] != row["uid"]
    assert row.keys() == {"name", "id", "uid", "created_at", "updated_at", "archived_at"}
    assert pms.send("PATCH", f"/customers/{row['uid']}", json={"archived_at": row["created_at"]}, headers=MERGE).ok
    assert pms.box.customers[row["uid"]]["archived"] is True


def test_a_time_that_has_not_come_is_a_word(played: Callable[..., Asked]) -> None:
    """Where the profile has a word for a time that is none, it stands there, and sent back it means the same."""
    settings = {"record": {"archived": "hidden_at"}, "times": {"none": ["never"]}}
    pms = played(settings, traps=PmsTraps(flags_as_times=True, stamp_when_created=False))
    ada = pms.box.add({"name": "Ada"})

    shown = pms.send("GET", f"/customers/{ada}").json()
    pms.send("PATCH", f"/customers/{ada}", json={"hidden_at": "never", "name": "Ada L."}, headers=MERGE)

    assert (shown["hidden_at"], shown["updated_at"]) == ("never", "never")
    assert (pms.box.customers[ada]["name"], pms.box.customers[ada]["archived"]) == ("Ada L.", False)


def test_deletions_that_leave_the_stamp(played: Callable[..., Asked]) -> None:
    """With the trap, a deletion by either user does not show in a list of changes."""
    pms = played(traps=PmsTraps(stamp_removals=False), tombstones=True)
    ada, bo = pms.box.add({"name": "Ada"}), pms.box.add({"name": "Bo"})
    pms.box.clock.advance(60)
    since = {"updated_since": pms.box.now().isoformat()}

    pms.box.remove(ada)
    pms.send("DELETE", f"/customers/{bo}")

    assert pms.send("GET", params=since).json()["items"] == []
    assert not pms.box.customers


@pytest.mark.parametrize(("ignored", "status"), [(True, 200), (False, 412)])
def test_versions_are_sent_and_ignored(played: Callable[..., Asked], ignored: bool, status: int) -> None:
    """With the trap, a version is shown, and a write to another one goes through."""
    pms = played(traps=PmsTraps(ignore_versions=ignored))
    ada = pms.box.add({"name": "Ada"})

    answer = pms.send("PATCH", f"/customers/{ada}", json={"name": "Bo"}, headers={**MERGE, "If-Match": '"old"'})

    assert answer.status_code == status
    assert pms.send("GET", f"/customers/{ada}").headers["ETag"]


def test_updates_that_are_ignored(played: Callable[..., Asked]) -> None:
    """With the trap, an update is answered with the record as it was."""
    pms = played(traps=PmsTraps(ignore_updates=True))
    ada = pms.box.add({"name": "Ada"})

    answer = pms.send("PATCH", f"/customers/{ada}", json={"name": "Bo"}, headers=MERGE)

    assert (answer.status_code, answer.json()["name"]) == (200, "Ada")


@pytest.mark.parametrize("trap", [{"links": "sideways"}, {"after_create": "song"}, {"missing_update": "no"}])
def test_traps_that_do_not_exist(trap: dict[str, object]) -> None:
    """A trap that cannot be is refused."""
    with pytest.raises((ValueError, TypeError)):
        PmsTraps(**trap)


@pytest.mark.parametrize(
    ("paging", "query", "status"),
    [
        ({"past_end": [404]}, {"page": "3"}, 404),
        ({}, {"page": "3"}, 200),
        ({}, {"page": "x"}, 400),
        ({}, {"page": "0"}, 400),
        ({"first": 0}, {"page": "0"}, 200),
    ],
)
def test_pages_that_do_not_exist(
    played: Callable[..., Asked], paging: dict[str, object], query: dict[str, str], status: int
) -> None:
    """A page behind the last is empty or answered as the profile says; one that cannot be is declined."""
    pms = played({"list": {"query": {"page": "{page}"}}, "paging": paging})
    pms.box.add({"name": "Ada"})

    answer = pms.send("GET", params=query)

    assert answer.status_code == status


@pytest.mark.parametrize("first", [0, 1])
def test_a_fault_on_further_pages_leaves_the_first_number_alone(played: Callable[..., Asked], first: int) -> None:
    """Whether pages are numbered from 0 or from 1, a fault on the next page leaves the first one alone."""
    pms = played({"list": {"query": {"page": "{page}"}}, "paging": {"first": first}})
    pms.box.faults.add(Fault.SERVER_ERROR, on="next_page", times=None)

    assert [pms.send("GET", params={"page": str(first + n)}).status_code for n in (0, 1)] == [200, 500]


def test_cursor_that_is_no_id(played: Callable[..., Asked]) -> None:
    """Where the next page begins behind a row, a cursor that is nobody's id is declined."""
    pms = played({"preset": "cursor"})

    assert pms.send("GET", params={"starting_after": "nobody"}).status_code == 400


def test_id_of_our_choice_that_is_taken(played: Callable[..., Asked]) -> None:
    """A create under an id that is there already is declined, unless it is an update."""
    pms = played({"create": {"path": "{path}/new/{id}", "headers": {}}})
    pms.send("POST", "/customers/new/ada", json={"name": "Ada"})

    assert pms.send("POST", "/customers/new/ada", json={"name": "Bo"}).status_code == 409
    assert pms.box.customers["ada"]["name"] == "Ada"


def test_archiving_by_other_values_than_the_flag(played: Callable[..., Asked]) -> None:
    """A record is archived by the values of the profile, and its flag says so in the words of the profile."""
    settings = {"record": {"archived": "open", "archived_values": [False]}, "archive": {"values": {"state": "closed"}}}
    pms = played(settings)
    ada = pms.box.add({"name": "Ada"})
    before = pms.send("GET", f"/customers/{ada}").json()

    pms.send("PATCH", f"/customers/{ada}", json={"state": "closed"}, headers=MERGE)

    after = pms.send("GET", f"/customers/{ada}").json()
    assert (before["open"], after["open"], after["state"]) == (True, False, "closed")


def test_replacing_a_record_keeps_what_nobody_may_write(played: Callable[..., Asked]) -> None:
    """Where an update replaces the record, properties that were left out are gone, but for those that are read only."""
    settings = {
        "record": {"read_only": ["balance"]},
        "update": {"method": "PUT", "replaces": "record", "content_type": "application/json"},
    }
    pms = played(settings)
    ada = pms.box.add({"name": "Ada", "phone": "1", "balance": 7})

    shown = pms.send("PUT", f"/customers/{ada}", json={"name": "Ada L."}).json()

    assert (shown["name"], shown["phone"], shown["balance"]) == ("Ada L.", None, 7)


def test_forms_hold_objects_and_lists(played: Callable[..., Asked]) -> None:
    """A form writes objects with brackets around names, and lists with empty brackets."""
    pms = played({"create": {"content_type": "application/x-www-form-urlencoded"}})

    made = pms.send("POST", data={"name": "Ada", "address[city]": "Ulm", "tags[]": ["a", "b"], "x[y][]": "z"}).json()

    assert (made["address"]["city"], made["tags"], made["x"]) == ("Ulm", ["a", "b"], {"y": ["z"]})


def test_search_body_with_a_list(played: Callable[..., Asked]) -> None:
    """A search whose body holds a list with placeholders is known with and without them."""
    body = {"where": [["changed", "{since}"], "all"]}
    pms = played(
        {"list": {"method": "POST", "path": "{path}/search", "query": {}, "body": body}, "paging": {"next": ""}}
    )
    pms.box.add({"name": "Ada"})

    full = pms.send("POST", "/customers/search", json={"where": [["changed"], "all"]})
    later = pms.send("POST", "/customers/search", json={"where": [["changed", "2990-01-01T00:00:00Z"], "all"]})

    assert (len(full.json()["items"]), later.json()["items"]) == (1, [])


def test_only_page_for_ever(played: Callable[..., Asked]) -> None:
    """A listing whose only page comes again says that it goes on, and does."""
    pms = played()
    pms.box.add({"name": "Ada"})
    pms.box.faults.add(Fault.LAST_PAGE_REPEATED)

    first = pms.send("GET").json()
    again = pms.send("GET", params={"cursor": first["next_cursor"]}).json()

    assert again["items"] == first["items"]
    assert again["next_cursor"]


def test_filter_that_is_whole_or_not_there(played: Callable[..., Asked]) -> None:
    """A branch that is declared whole is declined without its value, and known without it or with it."""
    body = {"size": "{limit}", "filters": [{"name": "changed", "value": "{since}"}]}
    listing = {
        "method": "POST",
        "path": "{path}/search",
        "query": {"q": [["a", "{since}"]]},
        "body": body,
        "whole": ["filters"],
    }
    pms = played({"list": listing, "paging": {"next": ""}})
    pms.box.add({"name": "Ada"})
    ahead = "2990-01-01T00:00:00Z"

    full = pms.send("POST", "/customers/search", json={"size": 5})
    later = pms.send("POST", "/customers/search", json={"filters": [{"name": "changed", "value": ahead}]})
    asked = pms.send("POST", "/customers/search", json={"size": 5}, params={"q": f'[["a","{ahead}"]]'})
    torn = pms.send("POST", "/customers/search", json={"size": 5, "filters": [{"name": "changed"}]})

    assert [len(answer.json().get("items", "-")) for answer in (full, later, asked)] == [1, 0, 0]
    assert torn.status_code == 400
    assert pms.send("POST", "/customers/search", json={"size": 5}, params={"q": "no JSON"}).status_code != 200
