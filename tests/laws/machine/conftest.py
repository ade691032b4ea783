"""Options of the machine, and its stages."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from attrs import frozen
from hypothesis import Phase
from machine.interruptions import Interruption
from machine.setting import Setting
from machine.stage import Stage


@frozen
class MachineTime:
    """How long the machine is to run, and where it begins.

    Attributes:
        minutes: So long; a round that began is ended.
        seed: Of the first round; each further round counts on.
        shrink: Whether what is found is made small, which takes minutes.
    """

    minutes: float
    seed: int
    shrink: bool = True

    @property
    def phases(self) -> dict[str, object]:
        """Settings for that."""
        return {} if self.shrink else {"phases": [Phase.generate]}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the machine; they are known if its folder is named on the command line."""
    group = parser.getgroup("the machine of laws")
    group.addoption("--machine-minutes", type=float, default=None, help="let the machine run so long")
    group.addoption("--machine-seed", type=int, default=None, help="begin where a round that failed began")
    group.addoption("--machine-raw", action="store_true", help="show what is found as it is, not made small")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who asks for hours shall have them."""
    if config.getoption("machine_minutes", default=None) is not None:
        for item in items:
            item.add_marker(pytest.mark.timeout(0), append=False)


@pytest.fixture
def machine_time(request: pytest.FixtureRequest) -> MachineTime | None:
    """How long the machine is to run; None: as long as usual."""
    asked = request.config.getoption
    minutes, number = asked("machine_minutes", default=None), asked("machine_seed", default=None)
    if minutes is None and number is None:
        return None
    number = secrets.randbelow(10**9) if number is None else number
    return MachineTime(minutes or 0, number, not asked("machine_raw", default=False))


@pytest.fixture(scope="session")
def open_stage(
    open_town: Callable[..., object], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Setting], Stage]:
    """What opens a stage, for one example each."""
    return lambda setting: Stage(open_town, tmp_path_factory.mktemp("stage"), setting)


@pytest.fixture(scope="session")
def setting_type() -> type[Setting]:
    """What a stage is made of."""
    return Setting


@pytest.fixture(scope="session")
def interruption_type() -> type[Interruption]:
    """What may happen in the middle of a run."""
    return Interruption
