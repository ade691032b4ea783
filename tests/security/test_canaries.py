"""Secrets and persons are planted, runs succeed and fail in every way, and nothing that is not asked for shows them."""

from __future__ import annotations

import logging
import pickle
import traceback
import warnings

import pytest

from wave_pms_sync import CustomPmsClient, MappingRegistry, OAuth2, PmsProfile, SQLiteLinkStore
from wave_pms_sync.errors import SyncError
from wave_pms_sync.http.token_file import FileTokenStore
from wave_pms_sync.pms.hooks import Hooks
from wave_pms_sync.testing import Fault

SECRETS = ("canary-wave-token", "canary-pms-token")
PERSON = {
    "name": "Canary Person",
    "email": "canary.person@example.com",
    "phone": "+1 416 555 9999",
    "firstName": "Kanaria",
    "lastName": "Kanarsky",
    "internalNotes": "canary owes us",
    "address": {"addressLine1": "99 Canary Row", "city": "Canaryville", "country": {"code": "CA"}},
}
WORDS = (*SECRETS, "Canary", "canary", "Kanar", "kanar", "5559999", "555 9999")

# Every kind of answer that a side may give, with the person and the secret in what the server says.
SAID = "Canary Person canary-pms-token canary-wave-token"
FAULTS = {
    "throttled": (Fault.THROTTLED, {"retry_after": 9999}),
    "unauthorized": (Fault.UNAUTHORIZED, {}),
    "forbidden": (Fault.FORBIDDEN, {}),
    "server error": (Fault.SERVER_ERROR, {}),
    "bad gateway": (Fault.BAD_GATEWAY, {}),
    "unavailable": (Fault.UNAVAILABLE, {}),
    "redirect": (Fault.REDIRECT, {"location": f"http://canary.example/?q={SECRETS[0]}"}),
    "html": (Fault.ANSWER, {"body": f"<p>{SAID}</p>"}),
    "text": (Fault.ANSWER, {"body": SAID}),
    "another shape": (Fault.ANSWER, {"body": f'{{"{SAID}": ["{SAID}"]}}'}),
    "list of text": (Fault.ANSWER, {"body": f'["{SAID}"]'}),
    "an error in JSON": (Fault.ANSWER, {"status": 400, "body": f'{{"error": "{SAID}", "errors": ["{SAID}"]}}'}),
    "a conflict": (Fault.ANSWER, {"status": 409, "body": f'{{"message": "{SAID}"}}'}),
    "a teapot": (Fault.ANSWER, {"status": 418, "body": SAID, "headers": {"X-Request-Id": "r-1"}}),
    "lost before": (Fault.LOST_BEFORE, {}),
    "lost after": (Fault.LOST_AFTER, {}),
    "cut JSON": (Fault.CUT_JSON, {}),
    "cut body": (Fault.CUT_BODY, {}),
    "empty": (Fault.EMPTY_BODY, {}),
}
ON_WRITES = {"refused": (Fault.REFUSED, {"field": "name", "message": SAID})}
AT_PMS = {
    "our token as a code": (
        Fault.ANSWER,
        {"status": 422, "body": f'{{"errors": [{{"field": "name", "code": "{SECRETS[1]}"}}]}}'},
    ),
}
AT_WAVE = {
    "our token as a code": (Fault.GRAPHQL_ERRORS, {"message": SAID, "code": SECRETS[0]}),
    "errors": (Fault.GRAPHQL_ERRORS, {"message": SAID, "code": "INTERNAL_SERVER_ERROR"}),
    "refused document": (Fault.GRAPHQL_ERRORS, {"message": SAID, "code": "BAD_USER_INPUT"}),
    "partial": (Fault.PARTIAL_DATA, {"message": SAID}),
}


def told_by(error):
    """All that an error shows: its chain as it is printed, repr, text, arguments and notes."""
    chain, each = [], error
    while each is not None:
        chain += [repr(each), str(each), repr(each.args), repr(getattr(each, "__notes__", ""))]
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\n".join([*traceback.format_exception(error, chain=True), *chain])


def found_in(text):
    """What was planted and stands in a text; source lines of this file, which tracebacks quote, hold none of it."""
    return [word for word in WORDS if word in text]


@pytest.fixture
def planted(make_world, caplog, tmp_path):
    """A linked person, a disputed one and a new one, in a world with secrets; every logger is heard at DEBUG."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "wave_pms_sync"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    mapping = MappingRegistry.default()
    mapping.enable("internalNotes")
    links = SQLiteLinkStore(tmp_path / "links.sqlite3")
    options = {"wave_options": {"token": SECRETS[0]}, "pms_options": {"token": SECRETS[1]}}
    world = make_world(links, mapping=mapping, **options)
    world.stack.callback(links.close)
    wave_id = world.wave_box.add(PERSON)
    world.run()
    world.later()
    world.edit("wave", wave_id, {"phone": "+1 416 555 9999 1", "name": "Canary Edited"})
    world.edit("pms", wave_id, {"phone": "+1 416 555 9999 2"})
    world.wave_box.add({**PERSON, "name": "Canary Newcomer", "email": "canary.new@example.com"})
    world.pms_box.add({"name": "Canary Other", "email": "canary.other@example.com"})
    return world


def tell(world, caplog, results):
    """All that must show nothing: logs, reprs, masked views, errors, and what rests."""
    told = [f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records]
    for result in results:
        told.append(told_by(result) if isinstance(result, BaseException) else repr(result))
        views = [getattr(result, how) for how in ("to_text", "to_html", "to_rows") if hasattr(result, how)]
        told += [str(view(mask=True)) for view in views]
        for outcome in getattr(result, "outcomes", ()):
            told += [repr(outcome), repr(outcome.action), told_by(outcome.error) if outcome.error else ""]
        told += list(getattr(result, "reasons", ())) + list(getattr(result, "held", ()))
    quarantined, disputes = world.sync.quarantine(), world.sync.disputes()
    told += [repr(each) + str(each) for each in (*quarantined, *disputes)]
    told += [entry.detail for entry in (*quarantined, *disputes)]
    told += [repr(thing) for thing in (world.sync, world.wave, world.pms, world.links, world.wave_box, world.pms_box)]
    return "\n".join(told)


def tried(step):
    """What a step gave, or the error that it raised."""
    try:
        return step()
    except SyncError as error:
        return error


CASES = [
    *((side, name, on) for side in ("wave", "pms") for name in FAULTS for on in ("read", "write")),
    *((side, name, "write") for side in ("wave", "pms") for name in ON_WRITES),
    *(("pms", name, on) for name in AT_PMS for on in ("read", "write")),
    *(("wave", name, "read") for name in AT_WAVE),
]


@pytest.mark.parametrize(("side", "name", "on"), CASES)
def test_no_failure_shows_a_secret_or_a_person(planted, caplog, side, name, on):
    """However a side fails, reading or writing, logs, errors, reprs and masked views show nothing that was planted."""
    kind, details = {**FAULTS, **ON_WRITES, **{"pms": AT_PMS, "wave": AT_WAVE}[side]}[name]
    planted.box(side).faults.add(kind, on=on, times=None, **details)

    results = [tried(planted.run), tried(planted.run), tried(planted.sync.plan), tried(planted.sync.verify)]

    assert found_in(tell(planted, caplog, results)) == []


def test_no_success_shows_a_secret_or_a_person(planted, caplog):
    """Plans, reports, audit, history, records, checks and lint show nothing planted in logs, reprs and masked views."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        results = [planted.sync.plan(), planted.run(), planted.sync.plan(), planted.sync.verify()]
        (wave_id, pms_id), *_ = planted.linked().items()
        results.append(planted.sync.history(wave_id=wave_id))
        told = tell(planted, caplog, results)
        record, other = planted.wave.customer(wave_id), planted.pms.customer(pms_id)
        told += repr(record) + repr(other) + str(record) + results[0].explain(wave_id)
        findings = [planted.wave.check(), planted.pms.check(), planted.settings["mapping"].lint()]
        told += "".join(str(each) + repr(each) + each._repr_html_() for each in findings)
        told += str(planted.pms.preview()) + repr(planted.settings["mapping"]) + repr(planted.pms.profile)
    told += "".join(str(each.message) for each in warned)

    assert found_in(told) == []
    kept = b"".join(pickle.dumps(each) + repr(each.to_dict()).encode() for each in results[:3])
    assert not [secret for secret in SECRETS if secret.encode() in kept]


def test_no_repr_shows_how_somebody_signs(tmp_path):
    """Clients, grants, token stores, tokens and profiles show no secret, nor does the key of a hook or of a query."""

    class Signed(Hooks):
        key = "canary-hook-key"

    secrets = {"username": "canary-user", "password": "canary-password"}
    basic = PmsProfile.from_dict({"auth": {"basic": "{username}:{password}", "headers": {}}})
    query = PmsProfile.from_dict({"auth": {"query": {"key": "{token}"}, "headers": {}}})
    store = FileTokenStore(tmp_path / "tokens.json")
    grant = OAuth2(
        client_id="app",
        client_secret="canary-client-secret",
        refresh_token="canary-refresh",
        access_token="canary-access",
        token_url="https://login.example.com",
        parameters={"assertion": "canary-assertion"},
    )
    things = [
        CustomPmsClient("https://pms.example.com", secrets=secrets, profile=basic, hooks=Signed()),
        CustomPmsClient("https://pms.example.com", token="canary-key", profile=query),
        CustomPmsClient("https://pms.example.com", auth=grant),
        grant,
        store,
        basic,
        query,
    ]

    told = "".join(repr(each) + str(each) for each in things)
    told += "".join(str(each.preview()) + each.preview()._repr_html_() for each in things[:3])
    told += (
        repr([(each._line, each._line().caller.auth) for each in things[:3]]) + repr(grant._store) + repr(grant._first)
    )

    assert "canary" not in told


def test_a_key_in_the_query_is_in_no_log(world, caplog):
    """A key in the query, and an e-mail address that is looked for, are in no log of any library."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    profile = PmsProfile.from_dict({"auth": {"query": {"key": "{token}"}, "headers": {}}})
    pms = world.make_pms(profile=profile, token="canary-key")

    error = tried(lambda: list(pms.customers()))

    assert [record for record in caplog.records if record.name.startswith("urllib3")]
    assert "canary" not in caplog.text
    assert isinstance(error, SyncError)
    assert "canary" not in told_by(error)
