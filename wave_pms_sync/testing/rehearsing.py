"""Rehearse a mapping between two sandboxes, before any account is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timezone

from wave_pms_sync.http.pace import Unlimited
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.rehearsal.result import Rehearsal
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.synchronizer import Synchronizer
from wave_pms_sync.testing.clock import ManualClock
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.wave_sandbox import WaveSandbox
from wave_pms_sync.wave.client import WaveClient

__all__ = ["rehearse"]

_START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def rehearse(
    mapping: MappingRegistry | None = None,
    *,
    policy: Policy | None = None,
    values: Mapping[str, Sequence[object]] | None = None,
    profile: PmsProfile | None = None,
    wave_box: WaveSandbox | None = None,
    pms_box: PmsSandbox | None = None,
) -> Rehearsal:
    """Lead a pair of test customers through every row of a mapping, between two sandboxes.

    Args:
        mapping: None: the default mapping.
        policy: None: the careful defaults.
        values: Values to be tried, as for `Synchronizer.rehearse`.
        profile: The conventions by which the PMS sandbox is spoken to; None: the default ones.
        wave_box: A sandbox of yours that listens, with faults for example; None: a new one.
        pms_box: The same for the PMS.

    Raises:
        ConfigurationError: Mapping, policy or values do not fit.
    """
    clock = ManualClock(_START)
    with ExitStack() as stack:
        wave_box = wave_box or stack.enter_context(WaveSandbox(clock=clock))
        pms_box = pms_box or stack.enter_context(PmsSandbox(clock=clock))
        sync = Synchronizer(
            wave=stack.enter_context(
                WaveClient(token=wave_box.token, business_id=wave_box.business_id, url=wave_box.url, pace=Unlimited())
            ),
            pms=stack.enter_context(
                CustomPmsClient(pms_box.url, token=pms_box.token, profile=profile, pace=Unlimited())
            ),
            links=MemoryLinkStore(),
            mapping=mapping,
            policy=policy,
            clock=wave_box.clock,
        )
        return sync.rehearse(values=values)
