"""What happens in the middle of a run: every request and every commit is a step before and after which it may."""

from __future__ import annotations

from collections.abc import Callable

import requests
from attrs import define

from wave_pms_sync.ports import LinkStore


class Cut(BaseException):
    """The process dies here."""


@define
class Interruption:
    """Something that happens at one step of a run: before or after a request or a commit.

    Attributes:
        at: At which step.
        what: What happens; None: the process dies, and nothing of it gets through any more.
        in_store: It happens before the first commit from that step on.
    """

    at: int
    what: Callable[[], None] | None = None
    in_store: bool = False
    steps: int = 0
    fallen: bool = False
    happened: bool = False

    def step(self, *, storing: bool = False) -> None:
        """One more step."""
        self.steps += 1
        due = self.steps >= self.at and not self.happened and (storing or not self.in_store)
        if self.fallen or (due and self.what is None):
            self.fallen = True
            raise Cut
        if due:
            self.happened = True
            self.what()


class StepStore:
    """A store whose commits are steps. Of a dead run it hears nothing more, not even goodbye."""

    def __init__(self, links: LinkStore, interruption: Interruption) -> None:
        self._links = links
        self._interruption = interruption

    def __getattr__(self, name: str) -> object:
        return getattr(self._links, name)

    def commit(self, changes: object, lease: object) -> None:
        """Commit, between two steps."""
        self._interruption.step(storing=True)
        self._links.commit(changes, lease)
        self._interruption.step()

    def release(self, lease: object) -> None:
        """Give the lease back, unless dead."""
        if not self._interruption.fallen:
            self._links.release(lease)


class StepSession(requests.Session):
    """Requests that are steps, before they are sent and after they were answered."""

    def __init__(self, interruption: Interruption) -> None:
        super().__init__()
        self._interruption = interruption

    def request(self, *args: object, **kwargs: object) -> requests.Response:
        """Send, between two steps."""
        self._interruption.step()
        answer = super().request(*args, **kwargs)
        self._interruption.step()
        return answer
