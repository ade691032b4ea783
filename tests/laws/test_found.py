"""What the laws brought to light: each test tells what went wrong for a user."""

from __future__ import annotations

import pytest

from wave_pms_sync import MappingRegistry, Policy
from wave_pms_sync.testing import Fault

RECREATE = Policy(deletions="recreate", create_in=("pms", "wave"))


def test_customer_that_somebody_made_again_is_not_made_a_third_time(open_town):
    """A customer deleted and entered anew in the PMS was to be made again there in every run, and never was."""
    with open_town(policy=RECREATE) as town:
        ada = town.wave_box.add({"name": "Ada", "email": "ada@example.com"})
        town.run()
        town.pms_box.remove(town.linked()[ada])
        anew = town.pms_box.add({"name": "Ada L.", "email": "ada@example.com"})

        town.settle()

        town.check_settled()
        assert list(town.pms_box.customers) == [anew]
        assert [q.id for q in town.sync.quarantine()] == [anew]


def test_person_may_have_a_customer_made_again_beside_another_of_the_same_mailbox(open_town):
    """A person who chose at once to have a record made again got nothing; nor did one if another held its e-mail."""
    with open_town() as town:
        ada = town.wave_box.add({"name": "Ada", "email": "ada@example.com"})
        town.run()
        town.clock.advance(61)
        town.pms_box.remove(town.linked()[ada])
        town.pms_box.add({"name": "Somebody else", "email": "ada@example.com"})
        town.wave_box.edit(ada, {"phone": "1"})
        town.run(full=True)

        town.sync.resolve(town.sync.disputes()[0], choose="wave")
        town.settle()

        assert town.pms_box.customers[town.linked()[ada]]["phone"] == "1"


def test_customer_deleted_and_entered_anew_is_not_doubled_in_wave(open_town):
    """A customer deleted and entered anew in the PMS between two runs was created a second time in Wave."""
    with open_town(policy=Policy(create_in=("pms", "wave"))) as town:
        ada = town.wave_box.add({"name": "Ada", "email": "ada@example.com"})
        town.run()
        town.pms_box.remove(town.linked()[ada])
        anew = town.pms_box.add({"name": "Ada", "email": "ada@example.com"})

        town.run(full=True)

        assert list(town.wave_box.customers) == [ada]
        assert [q.id for q in town.sync.quarantine()] == [anew]


def test_customer_entered_anew_is_shown_to_a_person_even_if_nothing_is_created_in_wave(open_town):
    """A customer deleted and entered anew in the PMS was passed over in silence: nobody was asked to link the two."""
    with open_town() as town:
        ada = town.wave_box.add({"name": "Ada", "email": "ada@example.com"})
        town.run()
        town.clock.advance(61)
        town.pms_box.remove(town.linked()[ada])
        anew = town.pms_box.add({"name": "Ada", "email": "ada@example.com"})

        town.run(full=True)

        assert [(q.id, q.candidates) for q in town.sync.quarantine()] == [(anew, (ada,))]


def test_people_who_only_link_are_asked_about_both_sides(open_town):
    """With no creates at all, an ambiguity was shown for Wave's records and hidden for those of the PMS."""
    with open_town(policy=Policy(create_in=())) as town:
        ids = [town.wave_box.add({"name": "Ada", "email": "ada@example.com"}) for _ in range(2)]
        ids.append(town.pms_box.add({"name": "Ada", "email": "ada@example.com"}))

        town.run()

        assert {q.id for q in town.sync.quarantine()} == set(ids)


def _cut_after_create_in_wave(town, **sent):
    """A customer that only the PMS has, whose create was carried out in Wave while its answer got lost."""
    town.pms_box.add(sent)
    town.wave_box.faults.add(Fault.LOST_AFTER, on="create")
    town.run()
    town.clock.advance(1)
    return next(iter(town.wave_box.customers))


@pytest.mark.parametrize("values", [{"email": "new@example.com"}, {"phone": "99"}], ids=["e-mail", "phone"])
def test_lost_create_that_was_edited_meanwhile_is_not_given_a_counterpart_of_its_own(open_town, values):
    """A customer made in Wave whose answer was lost, edited before the next run, was made a second time in the PMS."""
    with open_town(policy=Policy(create_in=("pms", "wave"))) as town:
        made = _cut_after_create_in_wave(town, name="Ada", email="ada@example.com")
        town.wave_box.edit(made, values)

        town.settle(4)

        assert (len(town.wave_box.customers), len(town.pms_box.customers)) == (1, 1)
        town.check_settled()


def test_lost_create_and_its_origin_rest_together_whatever_is_edited(open_town):
    """Who rested because of a lost create was created once more as soon as one of the two was edited again."""
    with open_town(policy=Policy(create_in=("pms", "wave"))) as town:
        made = _cut_after_create_in_wave(town, name="Ada", email="ada@example.com")
        town.wave_box.edit(made, {"email": "one@example.com"})
        town.settle()
        origin = next(iter(town.pms_box.customers))

        for box, record_id in ((town.wave_box, made), (town.pms_box, origin)):
            town.clock.advance(60)
            box.edit(record_id, {"name": "Ada Lovelace", "phone": "77"})
            town.run()
        town.settle()

        assert (list(town.wave_box.customers), list(town.pms_box.customers)) == ([made], [origin])
        assert {q.id for q in town.sync.quarantine()} == {made, origin}
        town.sync.link(made, origin)
        town.settle()
        town.check_settled()
        assert town.sync.quarantine() == []


@pytest.mark.parametrize("again", [None, "3"], ids=["as sent", "edited again"])
def test_value_that_an_unanswered_update_replaced_is_in_the_journal(open_town, again):
    """What an update replaced was told nowhere if its answer was lost."""
    with open_town() as town:
        ada = town.wave_box.add({"name": "Ada", "phone": "1"})
        town.run()
        town.clock.advance(400)
        town.wave_box.edit(ada, {"phone": "2"})
        town.pms_box.faults.add(Fault.LOST_AFTER, on="update")
        town.run()
        if again:
            town.clock.advance(400)
            town.wave_box.edit(ada, {"phone": again})

        town.settle()

        told = [(e.outcome, f.before, f.after) for e in town.sync.history(wave_id=ada).entries for f in e.fields]
        assert "1" in [before for _, before, _ in told]
        assert town.pms_box.customers[town.linked()[ada]]["phone"] == (again or "2")


def test_update_that_was_not_carried_out_is_told_once(open_town):
    """An update that never arrived and was sent again is told as the one that it became."""
    with open_town() as town:
        ada = town.wave_box.add({"name": "Ada", "phone": "1"})
        town.run()
        town.clock.advance(400)
        town.wave_box.edit(ada, {"phone": "2"})
        town.pms_box.faults.add(Fault.LOST_BEFORE, on="update", times=2)
        town.run()
        town.settle()

        told = [(e.outcome, f.before, f.after) for e in town.sync.history(wave_id=ada).entries for f in e.fields]
        assert [x for x in told if x[1:] == ("1", "2")] == [("done", "1", "2")]


def test_value_that_cannot_be_converted_is_told_when_a_policy_replaces_it(open_town):
    """A value that could not be converted, and lost by the policy, was told as empty: nobody could look it up."""
    with open_town(policy=Policy(first_meeting="wave")) as town:
        ada = town.wave_box.add({"name": "Ada", "email": "ada@example.com", "phone": "1"})
        met = town.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": 5550100})

        run = town.run()

        told = [(f.name, f.before, f.lost) for e in town.sync.history(wave_id=ada).entries for f in e.fields]
        assert ("phone", 5550100, 5550100) in told
        assert town.pms_box.customers[met]["phone"] == "1"
        plan = town.sync.undo(run.run_id)
        assert "phone" not in {c.name for action in plan for c in action.fields}


def test_edit_of_a_customer_that_is_deleted_and_can_still_be_read_is_held(open_town):
    """An edit for a Wave customer that was deleted, and that Wave still showed by its id, was sent in every run."""
    with open_town(wave_options={"delete": "readable"}) as town:
        ada = town.wave_box.add({"name": "Ada", "phone": "1"})
        town.run()
        town.clock.advance(400)
        town.wave_box.remove(ada)
        town.pms_box.edit(town.linked()[ada], {"phone": "2"})

        town.settle(4)

        sent = town.wave_box.ledger.count("update")
        assert [(d.group, d.reason.value) for d in town.sync.disputes()] == [("phone", "refused")]
        town.settle()
        assert town.wave_box.ledger.count("update") == sent
        assert town.sync.plan(full=True).empty


@pytest.mark.parametrize("rule", ["accept", "revert"])
def test_value_that_does_not_travel_is_no_edit_after_a_create(open_town, rule):
    """What a customer showed in a one-way property was cleared as an edit, once a counterpart was made."""
    mapping = MappingRegistry.default()
    mapping.map("customer", wave="website", pms="website", direction="to_wave", on_foreign_edit=rule)
    with open_town(mapping=mapping) as town:
        ada = town.wave_box.add({"name": "Ada", "website": "ada.example"})
        town.run()
        town.clock.advance(400)
        town.wave_box.edit(ada, {"phone": "5"})

        town.settle()

        assert town.wave_box.customers[ada]["website"] == "ada.example"
        town.check_settled()


def test_choice_that_cannot_be_carried_out_is_not_announced_for_ever(open_town):
    """Who chose an address that cannot be written was told for ever that the next run carries it out."""
    with open_town(policy=Policy(conflicts="hold")) as town:
        ada = town.wave_box.add({"name": "Ada", "address": {"city": "Toronto", "country": {"code": "CA"}}})
        town.run()
        town.clock.advance(400)
        town.wave_box.edit(ada, {"address": {"city": "Berlin", "country": {"code": "DE"}}})
        town.pms_box.edit(town.linked()[ada], {"address": {"city": "Nowhere", "country_code": "Atlantis"}})
        town.run()
        town.sync.resolve(town.sync.disputes()[0], choose="pms")

        town.settle()

        town.check_settled()
        told = next(f for f in town.sync.verify() if "address.country.code" in f.fields)
        assert "cannot be carried out" in told.words
        town.sync.resolve(town.sync.disputes()[0], choose="wave")
        town.settle()
        assert town.pms_box.customers[town.linked()[ada]]["address"]["city"] == "Berlin"
        assert town.sync.disputes() == []


def _update_without_answer(town, fault):
    """A pair whose update in the PMS nobody answered; the Wave id."""
    ada = town.wave_box.add({"name": "Ada", "phone": "1"})
    town.run()
    town.clock.advance(400)
    town.wave_box.edit(ada, {"phone": "2"})
    town.pms_box.faults.add(fault, on="update", times=2)
    town.run()
    town.pms_box.faults.clear()
    return ada


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_update_without_an_answer_ends_with_its_link(open_town, fault):
    """An update without an answer stayed open once a person parted the two, and what it replaced was not told."""
    with open_town() as town:
        ada = _update_without_answer(town, fault)

        town.sync.unlink(wave_id=ada)
        town.settle()

        town.check_settled()
        parted = [e for e in town.sync.history(wave_id=ada).entries if e.kind == "unlink"]
        told = [(f.before, f.after) for e in parted for f in e.fields]
        assert told == [("1", "2")]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_update_without_an_answer_is_not_waited_for_where_its_record_is_gone(open_town, fault):
    """An update without an answer stayed open for as long as the deletion of its record was disputed."""
    with open_town() as town:
        ada = _update_without_answer(town, fault)
        town.pms_box.remove(town.linked()[ada])

        town.settle()

        assert [d.group for d in town.sync.disputes()] == ["*"]
        town.check_settled()


def test_our_own_write_is_no_edit_beside_a_disputed_deletion(open_town):
    """An update without an answer that did arrive was, beside an edit against a deletion, open for ever."""
    with open_town() as town:
        ada = _update_without_answer(town, Fault.LOST_AFTER)
        met = town.linked()[ada]
        town.wave_box.remove(ada)
        town.pms_box.edit(met, {"email": "new@example.com"})
        town.settle()
        town.check_settled()

        town.clock.advance(400)
        town.pms_box.edit(met, {"email": None})
        town.settle()

        assert town.sync.disputes() == []
        town.check_settled()


def test_value_that_was_accepted_under_a_mapping_that_did_not_stay_is_judged_anew(open_town):
    """An edit accepted under a one-way mapping, in a run for that customer alone, was no longer seen as two-way."""
    with open_town() as town:
        ada = town.wave_box.add({"name": "Ada", "website": "a.example"})
        town.settle()
        town.clock.advance(400)
        town.pms_box.edit(town.linked()[ada], {"website": "b.example"})
        one_way = MappingRegistry.default()
        one_way.map("customer", wave="website", pms="website", direction="to_pms")
        two_way, town.mapping = town.mapping, one_way
        town.another_sync(town.links).run(only=[ada])
        town.mapping = two_way

        town.sync = town.another_sync(town.links)
        town.settle()

        town.check_settled()
        assert [d.group for d in town.sync.disputes()] == ["website"]


def test_pair_whose_mark_is_refused_is_not_left_open(open_town):
    """A pair found again after a lost create was read whole in every later run, if the PMS refuses our mark."""
    with open_town() as town:
        town.wave_box.add({"name": "Ada", "email": "ada@example.com"})
        town.pms_box.faults.add(Fault.REFUSED, field="external_id", times=None)
        town.pms_box.faults.add(Fault.LOST_AFTER, on="create")
        town.run()

        town.run()

        assert len(town.linked()) == 1
        town.check_store()


def test_pair_that_bears_a_mark_of_somebody_else_is_not_left_open(open_town):
    """A pair found again after a lost create was read whole in every later run, if somebody else had marked it."""
    with open_town() as town:
        town.wave_box.add({"name": "Ada", "email": "ada@example.com"})
        town.pms_box.faults.add(Fault.REFUSED, field="external_id")
        town.pms_box.faults.add(Fault.LOST_AFTER, on="create")
        town.run()
        made = next(iter(town.pms_box.customers))
        town.clock.advance(1)
        plan = town.sync.plan()
        town.pms_box.edit(made, {"external_id": "theirs"})

        town.sync.apply(plan)

        assert town.pms_box.customers[made]["external_id"] == "theirs"
        assert len(town.linked()) == 1
        town.check_store()
