"""The example of a PMS in SQL runs, and the page about clients of one's own quotes it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "own-client.md"


def test_the_example_runs_and_the_page_quotes_it(tmp_path: Path) -> None:
    """The example ends well, complains about nothing, and prints what the page shows of it."""
    quotes = re.findall(r"^```text\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    done = subprocess.run(  # noqa: S603  # our own file
        [sys.executable, str(ROOT / "examples" / "pms_in_sql.py")],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=tmp_path,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert quotes
    assert all(quote in done.stdout for quote in quotes)
    assert "Run complete: linked 1, created pms 1, updated wave 1, updated pms 1, skipped 1" in done.stdout


def test_the_client_of_the_example_is_short() -> None:
    """What a client of one's own takes is a class of less than sixty lines."""
    text = (ROOT / "examples" / "pms_in_sql.py").read_text(encoding="utf-8")
    body = text.partition("class SqlCustomers:")[2].partition("\n\n\n")[0]

    assert 30 < sum(bool(line.strip()) for line in body.splitlines()) < 60
