"""What every run of a synchronizer keeps, whatever both sides hold and whatever other users do meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given

from wave_pms_sync import Guards, MappingRegistry, MemoryLinkStore, Policy
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Intent, Quarantined, Unfinished
from wave_pms_sync.testing.strategies import scripts, starts

FREE = Guards(max_retirements=None, max_retirements_pct=None, max_updates_pct=None)
POLICIES = {
    "as it comes": Policy(),
    "both ways": Policy(create_in=("pms", "wave"), conflicts="newest", first_meeting="newest"),
    "the PMS knows best": Policy(create_in=("pms", "wave"), conflicts="pms", first_meeting="wave", archives="mirror"),
    "mirrored deletions": Policy(
        conflicts="hold", deletions={"pms": "archive", "wave": "delete"}, archives="mirror", guards=FREE
    ),
    "made again": Policy(deletions={"pms": "recreate", "wave": "recreate"}, create_in=("pms", "wave"), guards=FREE),
}


@pytest.fixture(params=POLICIES)
def policy(request: pytest.FixtureRequest) -> Policy:
    """Each of several ways to work."""
    return POLICIES[request.param]


def test_settled(open_town, some, policy):
    """When edits stop, three runs a settle time apart leave all pairs corresponding, and every record accounted for."""

    @some(12)
    @given(starts(), scripts(least=1), scripts(least=1))
    def law(start, first, second):
        with open_town(policy=policy) as town:
            town.others.arrive(start)
            town.run()
            town.others.play(first)
            town.run()
            town.others.play(second)

            town.settle()

            town.check_settled()
            town.check_store()

    law()


def test_quiet(open_town, some, policy):
    """When a run's writes have been read back, the next plans nothing, and costs two requests if nothing is open."""

    @some(12)
    @given(starts(), scripts(least=1))
    def law(start, script):
        with open_town(policy=policy) as town:
            town.others.arrive(start)
            town.run()
            town.others.play(script)
            town.settle()

            town.clock.advance(policy.overlap_s + 1)
            town.run()
            town.clock.advance(policy.overlap_s + 1)
            town.run()
            before = town.ledger()
            plan = town.sync.plan()
            spent = [b - a for a, b in zip(before, town.ledger(), strict=True)]

            assert plan.empty
            open_ones = [link for link in town.links.scan(Link) if link.open]
            resting = [*town.links.scan(Intent), *town.links.scan(Unfinished), *town.links.scan(Quarantined)]
            if not (open_ones or resting or plan.skipped):
                assert spent == [1, 1, 0, 0]

    law()


# Mirrored deletions lose values, by their rule.
@pytest.mark.parametrize("policy", [name for name in POLICIES if name != "mirrored deletions"], indirect=True)
def test_nothing_lost(open_town, some, policy):
    """What a run replaces is still on the other side or in the journal, and whatever it writes came from a side."""

    @some(12)
    @given(starts(), scripts(least=1), scripts(least=1))
    def law(start, first, second):
        with open_town(policy=policy) as town:
            town.others.arrive(start)
            with town.nothing_lost():
                town.run()
            for script in (first, second):
                town.others.play(script)
                with town.nothing_lost():
                    town.run()
                town.clock.advance(61)
                with town.nothing_lost():
                    town.run()

    law()


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
def test_amnesia(open_town, some, policy, marked):
    """With the link store lost nothing is deleted, and customers that were linked are linked again, none doubled."""
    mapping = MappingRegistry.default()
    if not marked:
        mapping.unmap("id")

    @some(8)
    @given(starts(), scripts(least=1))
    def law(start, script):
        with open_town(policy=policy, mapping=mapping) as town:
            town.others.arrive(start)
            town.run()
            town.others.play(script)
            town.settle()
            pairs = [(w, p) for w, p in town.linked().items() if (w, p) in _twosomes(town)]
            there = set(town.wave_box.customers), set(town.pms_box.customers)

            forgetful = town.another_sync(MemoryLinkStore())
            forgetful.run()
            town.clock.advance(61)
            forgetful.run()

            assert there[0] <= set(town.wave_box.customers)
            assert there[1] <= set(town.pms_box.customers)
            anew = {link.wave_id: link.pms_id for link in forgetful.links.scan(Link)}
            assert {w: anew.get(w) for w, _ in pairs} == dict(pairs)

    law()


def _twosomes(town):
    """Pairs that a key singles out: the external id where it is noted once, or else an e-mail that both have alone."""
    wave, pms = town.wave_box.customers, town.pms_box.customers
    marks = [c["external_id"] for c in pms.values()] if town.lens.marker else []
    found = set()
    for w, p in town.linked().items():
        if w not in wave or p not in pms:
            continue
        mails = [[_mail(c) for c in side.values()] for side in (wave, pms)]
        mail = _mail(wave[w])
        alone = mail and mail == _mail(pms[p]) and all(side.count(mail) == 1 for side in mails)
        noted = pms[p]["external_id"] if town.lens.marker else None
        if (alone and not noted) or (noted == w and marks.count(w) == 1):
            found.add((w, p))
    return found


def _mail(customer):
    return customer["email"].strip().casefold() if isinstance(customer["email"], str) else ""
