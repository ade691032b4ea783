"""Two-way runs with a PMS of every profile of the table, and with the traps of real servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from life import Pair, lived

from wave_pms_sync import CustomPmsClient, PmsProfile
from wave_pms_sync.errors import BadAnswer, ConfigurationError, Refused, SyncError, Throttled, Unauthorized
from wave_pms_sync.findings import Verdict
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.testing import Fault, PmsSandbox, PmsTraps

TABLE = json.loads((Path(__file__).parents[1] / "contracts" / "profiles.json").read_text("utf-8"))


@pytest.fixture
def pair() -> Iterator[Callable[..., Pair]]:
    """Makes pairs of the test's choice."""
    with ExitStack() as stack:
        yield lambda *args, **options: Pair(stack, *args, **options)


@pytest.mark.parametrize("row", TABLE)
def test_a_life_with_every_profile(pair: Callable[..., Pair], row: str) -> None:
    """Matches, creates both ways, edits and clears on both sides, a deletion and a quiet run, whatever the API."""
    entry = TABLE[row]
    profile = PmsProfile.from_dict(entry["profile"]).evolve(paging={"size": 3})

    lived(pair(profile, traps=entry.get("traps"), **entry.get("sandbox", {})))


@pytest.mark.parametrize("row", ["cursor", "feeds", "brackets", "web_links"])
def test_deletions_that_lists_of_changes_tell(pair: Callable[..., Pair], row: str) -> None:
    """Where a list of changes, or one of its own, tells what is gone, an incremental run knows, and keeps Wave's."""
    entry = TABLE[row]
    both = pair(PmsProfile.from_dict(entry["profile"]), traps=entry.get("traps"), **entry.get("sandbox", {}))
    ada = both.add("Ada")
    both.add("Bo")
    both.run()

    both.clock.advance(60)
    both.pms_box.remove(both.links_of()[ada])
    both.run()

    statuses = {link.wave_id: link.status for link in both.links.scan(Link)}
    assert statuses[ada] is LinkStatus.TOMBSTONE
    assert both.names() == (["Ada", "Bo"], ["Bo"])
    assert both.pms_box.ledger.creates == 2


@pytest.mark.parametrize(("absent", "travels"), [("empty", True), ("unknown", False)])
def test_a_pms_that_leaves_out_what_is_empty(pair: Callable[..., Pair], absent: str, travels: bool) -> None:
    """Where the profile says so, what a record does not show was cleared; a row about a deletion clears nothing."""
    profile = PmsProfile.from_dict({"record": {"absent": absent}})
    both = pair(profile, traps={"omit_empty": True}, tombstones=True)
    ada, bo = (both.add(name, website=f"{name.lower()}.example") for name in ("Ada", "Bo"))
    both.run()
    there = both.links_of()

    both.clock.advance(60)
    both.pms_box.edit(there[ada], {"website": None})
    both.pms_box.remove(there[bo])
    report = both.run()
    both.clock.advance(450)
    before = both.writes
    quiet = both.run(full=True)

    assert report.ok, report
    assert (both.wave_box.customers[ada]["website"] or None) == (None if travels else "ada.example")
    assert both.wave_box.customers[bo]["website"] == "bo.example"
    assert quiet.ok
    assert both.writes == before


@pytest.mark.parametrize("only", [{"kinds": "customer"}, {"kind": "Customer"}])
def test_a_condition_that_nobody_fits(pair: Callable[..., Pair], only: Mapping[str, object]) -> None:
    """Where what tells customers from others is misspelt, a first run stops after one create; nothing is doubled."""
    profile = PmsProfile.from_dict({"record": {"only": {"kind": "customer"}}})
    both = pair(profile, as_told=profile.evolve(record={"only": only}), traps={"after_create": "id"})
    filled(both)

    for _ in range(3):
        both.run(full=True)

    assert both.writes == (0, 1)


# --- Traps of real servers


def filled(both: Pair) -> None:
    """Five customers on both sides, who are the same by their e-mail, and one on each side alone."""
    for name in ("Ada", "Bo", "Cy", "Di", "Eve"):
        both.add(name)
        both.add_to_pms(name)
    both.add("Wanda")
    both.add_to_pms("Pat")


def whole(both: Pair) -> bool:
    """Whether everybody is on both sides, once."""
    everybody = ["Ada", "Bo", "Cy", "Di", "Eve", "Pat", "Wanda"]
    return both.names() == (everybody, everybody)


def test_a_wrong_token_that_sees_an_empty_pms_writes_nothing(pair: Callable[..., Pair]) -> None:
    """A PMS that shows an empty list to a wrong token is no empty PMS: nothing is written on either side."""
    both = pair(traps={"wrong_token": "empty"}, token="wrong")
    filled(both)

    report = both.run()

    assert not report.ok
    assert both.writes == (0, 0)


def test_a_token_that_ends_does_not_make_everybody_gone(pair: Callable[..., Pair]) -> None:
    """When the token ends between two runs and lists come empty, nobody is retired, and a new token goes on."""
    both = pair(traps={"wrong_token": "empty"})
    filled(both)
    both.run()
    good, before = both.pms_box.token, both.writes

    both.pms_box.token = "another"
    both.clock.advance(450)
    with pytest.raises(Unauthorized):
        both.run(full=True)

    assert both.writes == before
    both.pms_box.token = good
    both.clock.advance(450)
    assert both.run(full=True).ok
    assert whole(both)


def test_unknown_parameters_that_filter_everything_away_are_noticed(pair: Callable[..., Pair]) -> None:
    """A profile that sends a parameter which the API takes for a filter sees nobody: at most one record is written."""
    told = PmsProfile().evolve(list={"query": {"limit": "{limit}", "cursor": "{cursor}", "sorting": "created"}})
    both = pair(as_told=told, traps={"unknown_parameters": "filter"})
    filled(both)

    both.run()
    both.clock.advance(450)
    both.run(full=True)

    assert both.pms_box.ledger.creates <= 1
    assert both.wave_box.ledger.writes == 0


@pytest.mark.parametrize("row", ["json_rest", "page_number", "limit_offset", "cursor", "web_links", "hypertext"])
def test_a_last_page_that_comes_for_ever_ends(pair: Callable[..., Pair], row: str) -> None:
    """A listing that never ends is left after few requests; nobody is doubled and nobody retired."""
    entry = TABLE[row]
    profile = PmsProfile.from_dict(entry["profile"]).evolve(paging={"size": 3})
    both = pair(profile, traps=entry.get("traps"), **entry.get("sandbox", {}))
    filled(both)
    both.pms_box.faults.add(Fault.LAST_PAGE_REPEATED)

    both.run()
    both.clock.advance(450)
    both.run(full=True)

    assert both.pms_box.ledger.requests < 60
    both.pms_box.faults.clear()
    both.clock.advance(450)
    assert both.run(full=True).ok
    assert whole(both)


@pytest.mark.parametrize("row", ["json_rest", "json_api", "limit_offset", "cursor", "web_links", "framework"])
def test_page_sizes_are_cut_in_silence(pair: Callable[..., Pair], row: str) -> None:
    """Pages smaller than asked for are no end of the listing."""
    entry = TABLE[row]
    required = {"unknown_parameters": "refused"} if row == "framework" else entry.get("traps")
    settings = {**entry.get("sandbox", {}), "max_limit": 2}
    both = pair(PmsProfile.from_dict(entry["profile"]), traps=required, **settings)
    filled(both)

    assert both.run().ok
    assert whole(both)


def test_page_sizes_are_refused(pair: Callable[..., Pair]) -> None:
    """An API that declines the size asked for stops the run before anything is written."""
    both = pair(traps={"refuse_large_pages": True}, max_limit=50)
    filled(both)

    with pytest.raises(Refused, match="limit"):
        both.run()

    assert both.writes == (0, 0)


@pytest.mark.parametrize("answer", ["null", "ok", "nothing"])
def test_a_create_that_answers_nothing_is_not_repeated(pair: Callable[..., Pair], answer: str) -> None:
    """What a create made is found again by its mark, though no answer told its id: everybody is there once."""
    both = pair(traps={"after_create": answer})
    filled(both)

    for _ in range(3):
        both.run(full=True)
        both.clock.advance(450)

    assert both.run(full=True).ok
    assert whole(both)
    assert both.pms_box.ledger.creates == 1


@pytest.mark.parametrize("traps", [{"links": "path"}, {"links": "query"}, {"links": "path", "unescaped_links": True}])
def test_next_links_without_a_host(pair: Callable[..., Pair], traps: Mapping[str, object]) -> None:
    """Links of next pages lead on though they have no host, no path, or characters that must be escaped."""
    profile = PmsProfile().evolve(
        list={"query": {"limit": "{limit}", "updated_since": "{since}"}}, paging={"next": "next", "size": 2}
    )
    both = pair(profile, traps=traps)
    filled(both)

    assert both.run().ok
    assert whole(both)


def test_rows_that_were_never_updated_are_missed_by_the_filter(pair: Callable[..., Pair]) -> None:
    """A since-filter that misses new rows: a full run finds them, and nobody whom both sides have is doubled."""
    both = pair(traps={"stamp_when_created": False})
    filled(both)
    both.run()
    both.add_to_pms("Zoe")

    both.run()
    assert "Zoe" not in both.names()[0]
    both.clock.advance(450)
    assert both.run(full=True).ok

    assert both.names()[0].count("Zoe") == 1
    assert (both.wave_box.ledger.creates, both.pms_box.ledger.creates) == (2, 1)


def test_somebody_new_on_both_sides_whom_the_filter_misses_is_not_doubled(pair: Callable[..., Pair]) -> None:
    """Where lists of changes miss new rows, a profile without them keeps somebody new on both sides single."""
    told = PmsProfile().evolve(list={"query": {"limit": "{limit}", "cursor": "{cursor}"}})
    both = pair(as_told=told, traps={"stamp_when_created": False})
    filled(both)
    both.run()
    both.add_to_pms("Zoe")
    both.add("Zoe")

    both.run()
    both.clock.advance(450)
    both.run(full=True)

    assert [names.count("Zoe") for names in both.names()] == [1, 1]


def test_soft_deletions_that_do_not_move_the_stamp(pair: Callable[..., Pair]) -> None:
    """A soft deletion that no stamp tells is found by a full run; Wave keeps its customer, and none is made again."""
    both = pair(traps={"stamp_removals": False}, soft_delete=True, tombstones=True)
    filled(both)
    both.run()
    ada = next(pms_id for pms_id, row in both.pms_box.customers.items() if row["name"] == "Ada")

    both.pms_box.remove(ada)
    both.run()
    both.clock.advance(450)
    assert both.run(full=True).ok

    assert "Ada" in both.names()[0]
    assert "Ada" not in both.names()[1]
    assert (both.wave_box.ledger.creates, both.pms_box.ledger.creates) == (1, 1)


def test_versions_that_are_sent_and_ignored(pair: Callable[..., Pair]) -> None:
    """Where a guard is ignored, an edit in between may be overwritten, but both sides end equal."""
    both = pair(traps={"ignore_versions": True})
    filled(both)
    both.run()
    wave_id = next(i for i, row in both.wave_box.customers.items() if row["name"] == "Ada")
    pms_id = both.links_of()[wave_id]
    both.wave_box.edit(wave_id, {"phone": "1"})
    both.pms_box.faults.add(Fault.CALL_BEFORE, on="update", call=lambda _: both.pms_box.edit(pms_id, {"phone": "2"}))

    both.run()
    both.clock.advance(450)
    both.run(full=True)

    assert both.wave_box.customers[wave_id]["phone"] == both.pms_box.customers[pms_id]["phone"]


def test_a_version_that_is_demanded_and_not_sent(pair: Callable[..., Pair]) -> None:
    """428 to a profile without versions read as an edit in between, in each run; the setting is named instead."""
    told = PmsProfile().evolve(update={"headers": {}}, delete={"headers": {}})
    both = pair(as_told=told, require_if_match=True)
    filled(both)
    both.run()
    wave_id = next(i for i, row in both.wave_box.customers.items() if row["name"] == "Ada")
    both.wave_box.edit(wave_id, {"phone": "1"})

    report = both.run()

    assert isinstance(report.error, ConfigurationError)
    assert "record.version_demanded" in str(report)
    assert both.sync.quarantine() == []
    assert not both.pms_box.customers[both.links_of()[wave_id]]["phone"]
    assert both.wave_box.customers[wave_id]["phone"] == "1"


@pytest.mark.parametrize("refused", [[], [500]])
def test_values_that_cannot_be_stored_are_answered_with_500(pair: Callable[..., Pair], refused: list[int]) -> None:
    """One create that the API answers with 500 is not made, not made twice, and does not stop the others."""
    both = pair(PmsProfile().evolve(errors={"refused": refused}), traps={"invalid_status": 500})
    filled(both)
    both.pms_box.faults.add(Fault.REFUSED, times=None, field="name", value="Wanda", on="create")
    both.add("Zoe")

    for _ in range(3):
        both.run(full=True)
        both.clock.advance(450)

    assert "Wanda" not in both.names()[1]
    assert both.names()[1].count("Zoe") == 1
    assert both.pms_box.ledger.creates == 1


def test_retry_after_nothing(pair: Callable[..., Pair]) -> None:
    """An API that says to come back at once is not asked for ever."""
    both = pair()
    filled(both)
    both.pms_box.faults.add(Fault.THROTTLED, times=None, retry_after=0)

    with pytest.raises(Throttled):
        both.run()

    assert both.pms_box.ledger.requests < 20
    assert both.writes == (0, 0)


def test_a_missing_slash_is_answered_with_a_redirect(pair: Callable[..., Pair]) -> None:
    """Addresses without their slash are redirected: nothing is written, and nothing turns into another verb."""
    served = PmsProfile().evolve(path="/customers/", one_path="{path}{id}/")
    both = pair(served, as_told=PmsProfile())
    filled(both)

    with pytest.raises(BadAnswer, match=r"check the base URL and `path or list\.path` in the profile"):
        both.run()

    assert both.writes == (0, 0)


@pytest.mark.parametrize(
    ("status", "named"),
    [(308, "path or create.path"), (405, "create.method"), (415, "create.content_type"), (406, "requests.accept")],
)
def test_a_wrong_setting_for_writes_blames_no_record(pair: Callable[..., Pair], status: int, named: str) -> None:
    """A verb or media type that the PMS does not know put every customer into quarantine; the run ends instead."""
    both = pair()
    leads = {"Location": "/api/customers/"}
    both.pms_box.faults.add(Fault.ANSWER, on="create", times=None, status=status, headers=leads)
    both.add("Zoe")
    both.add("Yan")

    report = both.run()

    assert isinstance(report.error, ConfigurationError)
    assert named in str(report)
    assert (both.sync.quarantine(), both.pms_box.ledger.creates) == ([], 0)
    both.pms_box.faults.clear()
    assert both.run().counts.created_pms == 2


@pytest.mark.parametrize("trap", [{"required": ("type",)}, {"unknown_properties": "refused"}])
def test_a_create_that_lacks_something_is_refused(pair: Callable[..., Pair], trap: Mapping[str, object]) -> None:
    """Refused creates are told, leave the rest alone, and nobody is doubled once the cause is gone."""
    both = pair(traps=trap)
    for name in ("Ada", "Bo"):
        both.add(name)
    both.pms_box.add({"name": "Bo", "email": "bo@example.com", "type": "customer"})
    both.pms_box.add({"name": "Pat", "email": "pat@example.com", "type": "customer"})

    report = both.run()

    creates = 0 if "required" in trap else 1
    assert report.ok is bool(creates)
    assert both.pms_box.ledger.creates == creates
    assert both.names()[0] == ["Ada", "Bo", "Pat"]


def test_properties_that_are_dropped_in_silence(pair: Callable[..., Pair]) -> None:
    """A property that the PMS drops is told as not kept, and is not written again and again."""
    both = pair(traps={"unknown_properties": "dropped"})
    both.sync.mapping.map("customer", wave="website", pms="homepage", converter="website")
    both.add("Ada", website="ada.example")

    both.run()
    both.clock.advance(450)
    both.run(full=True)
    before = both.writes
    both.clock.advance(450)
    both.run(full=True)

    assert both.writes == before
    assert both.wave_box.customers[next(iter(both.links_of()))]["website"] == "ada.example"


@pytest.mark.parametrize("answer", ["record", "nothing"])
def test_updates_that_are_ignored_in_silence(pair: Callable[..., Pair], answer: str) -> None:
    """An update that is answered as done and not done is told, not repeated for ever, and never takes a value back."""
    both = pair(traps={"ignore_updates": True, "after_update": answer})
    filled(both)
    both.run()
    wave_id = next(i for i, row in both.wave_box.customers.items() if row["name"] == "Ada")
    both.wave_box.edit(wave_id, {"phone": "1"})

    report = both.run()
    for _ in range(3):
        both.clock.advance(450)
        both.run(full=True)

    assert report.counts.not_kept == 5  # the mark of origin of everybody who was matched, and the phone
    assert both.wave_box.customers[wave_id]["phone"] == "1"
    assert both.pms_box.ledger.writes < 20


@pytest.mark.parametrize("status", [200, 204])
def test_a_missing_record_that_is_answered_with_nothing(pair: Callable[..., Pair], status: int) -> None:
    """An empty success for a record that is gone is no record: nothing is written, and the doctor names the setting."""
    both = pair(traps={"missing_read": status})
    filled(both)
    both.run()
    wave_id = next(i for i, row in both.wave_box.customers.items() if row["name"] == "Ada")
    both.pms_box.remove(both.links_of()[wave_id])
    before = both.writes

    both.clock.advance(450)
    with suppress(SyncError):
        both.run(full=True)

    assert both.writes == before
    assert "read.empty_is_missing" in str(both.pms.check())


def test_a_demanded_property_that_is_answered_with_409(pair: Callable[..., Pair]) -> None:
    """A 409 for a property that was not sent makes nobody, doubles nobody, and is told by the doctor."""
    both = pair(traps={"required": ("type",), "invalid_status": 409})
    both.add("Ada")

    for _ in range(3):
        both.run(full=True)
        both.clock.advance(450)

    assert both.pms_box.ledger.creates == 0
    assert both.names() == (["Ada"], [])
    assert not both.pms.check(write=True).ok


def test_an_id_that_is_none(pair: Callable[..., Pair]) -> None:
    """A profile that takes a misleading `id` for the id reads nobody by it: nobody is doubled, and the doctor tells."""
    served = PmsProfile().evolve(record={"id": "_id"})
    both = pair(served, as_told=PmsProfile(), traps={"misleading_id": True})
    filled(both)

    for _ in range(3):
        with suppress(SyncError):
            both.run(full=True)
        both.clock.advance(450)

    assert all(len({*names}) == len(names) for names in both.names())
    assert both.pms_box.ledger.creates <= 1
    assert "one_path" in str(both.pms.check())


def test_a_page_of_a_portal_in_place_of_a_list(pair: Callable[..., Pair]) -> None:
    """A sign-in page in HTML, with 200, is no empty list: nothing is written, and the doctor says what came."""
    both = pair()
    filled(both)
    page = {"status": 200, "body": "<html>Sign in</html>", "headers": {"Content-Type": "text/html"}}
    both.pms_box.faults.add(Fault.ANSWER, times=None, **page)

    with pytest.raises(BadAnswer, match="text/html"):
        both.run()

    assert both.writes == (0, 0)
    assert "text/html" in str(both.pms.check())


@pytest.mark.parametrize("status", [200, 204])
def test_the_update_of_a_missing_record_is_no_success(pair: Callable[..., Pair], status: int) -> None:
    """A PMS that says yes to the update of a record that is gone is not believed; Wave keeps its customer."""
    both = pair(traps={"missing_update": status})
    filled(both)
    both.run()
    wave_id = next(i for i, row in both.wave_box.customers.items() if row["name"] == "Ada")
    both.pms_box.remove(both.links_of()[wave_id])
    both.wave_box.edit(wave_id, {"phone": "1"})

    report = both.run()

    assert report.counts.updated_pms == 0
    both.clock.advance(450)
    both.run(full=True)
    assert both.wave_box.customers[wave_id]["phone"] == "1"
    assert both.pms_box.ledger.creates == 1


# --- What the doctor says of each

UNSORTED = {"list": {"query": {"limit": "{limit}", "cursor": "{cursor}", "sorting": "created"}}}
UNGUARDED = {"update": {"headers": {}}, "delete": {"headers": {}}}


@pytest.mark.parametrize(
    ("trap", "told", "subject", "key"),
    [
        ({"wrong_token": "empty", "token": "of another"}, {}, "missing record", "errors.missing"),
        ({"refuse_large_pages": True, "max_limit": 50}, {}, "listing", "list"),
        ({"stamp_when_created": False}, {}, "since-filter", "list.query"),
        ({"ignore_updates": True}, {}, "update", "update"),
        ({"ignore_versions": True}, {}, "version", "update.headers"),
        ({"require_if_match": True}, UNGUARDED, "update", "record.version_demanded"),
        ({"unknown_parameters": "filter"}, UNSORTED, "new customer", "list.query"),
        ({"unknown_parameters": "refused"}, UNSORTED, "listing", "list"),
        ({"required": ("type",)}, {}, "create", "create"),
        ({"required": ("type",), "invalid_status": 409}, {}, "create", "create"),
        ({"required": ("type",), "invalid_status": 500}, {}, "create", "create"),
        ({"after_create": "null"}, {}, "create", "create"),
        ({"after_create": "nothing"}, {}, "create", "create"),
        ({"missing_read": 204}, {}, "missing record", "read.empty_is_missing"),
        ({"soft_delete": True}, {"record": {"deleted": ""}}, "delete", "record.deleted"),
    ],
)
def test_the_doctor_names_each_trap(
    trap: dict[str, object], told: Mapping[str, object], subject: str, key: str
) -> None:
    """A trap that the profile does not reckon with is called wrong, with the setting to look at."""
    known = {name: value for name, value in trap.items() if name in PmsTraps.__annotations__}
    settings = {name: value for name, value in trap.items() if name not in known}
    with PmsSandbox(traps=PmsTraps(**known), **settings) as box:
        for name in ("Ada", "Bo", "Cy"):
            box.add({"name": name, "type": "customer"})
        profile = PmsProfile.from_dict(told)
        shown = "pms-sandbox-token-0"  # not the right one where the sandbox has another
        with CustomPmsClient(box.url, profile=profile, token=shown, retry=RetryPolicy(attempts=1)) as client:
            found = client.check(write=True)

    named = [each.key for each in found if each.verdict is Verdict.WRONG and each.subject == subject]
    assert key in " ".join(named)


@pytest.mark.parametrize(
    "trap",
    [{"max_limit": 2}, {"after_update": "null"}, {"missing_update": 204}, {"missing_delete": 200}, {"links": "path"}],
)
def test_the_doctor_lets_pass_what_the_client_gets_along_with(trap: dict[str, object]) -> None:
    """What a server does otherwise, and the client takes as it is, is no finding."""
    known = {name: value for name, value in trap.items() if name in PmsTraps.__annotations__}
    settings = {name: value for name, value in trap.items() if name not in known}
    with PmsSandbox(traps=PmsTraps(**known), **settings) as box:
        for name in ("Ada", "Bo", "Cy"):
            box.add({"name": name})
        with CustomPmsClient(box.url, token=box.token) as client:
            assert client.check(write=True).ok
