"""Wave on loopback, and clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from wave_pms_sync.http.pace import Unlimited
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.testing import WaveSandbox
from wave_pms_sync.wave.client import WaveClient


@pytest.fixture
def make_box() -> Iterator[Callable[..., WaveSandbox]]:
    """Starts a Wave of its own kind."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(WaveSandbox(**options))


@pytest.fixture
def make_client() -> Iterator[Callable[..., WaveClient]]:
    """Builds a hasty client of a sandbox."""
    with ExitStack() as stack:

        def make(box: WaveSandbox, **changes: object) -> WaveClient:
            facts = {"token": box.token, "business_id": box.business_id, "url": box.url, "page_size": 2}
            hasty = {"pace": Unlimited(), "retry": RetryPolicy(first_wait_s=0), "timeout_s": 5}
            return stack.enter_context(WaveClient(**{**facts, **hasty, **changes}))

        yield make


@pytest.fixture
def box(make_box: Callable[..., WaveSandbox]) -> WaveSandbox:
    """Wave as it is documented."""
    return make_box()


@pytest.fixture
def client(box: WaveSandbox, make_client: Callable[..., WaveClient]) -> WaveClient:
    """A client of it."""
    return make_client(box)
