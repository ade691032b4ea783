"""What people get wrong: each time a clear error or outcome that names what, where, and what to do."""

from __future__ import annotations

import socket
import sqlite3

import pytest

from wave_pms_sync import (
    Guards,
    MemoryLinkStore,
    PmsProfile,
    Policy,
    SQLiteLinkStore,
    SyncError,
    Synchronizer,
    WaveClient,
)
from wave_pms_sync.errors import BadAnswer, ConfigurationError, NotFound, StoreUnusable, Unauthorized, Unreachable
from wave_pms_sync.testing import Fault


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("method", ["plan", "run"])
@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_wrong_token(world, side, method):
    """A wrong token is an error of that side that speaks of the token; the token is not in it."""
    wrong = {"wave": lambda: world.make_wave(token="wr0ng"), "pms": lambda: world.make_pms(token="wr0ng")}[side]()
    sync = world.make_sync(**{side: wrong})

    with pytest.raises(Unauthorized, match="token") as caught:
        getattr(sync, method)()

    assert caught.value.side == side
    assert caught.value.code == "unauthorized"
    assert "wr0ng" not in str(caught.value)


def test_a_wrong_business(world):
    """A business that the token cannot see is an error that names it, and binds the store to nothing."""
    wrong = world.make_wave(business_id="QnVzaW5lc3M6bm9uc2Vuc2U=")

    with pytest.raises((NotFound, Unauthorized, BadAnswer)) as caught:
        world.make_sync(wave=wrong).run()

    assert caught.value.side == "wave"
    assert "QnVzaW5lc3M6bm9uc2Vuc2U=" in str(caught.value)
    assert world.run().ok


def test_no_business(world):
    """A client without a business cannot be synchronised, and says how to find one."""
    unsaid = WaveClient(token="t", url=world.wave_box.url)

    with pytest.raises(ConfigurationError, match="businesses"):
        world.make_sync(wave=unsaid).plan()


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_an_unreachable_host(world, side):
    """A host that does not answer is named, with its side; nothing was written anywhere."""
    port = closed_port()
    if side == "wave":
        away = {"wave": world.make_wave(url=f"http://127.0.0.1:{port}/graphql")}
    else:
        away = {"pms": world.make_pms(base_url=f"http://127.0.0.1:{port}/api")}
    world.wave_box.add({"name": "Ada"})

    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}") as caught:
        world.make_sync(**away).run()

    assert caught.value.side == side
    assert caught.value.retryable
    assert world.writes == (0, 0)


@pytest.mark.parametrize("status", [200, 404])
def test_a_pms_that_answers_html(world, status):
    """A base URL that leads to a web page is an error that says HTML and where to look, without quoting the page."""
    world.pms_box.faults.add(
        Fault.ANSWER,
        status=status,
        body="<html><body>Log in, Ada!</body></html>",
        headers={"Content-Type": "text/html"},
        times=None,
    )

    with pytest.raises(SyncError, match="base URL") as caught:
        world.sync.plan()

    assert caught.value.side == "pms"
    assert "Ada" not in str(caught.value)


def test_a_wave_url_that_leads_elsewhere(world):
    """A Wave URL that is not the GraphQL endpoint is an error that asks about the url."""
    elsewhere = world.make_wave(url=world.wave_box.url + "/nonsense")

    with pytest.raises(SyncError, match="url") as caught:
        world.make_sync(wave=elsewhere).plan()

    assert caught.value.side == "wave"


def test_a_profile_that_does_not_fit(world):
    """A profile that looks for the rows in the wrong place is an error that names the place, never an empty list."""
    misread = world.make_pms(profile=PmsProfile.from_dict({"list": {"rows": "data.rows"}}))

    with pytest.raises(BadAnswer, match=r"data\.rows"):
        world.make_sync(pms=misread).plan()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda m: m.map("customer", wave="phoen", pms="tel"), ("phoen", "phone")),
        (lambda m: m.map("customer", wave="phone", pms="email"), ("email",)),
        (lambda m: m.map("customer", wave="phone", pms="tel", converter="phon"), ("phon",)),
        (lambda m: m.map("customer", wave="phone", pms="tel", direction="sideways"), ("sideways", "both")),
        (lambda m: m.map("customer", wave="phone", pms="tel", type="text"), ("text", "string")),
        (lambda m: m.map("customer", wave="phone", pms=""), ("pms",)),
        (lambda m: m.unmap("phoen"), ("phoen",)),
        (lambda m: m.enable("nonsense"), ("nonsense",)),
    ],
)
def test_a_faulty_mapping(mapping, change, named):
    """A fault in a mapping is raised where it is said, names what is wrong, and leaves the mapping as it was."""
    before = mapping.to_rst()

    with pytest.raises(ConfigurationError) as caught:
        change(mapping)

    assert all(word in str(caught.value) for word in named)
    assert mapping.to_rst() == before


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Policy(conflicts="latest"), ("conflicts", "latest", "newest")),
        (lambda: Policy(deletions="archive", create_in=("waev",)), ("create_in", "waev")),
        (lambda: Policy(deletions={"wave": "archive"}), ("deletions", "Wave cannot archive")),
        (lambda: Policy(deletions="obliterate"), ("obliterate", "keep")),
        (lambda: Policy(archives="yes"), ("archives", "mirror")),
        (lambda: Policy(settle_s=-1, lag_s="soon"), ("settle_s", "lag_s")),
        (lambda: Policy(guards=Guards(max_retirements=-5)), ("max_retirements",)),
        (lambda: Policy(match_on=("email", "email")), ("match_on",)),
    ],
)
def test_a_faulty_policy(make, named):
    """A fault in a policy is raised at construction, with the path of every fault and what is allowed."""
    with pytest.raises(ConfigurationError) as caught:
        make()

    assert all(word in str(caught.value) for word in named)


def test_a_policy_that_does_not_fit_the_mapping_or_the_pms(world):
    """Keys and groups that are not mapped, and archiving in a PMS that cannot, are refused when all comes together."""
    with pytest.raises(ConfigurationError) as caught:
        world.make_sync(
            policy=Policy(match_on=("tax_number",), conflicts={"adress": "pms"}, deletions="archive"),
            pms=world.make_pms(profile=PmsProfile.from_dict({"record": {"archived": ""}})),
        )

    assert len(caught.value.faults) == 3
    assert all(word in str(caught.value) for word in ("tax_number", "adress", "cannot archive"))


# --- stores


def test_a_store_file_that_is_not_ours(world, tmp_path):
    """A file of something else is refused, named, and left as it is, byte by byte."""
    text, database = tmp_path / "notes.txt", tmp_path / "other.sqlite3"
    text.write_text("my notes, not a database at all, and certainly none of yours")
    with sqlite3.connect(database) as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    before = text.read_bytes(), database.read_bytes()

    for path in (text, database):
        sync = world.make_sync(links=SQLiteLinkStore(path))
        for call in (sync.plan, sync.run):
            with pytest.raises(StoreUnusable, match=path.name):
                call()

    assert (text.read_bytes(), database.read_bytes()) == before
    assert world.writes == (0, 0)


def test_f89_a_store_file_of_a_newer_version(world, tmp_path):
    """A file of a newer version of this library is refused with the advice to update, and left as it is."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links:
        links.release(links.acquire("me", world.clock.now(), 60))
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()

    sync = world.make_sync(links=SQLiteLinkStore(path))

    for call in (sync.plan, sync.run):
        with pytest.raises(StoreUnusable, match="update wave_pms_sync"):
            call()


def test_f88_a_damaged_store_file(world, tmp_path):
    """A damaged file is refused with the way back, before anything is written to a side."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links:
        world.make_sync(links=links).run()
    world.wave_box.add({"name": "Ada"})
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(bytes(content))
    world.count()

    with pytest.raises(StoreUnusable, match=r"damaged|links\.sqlite3"):
        world.make_sync(links=SQLiteLinkStore(path)).run()

    assert world.writes == (0, 0)


@pytest.mark.parametrize("place", ["missing/links.sqlite3", "."])
def test_a_store_path_that_cannot_be(world, tmp_path, place):
    """A path in a missing folder, or of a folder, is refused and says what to do."""
    sync = world.make_sync(links=SQLiteLinkStore(tmp_path / place))

    with pytest.raises(StoreUnusable, match="folder"):
        sync.run()


# --- values


HARD = [
    "Ünïcødé Ångström",
    "日本語のお客様",
    "עברית",
    "👩‍👩‍👧 Family",
    "O'Brien & Söhne <b>",
    'Quote " Backslash \\ ',
    "A" * 250,
    "= 1+1",
    "Robert'); DROP TABLE links;--",
]


@pytest.mark.parametrize("name", HARD)
def test_f39_hard_characters_travel_both_ways(both_ways, name):
    """Names with any characters arrive as they are, on both sides, and stay quiet."""
    world = both_ways
    world.wave_box.add({"name": name, "email": "wave@example.com"})
    world.pms_box.add({"name": f"{name}!", "email": "pms@example.com"})

    assert world.run().ok
    assert world.rest().ok

    assert {c["name"] for c in world.wave_box.customers.values()} == {name, f"{name}!"}
    assert {c["name"] for c in world.pms_box.customers.values()} == {name, f"{name}!"}
    assert world.wave_box.ledger.updates == 0


def test_f40_texts_that_look_like_numbers_stay_texts(world):
    """Leading zeros, plus signs and long digits arrive as they are written."""
    wave_id = world.wave_box.add(
        {"name": "007", "displayId": "00042", "phone": "0012", "fax": "12345678901234567890123456789"}
    )

    world.rest()

    here = world.at_pms(wave_id)
    assert (here["name"], here["customer_number"], here["phone"]) == ("007", "00042", "0012")
    assert here["fax"] == "12345678901234567890123456789"


def test_f46_a_customer_of_whom_no_key_can_be_read_gets_no_counterpart_until_it_can(both_ways):
    """Nobody knows whose an unreadable e-mail is: the customer rests, and is linked when the e-mail is put right."""
    world = both_ways
    world.pair(name="Grace", email="grace@example.com")
    pms_id = world.pms_box.add({"name": "A. Lovelace", "email": ["ada@example.com"]})

    assert world.run().ok

    (entry,) = world.sync.quarantine()
    assert (entry.id, entry.reason.value) == (pms_id, "invalid")
    assert "email: cannot be read" in entry.detail
    assert len(world.wave_box.customers) == 1

    world.later()
    wave_id = world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    world.pms_box.edit(pms_id, {"email": "ada@example.com"})
    world.run()

    assert world.linked()[wave_id] == pms_id
    assert world.sync.quarantine() == []


def test_f100_one_bad_record_harms_only_itself(world):
    """Of many customers one that the PMS refuses, one without a name, one with an impossible address: the rest goes."""
    good = [world.wave_box.add({"name": f"Customer {n}"}) for n in range(5)]
    nameless = world.wave_box.add({"email": "x@example.com"}, strict=False)
    refused = world.wave_box.add({"name": "Refused"})
    misplaced = world.wave_box.add(
        {"name": "Misplaced", "address": {"country": {"code": "DE"}, "province": {"code": "CA-ON"}}}
    )
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="name", value="Refused", times=None)

    report = world.run()

    assert report.status == "partial"
    assert set(world.linked()) == {*good, misplaced}
    assert {q.id for q in world.sync.quarantine()} == {nameless, refused}
    assert [(d.wave_id, d.group) for d in world.sync.disputes()] == [(misplaced, "address")]


def test_parts_of_another_kind_are_named_at_construction(world):
    """A path in place of a store, or a word in place of a policy, is refused at construction, all at once."""
    with pytest.raises(ConfigurationError) as refused:
        Synchronizer(wave=world.wave, pms=world.pms, links="links.sqlite3", policy="newest")

    assert [fault.split(":")[0] for fault in refused.value.faults] == ["links", "policy"]


def test_none_means_the_default(world):
    """None for mapping, policy and clock means their defaults."""
    sync = Synchronizer(wave=world.wave, pms=world.pms, links=MemoryLinkStore(), mapping=None, policy=None, clock=None)

    assert sync.policy == Policy()
    assert sync.plan().empty


def test_swapped_clients_are_told(world):
    """Wave's client in the place of the PMS's and the other way round is refused at construction."""
    with pytest.raises(ConfigurationError) as refused:
        Synchronizer(wave=world.pms, pms=world.wave, links=world.links)

    assert [fault.split(":")[0] for fault in refused.value.faults] == ["wave", "pms"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda world: world.sync.unlink(pms_id=5),
        lambda world: world.sync.retry("x"),
        lambda world: world.sync.resolve("x", choose="wave"),
        lambda world: world.sync.apply(world.sync.plan(), accept=5),
        lambda world: world.wave.create_customer(None),
        lambda world: list(world.wave.customers(modified_after="2026-01-01")),
        lambda world: list(world.pms.customers(modified_after="2026-01-01")),
    ],
    ids=["unlink", "retry", "resolve", "accept", "create", "wave-since", "pms-since"],
)
def test_arguments_of_another_kind_are_named(world, ask):
    """What cannot be an id, an entry, a digest, a customer or a moment is refused by name, and nothing is sent."""
    world.count()

    with pytest.raises(ConfigurationError):
        ask(world)

    assert world.requests[1] <= 1
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == 0
