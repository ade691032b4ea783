"""Secrets are nowhere; what a customer is called is shown only where a person asks to see it."""

from __future__ import annotations

import json
import logging
import pickle
import traceback

import pytest

from wave_pms_sync import Plan
from wave_pms_sync.errors import SyncError
from wave_pms_sync.testing import Fault

WAVE_TOKEN = "canary-wave-token-4711"
PMS_TOKEN = "canary-pms-token-0815"
SECRETS = (WAVE_TOKEN, PMS_TOKEN)
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
