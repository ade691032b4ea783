"""The quickstart tells its story, and the tutorial quotes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from wave_pms_sync.testing import PmsSandbox, WaveSandbox

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
QUOTES = re.findall(r"^```text\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_quickstart_ends_well(quickstart: CompletedProcess[str]) -> None:
    """The quickstart ends with success, and complains about nothing."""
    assert (quickstart.returncode, quickstart.stderr) == (0, "")


@pytest.mark.parametrize(
    "sentence",
    [
        "Wave has 200 customers, the PMS has 120. Nobody is linked.",
        "Run complete: linked 108, created pms 89, updated pms 108",
        "shares info@hofladen.example with others",
        "conflict: newest (pms wins)",
        "fax '+49 30 901821 002' -> (empty)",
        "Mélanie Nowak  email 'kunde004@post.example' -> 'neue.adresse@post.example'",
        "phone: Wave '+49 89 555 0404', PMS '+49 89 555 0505'",
        "Nothing to do, so nothing was written.",
    ],
)
def test_the_quickstart_tells(quickstart: CompletedProcess[str], sentence: str) -> None:
    """It tells of the plan, the first run, the shared mailbox, each kind of edit, the dispute and the quiet run."""
    assert sentence in quickstart.stdout


def test_no_line_of_the_quickstart_shows_an_id_where_a_name_will_do(quickstart: CompletedProcess[str]) -> None:
    """Outside what waits for a person, where an id is needed to act, customers go by their names."""
    lines = [line for line in quickstart.stdout.splitlines() if "QnVzaW5lc3M6" in line]

    assert all(line.lstrip().startswith(("dispute ", "quarantine ")) for line in lines)


def test_the_quickstart_is_short_enough_to_read(quickstart: CompletedProcess[str]) -> None:
    """Lists are cut, so that two hundred customers make no wall of text."""
    assert len(quickstart.stdout.splitlines()) < 150


@pytest.mark.parametrize("quote", QUOTES)
def test_the_tutorial_quotes_the_quickstart(quickstart: CompletedProcess[str], quote: str) -> None:
    """What the tutorial shows is what the quickstart prints, word for word."""
    assert quote in quickstart.stdout


def test_real_systems_are_planned_and_never_written(run_quickstart: Callable[..., CompletedProcess[str]]) -> None:
    """With accounts in the environment it plans, says what it would do, and writes nothing there."""
    with WaveSandbox() as wave_box, PmsSandbox() as pms_box:
        wave_box.add({"name": "Ada Lovelace"})

        done = run_quickstart(
            WAVE_URL=wave_box.url,
            WAVE_TOKEN=wave_box.token,
            WAVE_BUSINESS_ID=wave_box.business_id,
            PMS_URL=pms_box.url,
            PMS_TOKEN=pms_box.token,
        )

        assert (done.returncode, wave_box.ledger.writes, pms_box.ledger.writes) == (0, 0, 0)
        assert "create in the PMS" in done.stdout
        assert "Ada Lovelace" in done.stdout


def test_a_wrong_token_is_told_in_one_line(run_quickstart: Callable[..., CompletedProcess[str]]) -> None:
    """If a system declines, the quickstart says which and why in a line, without a traceback."""
    with WaveSandbox() as wave_box, PmsSandbox() as pms_box:
        done = run_quickstart(
            WAVE_URL=wave_box.url,
            WAVE_TOKEN="wrong",
            WAVE_BUSINESS_ID=wave_box.business_id,
            PMS_URL=pms_box.url,
            PMS_TOKEN=pms_box.token,
        )

    assert done.returncode == 1
    assert done.stderr.startswith("Unauthorized: ")
    assert done.stderr.count("\n") == 1
