"""Two-way customer sync, from the first look to a quiet run, against two sandboxes on this machine.

    python examples/quickstart.py

No account is needed, and nothing leaves this machine. With WAVE_TOKEN, WAVE_BUSINESS_ID, PMS_URL and PMS_TOKEN
set, it shows what a first run between your own systems would do, and writes nothing there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from io import TextIOWrapper
from pathlib import Path

from wave_pms_sync import (
    CustomPmsClient,
    MemoryLinkStore,
    SQLiteLinkStore,
    SyncError,
    Synchronizer,
    Unlimited,
    WaveClient,
)
from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox

# --- the story -------------------------------------------------------------------------------------


def main() -> int:
    """Plan against real systems if the environment names them; otherwise tell the story in sandboxes."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console that cannot show every name is no reason to stop
    wanted = ("WAVE_TOKEN", "WAVE_BUSINESS_ID", "PMS_URL", "PMS_TOKEN")
    missing = [name for name in wanted if not os.environ.get(name)]
    if not missing:
        return plan_real_systems()
    if len(missing) < len(wanted):
        print(f"To plan against your own systems, set {', '.join(missing)}, too. Now in sandboxes:")
    tell_the_story()
    return 0


def plan_real_systems() -> int:
    """Show what a first run would do. Nothing is written, neither there nor here."""
    wave = WaveClient(
        token=os.environ["WAVE_TOKEN"],
        business_id=os.environ["WAVE_BUSINESS_ID"],
        url=os.environ.get("WAVE_URL", "https://gql.waveapps.com/graphql/public"),
    )
    pms = CustomPmsClient(os.environ["PMS_URL"], token=os.environ["PMS_TOKEN"])
    try:
        print(Synchronizer(wave=wave, pms=pms, links=MemoryLinkStore()).plan())
    except SyncError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print("\nThis was a plan. Nothing was written.")
    return 0


def tell_the_story() -> None:
    """Fill two sandboxes, then plan, apply, edit, run, settle a dispute, and run quietly."""
    clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc))
    with (
        WaveSandbox(clock=clock, currency="EUR") as wave_box,
        PmsSandbox(clock=clock) as pms_box,
        tempfile.TemporaryDirectory() as folder,
        SQLiteLinkStore(Path(folder) / "links.sqlite3") as links,
    ):
        ids = fill(wave_box, pms_box, clock.now())

        # With real systems, these are the only lines that change: other addresses, other tokens, no clock.
        wave = WaveClient(token=wave_box.token, business_id=wave_box.business_id, url=wave_box.url, pace=Unlimited())
        pms = CustomPmsClient(pms_box.url, token=pms_box.token)
        sync = Synchronizer(wave=wave, pms=pms, links=links, clock=clock)

        step(1, "Look first")
        say(f"Wave has {len(wave_box.customers)} customers, the PMS has {len(pms_box.customers)}. Nobody is linked.")
        plan = sync.plan()
        say("A plan writes nothing, anywhere:", "")
        print(plan)

        step(2, "Apply the plan")
        report = sync.apply(plan)
        print(report)
        say("", "Not guessed, but left to a person:", "")
        for entry in sync.quarantine():
            resting = wave_box.customers[entry.id]
            row("Wave", resting["name"], f"shares {resting['email']} with others")
        for dispute in sync.disputes():
            row("both", wave_box.customers[dispute.wave_id]["name"], differing(dispute.wave, dispute.pms))

        step(3, "A day goes by, and people edit on both sides")
        clock.advance(24 * 3600)
        partner = {str(held.get("external_id")): pms_id for pms_id, held in pms_box.customers.items()}
        edit_both_sides(wave_box, pms_box, clock, ids, partner)

        step(4, "Run again: only what changed is read and carried")
        clock.advance(600)
        print(sync.plan())
        say("", "`run` plans and applies in one go:", "")
        print(sync.run())

        step(5, "Settle the dispute")
        say("Edited on both sides within a minute: no clock can say who was last. We choose the PMS.")
        dispute = next(found for found in sync.disputes() if found.wave_id == ids["dispute"])
        row("both", wave_box.customers[dispute.wave_id]["name"], differing(dispute.wave, dispute.pms))
        sync.resolve(dispute, choose="pms")
        clock.advance(600)
        say("")
        print(sync.run())
        row("Wave", wave_box.customers[dispute.wave_id]["name"], wave_box.customers[dispute.wave_id]["phone"])
        row("the PMS", pms_box.customers[dispute.pms_id]["name"], pms_box.customers[dispute.pms_id]["phone"])

        step(6, "A quiet run")
        clock.advance(600)
        print(sync.run())
        say("", "Nothing to do, so nothing was written. That is how most runs end.")


def edit_both_sides(
    wave_box: WaveSandbox, pms_box: PmsSandbox, clock: ManualClock, ids: Mapping[str, str], partner: Mapping[str, str]
) -> None:
    """Other people at work: in the ledger, and in the project office."""

    def in_wave(who: str, what: str, values: Mapping[str, object]) -> None:
        wave_box.edit(ids[who], values)
        row("Wave", wave_box.customers[ids[who]]["name"], what)

    def in_pms(who: str, what: str, values: Mapping[str, object]) -> None:
        pms_box.edit(partner[ids[who]], values)
        row("the PMS", pms_box.customers[partner[ids[who]]]["name"], what)

    in_wave("different", "another phone", {"phone": "+49 30 555 0101"})
    in_pms("different", "another website: different fields, both are carried", {"website": "https://neu.example"})
    in_pms("cleared", "the fax number is cleared", {"fax": None})
    in_wave("renamed", "another e-mail: the link is by id and stays", {"email": "neue.adresse@post.example"})
    in_wave("newest", "another phone", {"phone": "+49 40 555 0202"})
    clock.advance(1800)
    in_pms("newest", "half an hour later yet another one: the newest wins", {"phone": "+49 40 555 0303"})
    in_wave("dispute", "another phone", {"phone": "+49 89 555 0404"})
    clock.advance(30)
    in_pms("dispute", "half a minute later yet another one: a dispute", {"phone": "+49 89 555 0505"})
    wave_box.add({"name": "Françoise Noël", "email": "francoise@noel.example"})
    row("Wave", "Françoise Noël", "is new")


# --- how it is told --------------------------------------------------------------------------------


def step(number: int, title: str) -> None:
    """A heading."""
    print(f"\n\n{number}. {title}\n{'-' * (len(title) + 3)}")


def say(*lines: str) -> None:
    """Some lines."""
    print("\n".join(lines))


def row(where: str, who: object, what: object) -> None:
    """One line about one customer."""
    print(f"  {where:<8} {who!s:<26} {what}")


def differing(wave: Mapping[str, object], pms: Mapping[str, object]) -> str:
    """The values that wait for a decision."""
    return "; ".join(f"{name}: Wave {wave[name]!r}, PMS {pms[name]!r}" for name in wave if wave[name] != pms[name])


# --- who is in it ----------------------------------------------------------------------------------

FIRST = "Zoë Anna Jürgen Łukasz Mélanie Søren Inês Björn Aylin José Nóra Ødger Chiara Tomáš Grace Ada".split()
LAST = "Ångström Müller Öztürk García Nowak Dvořák O'Neill Brandão Kovács Çelik Lindqvist Weiß Popescu".split()
TRADES = "Bäckerei Atelier Gärtnerei Werkstatt Brauerei Kanzlei Buchhandlung Druckerei".split()
TOWNS = (("Köln", "50667"), ("Berlin", "10115"), ("Hamburg", "20095"), ("München", "80331"), ("Leipzig", "04109"))
PAIRS, BY_NAME, SHARED = range(102), range(102, 108), range(108, 111)


def fill(wave_box: WaveSandbox, pms_box: PmsSandbox, now: datetime) -> dict[str, str]:
    """Put 200 customers into Wave and 120 into the PMS, and say which ones the story is about."""
    people = [person(n) for n in range(200)]
    wave_ids = [
        wave_box.add(wave_customer(n, who), created_at=now - timedelta(days=400 - n)) for n, who in enumerate(people)
    ]
    for n in (*PAIRS, *BY_NAME, *SHARED[:2]):
        pms_box.add(pms_customer(n, people[n]), created_at=now - timedelta(days=300 - n))
    for n in range(10):
        name = f"Prospect {LAST[n]}"
        pms_box.add({"name": name, "email": f"prospect{n}@example.net"}, created_at=now - timedelta(days=20 - n))
    story = {"different": 1, "cleared": 2, "renamed": 4, "newest": 8, "dispute": 13}
    return {who: wave_ids[n] for who, n in story.items()}


def person(n: int) -> dict[str, str]:
    """Number n, in plain words; one in four is a company."""
    first, last = FIRST[n % len(FIRST)], LAST[n % len(LAST)]
    company = n % 4 == 3
    if company:
        last = LAST[n // 4 % len(LAST)]
    name = f"{TRADES[n // 4 % len(TRADES)]} {last}" if company else f"{first} {last}"
    town, code = TOWNS[n % len(TOWNS)]
    mail = "info@hofladen.example" if n in SHARED else f"kunde{n:03}@{'firma' if company else 'post'}.example"
    return {"name": name, "first": first, "last": last, "mail": mail, "town": town, "code": code}


def wave_customer(n: int, who: Mapping[str, str]) -> dict[str, object]:
    """How Wave holds it; something is missing here and there."""
    address = {"addressLine1": f"Marktstraße {n + 1}", "city": who["town"], "postalCode": who["code"]}
    return {
        "name": who["name"],
        "firstName": who["first"],
        "lastName": who["last"],
        "email": who["mail"],
        "phone": f"+49 30 901820 {n:03}" if n % 5 else None,
        "fax": f"+49 30 901821 {n:03}" if n % 8 == 2 else None,
        "displayId": f"K{n + 1:04}",
        "address": {**address, "country": {"code": "DE"}} if n % 6 or n in BY_NAME else None,
    }


def pms_customer(n: int, who: Mapping[str, str]) -> dict[str, object]:
    """How the PMS holds the same one; other things are missing, and three phone numbers differ."""
    customer: dict[str, object] = {
        "name": who["name"],
        "email": who["mail"].upper() if n % 7 == 1 else who["mail"],
        "phone": f"+49 30 999999 {n:03}" if n in (21, 42, 63) else f"0049 30 901820{n:03}" if n % 5 else None,
        "contact": {"first_name": who["first"], "last_name": who["last"]},
        "currency_code": "EUR",
    }
    if n in BY_NAME:
        customer |= {"email": None, "address": {"postal_code": who["code"]}}
    return customer


if __name__ == "__main__":
    sys.exit(main())
