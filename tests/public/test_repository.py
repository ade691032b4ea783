"""What the repository promises around the code: packaging, commands, news, and no trace of a workplace."""

from __future__ import annotations

import re
import shlex
from importlib.metadata import metadata, requires, version
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
TYPES = {"breaking", "sync-behaviour", "added", "changed", "deprecated", "fixed", "security"}
# Put together here, so that this file does not contain them.
TRACES = ["/".join(["", "work", ""]), "/".join(["shared", "style"]), "/".join(["shared", "wave"]), "pypi" + ".org"]
TOLD = {".py", ".md", ".toml", ".graphql", ".yaml", ".yml", ".json", ""}
PASSED_OVER = {"_build", "dist", "build", "__pycache__"}


def test_the_core_needs_four_libraries() -> None:
    """Installing the library installs attrs, cattrs, requests and python-dateutil, and nothing else."""
    needed = [entry for entry in requires("wave_pms_sync") or [] if "extra ==" not in entry]

    assert sorted(re.split(r"[<>=!~; ]", entry)[0] for entry in needed) == [
        "attrs",
        "cattrs",
        "python-dateutil",
        "requests",
    ]


def test_the_licence_and_the_python_version_are_declared() -> None:
    """The package declares the MIT licence in SPDX form, and Python 3.10 or later."""
    declared = metadata("wave_pms_sync")

    assert (declared["License-Expression"], declared["Requires-Python"]) == ("MIT", ">=3.10")


def test_one_version_is_told() -> None:
    """The installed version is that of the source, and the changelog, if it names any, names no later one first."""
    source = (ROOT / "wave_pms_sync" / "version.py").read_text(encoding="utf-8")
    declared = re.search(r'^__version__ = "([^"]+)"', source, re.MULTILINE)
    released = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert declared is not None
    assert version("wave_pms_sync") == declared[1]
    assert released[:1] in ([], [declared[1]])


@pytest.mark.parametrize("name", ["py.typed", "testing/wave.graphql"])
def test_data_files_are_installed(name: str) -> None:
    """The marker of types and Wave's schema are part of what is installed."""
    assert files("wave_pms_sync").joinpath(name).is_file()


def test_the_first_command_runs_the_quickstart_and_the_second_the_tests() -> None:
    """Each of the README's first two commands is one line that makes an environment, installs and runs."""
    first, second = COMMANDS[:2]

    assert first.endswith("&& .venv/bin/python examples/quickstart.py")
    assert "/bin/pytest" in second
    for command in (first, second):
        assert command.startswith("python3 -m venv .venv && ")
        assert "'.[testing]'" in command
        assert {word for word in shlex.split(command) if word.startswith("/")} == set()


def test_the_checks_run_the_tests_by_the_readme() -> None:
    """`.ci/run` takes its test command from the README, where there is exactly one."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert "grep -m1 '/bin/pytest' README.md" in script
    assert sum("/bin/pytest" in line for line in README.splitlines()) == 1


def test_the_dependency_groups_of_the_commands_exist() -> None:
    """Each group that a command installs is declared."""
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[dependency-groups]")[2]
    texts = [README, *((ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", ".ci/run"))]

    asked = {group for text in texts for group in re.findall(r"--group (\w+)", text)}

    assert asked
    assert [group for group in asked if not re.search(rf"^{group} = ", declared, re.MULTILINE)] == []


def test_news_are_named_for_towncrier() -> None:
    """Each piece of news is `changelog.d/NAME.TYPE.md` with a known type, and tells something."""
    news = [path for path in (ROOT / "changelog.d").iterdir() if path.name not in ("README.md", "template.md")]

    assert [p.name for p in news if not re.fullmatch(rf"[a-z0-9-]+\.({'|'.join(TYPES)})\.md", p.name)] == []
    assert [p.name for p in news if not p.read_text(encoding="utf-8").strip().endswith((".", "`"))] == []


def test_the_types_of_news_are_those_of_towncrier() -> None:
    """The types explained to contributors are the types configured."""
    configured = re.findall(
        r'^directory = "([\w-]+)"\nname', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    explained = re.findall(r"^\| `([\w-]+)`", (ROOT / "changelog.d" / "README.md").read_text("utf-8"), re.MULTILINE)

    assert configured == explained
    assert set(configured) == TYPES


def test_no_file_tells_of_a_workplace() -> None:
    """No file names a folder of the machine it was written on, or where packages were fetched from."""
    told = [
        f"{path.relative_to(ROOT)}: {trace}"
        for path in ROOT.rglob("*")
        if path.suffix in TOLD and path.is_file() and not _passed_over(path)
        for trace in TRACES
        if trace in path.read_text(encoding="utf-8", errors="replace")
    ]

    assert told == []


def _passed_over(path: Path) -> bool:
    within = path.relative_to(ROOT).parts
    hidden = any(part.startswith(".") and part != ".ci" for part in within[:-1])
    return hidden or not PASSED_OVER.isdisjoint(within)
