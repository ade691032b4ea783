"""Secrets are nowhere; what a customer is called is shown only where a person asks to see it."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from urllib.parse import parse_qs

import pytest

from wave_pms_sync import OAuth2, Plan
from wave_pms_sync.errors import SyncError
from wave_pms_sync.http.token_file import FileTokenStore
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.server import LoopbackServer, Reply

WAVE_TOKEN = "canary-wave-token-4711"
PMS_TOKEN = "canary-pms-token-0815"
SECRETS = (WAVE_TOKEN, PMS_TOKEN, "canary-client-secret", "canary-refresh")
PERSON = {
    "name": "Canary Person",
    "email": "canary@example.com",
    "phone": "+1 416 555 9999",
    "firstName": "Kanaria",
    "website": "https://canary.example",
    "address": {"addressLine1": "99 Canary Row", "city": "Canaryville", "country": {"code": "CA"}},
}
PERSONAL = ("Canary", "canary@", "canary.example", "555 9999", "5559999", "Kanaria")


@pytest.fixture
def guarded(make_world, caplog):
    """A world with secrets and a person in it, of which everything that is logged is kept."""
    caplog.set_level(logging.DEBUG)
    return make_world(wave_options={"token": WAVE_TOKEN}, pms_options={"token": PMS_TOKEN})


def clean(text, personal=True):
    """Whether a text holds nothing that was planted."""
    return not [word for word in (*SECRETS, *(PERSONAL if personal else ())) if word in text]


def everything_of(error):
    """All that an error shows when it is printed, logged, or looked at."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(error)


def logged(caplog):
    """All that was logged by us, extras included."""
    ours = [r for r in caplog.records if r.name.startswith("wave_pms_sync")]
    assert ours
    return "\n".join(f"{r.getMessage()} {r.__dict__} {r.exc_text}" for r in ours)


def story(world):
    """A life with everything: creates, edits, disputes, refusals, lost answers, quarantine. Yields what came of it."""
    wave_id = world.wave_box.add(PERSON)
    world.pms_box.add({"name": "Canary Other", "email": "canary.other@example.com"})
    yield world.sync.plan()
    yield world.run()
    pms_id = world.linked()[wave_id]
    world.later()
    world.wave_box.edit(wave_id, {"phone": "+1 416 555 9999 0", "website": "canary.example/new"})
    world.pms_box.edit(pms_id, {"phone": "+1 416 555 9999 1"})
    world.pms_box.faults.add(Fault.REFUSED, on="update", field="website", message="Canary is no website")
    yield world.sync.plan()
    yield world.run()
    world.wave_box.add({**PERSON, "name": "Canary Refused", "email": "canary.refused@example.com"})
    world.pms_box.faults.add(Fault.REFUSED, on="create", message="Canary Refused is not wanted")
    yield world.run()
    world.wave_box.add({**PERSON, "name": "Canary Lost", "email": "canary.lost@example.com"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    yield world.run()
    yield world.sync.plan()


def test_f107_logs_and_reprs_hold_neither_secrets_nor_persons(guarded, caplog):
    """Whatever happens, logs and reprs carry ids, field names and codes only."""
    world = guarded

    for result in story(world):
        assert clean(repr(result))
        if isinstance(result, Plan):
            assert all(clean(repr(action)) and clean(str(action)) for action in result)
        else:
            assert clean(str(result))
            assert all(clean(repr(outcome)) for outcome in result.outcomes)
            assert clean("\n".join(result.reasons))
            assert result.error is None or clean(everything_of(result.error))
            assert all(o.error is None or clean(everything_of(o.error)) for o in result.outcomes)

    assert clean(logged(caplog))
    for thing in (world.sync, world.wave, world.pms, world.links):
        assert clean(repr(thing))
    assert clean(repr(world.sync.disputes()))
    assert clean(repr(world.sync.quarantine()))
    assert all(clean(str(item)) for item in (*world.sync.disputes(), *world.sync.quarantine()))


def test_what_is_shown_to_a_person_shows_values_unless_masked(guarded):
    """A plan as text, table and rows shows values, since it must be judged; with `mask=True` it shows none."""
    world = guarded
    world.wave_box.add(PERSON)
    world.pms_box.add({"name": "Canary Person", "email": "canary@example.com", "phone": "1"})

    plan = world.sync.plan()

    assert "Canary Person" in str(plan)
    assert "Canary Person" in plan._repr_html_()
    assert clean(plan.to_text(mask=True))
    assert clean(plan.to_html(mask=True))
    assert clean(str(plan.to_rows(mask=True)))
    report = world.sync.apply(plan)
    assert clean(str(report.to_rows(mask=True)))
    assert clean(report.to_html(mask=True))


def test_secrets_are_in_no_plan_report_or_store(guarded, tmp_path):
    """Tokens are in no plan or report, saved, pickled or printed, and not in what the store holds."""
    world = guarded

    for result in story(world):
        printed = json.dumps(result.to_dict()) + str(result) + str(result.to_rows()) + result._repr_html_()
        assert clean(printed, personal=False)
        assert not [secret for secret in SECRETS if secret.encode() in pickle.dumps(result)]

    assert not [secret for secret in SECRETS if secret.encode() in pickle.dumps(world.links)]


@pytest.fixture
def token_server():
    """Gives the sandboxes' tokens for refresh tokens; a list in it takes the answers to give before."""
    server, answers = LoopbackServer(), []
    given = {"canary-refresh-wave": WAVE_TOKEN, "canary-refresh-pms": PMS_TOKEN}

    def answer(call):
        spent = parse_qs(call.body.decode())["refresh_token"][0]
        body = {"access_token": given[spent], "refresh_token": spent, "expires_in": 3600}
        return answers.pop(0) if answers else Reply(status=200, body=json.dumps(body).encode())

    server.start(answer)
    server.answers = answers
    yield server
    server.stop()
    server.raise_accident()


def grant_at(server, side, **changes):
    """An OAuth grant full of secrets."""
    facts = {"client_id": "app", "client_secret": "canary-client-secret", "refresh_token": f"canary-refresh-{side}"}
    return OAuth2(**{**facts, "token_url": f"{server.origin}/token", **changes})


def with_grants(world, wave_auth, pms_auth):
    """A world whose clients have OAuth grants in place of tokens."""
    world.wave = world.make_wave(token=None, auth=wave_auth)
    world.pms = world.make_pms(token=None, auth=pms_auth)
    world.change()
    return world


def test_secrets_of_oauth_are_nowhere(guarded, token_server, caplog, tmp_path):
    """With OAuth grants on both sides no plan, report, store, log or repr holds a token, refresh token or secret."""
    store = FileTokenStore(tmp_path / "tokens.json")
    auths = grant_at(token_server, "wave"), grant_at(token_server, "pms", store=store)
    world = with_grants(guarded, *auths)

    for result in story(world):
        printed = json.dumps(result.to_dict()) + str(result) + repr(result) + str(result.to_rows())
        assert clean(printed, personal=False)
        assert not [secret for secret in SECRETS if secret.encode() in pickle.dumps(result)]

    assert clean(logged(caplog), personal=False)
    assert clean(repr([*auths, store, store.load(), world.sync, world.wave, world.pms]), personal=False)
    assert not [secret for secret in SECRETS if secret.encode() in pickle.dumps([world.links, store])]


UNKEPT = {
    "not saved": (None, "could not be kept"),
    "declined": (Reply(status=400, body=b'{"error": "canary-refresh-pms"}'), "declined"),
    "no answer": (Reply(status=200, body=b'{"token": "canary-refresh-pms"}'), "without a usable"),
}


@pytest.mark.parametrize("failure", UNKEPT)
def test_a_failing_grant_stops_the_run_and_shows_no_secret(guarded, token_server, caplog, failure):
    """When a side's tokens cannot be renewed or kept, the run ends before it writes, and its error shows no secret."""
    answer, words = UNKEPT[failure]

    def save(tokens):
        if answer is None:
            raise ValueError(f"no room for {tokens.access_token} {tokens.refresh_token}")

    pms_auth = grant_at(token_server, "pms", on_refresh=save)
    world = with_grants(guarded, grant_at(token_server, "wave", access_token=WAVE_TOKEN), pms_auth)
    world.wave_box.add(PERSON)
    token_server.answers += [answer] if answer else []

    with pytest.raises(SyncError, match=words) as caught:
        world.run()

    assert world.pms_box.customers == {}
    assert clean(everything_of(caught.value))
    assert not [secret for secret in SECRETS if secret.encode() in pickle.dumps(caught.value)]
    assert clean(logged(caplog))


FAILURES = {
    "wrong token": lambda w: setattr(w.pms_box, "token", "another"),
    "wrong wave token": lambda w: setattr(w.wave_box, "token", "another"),
    "html": lambda w: w.pms_box.faults.add(Fault.ANSWER, body=f"<p>Canary {PMS_TOKEN}</p>", times=None),
    "nonsense": lambda w: w.wave_box.faults.add(Fault.ANSWER, body=f'{{"Canary": "{WAVE_TOKEN}"', times=None),
    "errors": lambda w: w.wave_box.faults.add(Fault.GRAPHQL_ERRORS, message=f"Canary {WAVE_TOKEN}", times=None),
    "away": lambda w: w.pms_box.stop(),
    "throttled": lambda w: w.pms_box.faults.add(Fault.THROTTLED, retry_after=9999, times=None),
    "redirect": lambda w: w.pms_box.faults.add(Fault.REDIRECT, location=f"http://x/?t={PMS_TOKEN}", times=None),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_f107_errors_of_failing_runs_hold_neither_secrets_nor_persons(guarded, caplog, failure):
    """An error that ends a run, with its whole chain and its pickle, shows neither tokens nor persons."""
    world = guarded
    world.wave_box.add(PERSON)
    world.run()
    FAILURES[failure](world)

    with pytest.raises(SyncError) as caught:
        world.run()

    assert clean(everything_of(caught.value))
    assert not [secret for secret in SECRETS if secret.encode() in pickle.dumps(caught.value)]
    assert clean(logged(caplog))
