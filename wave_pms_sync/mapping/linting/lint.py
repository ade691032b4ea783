"""The rules in their order, and the one function that asks them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import evolve

from wave_pms_sync.mapping.linting import coverage, keys, properties, settings, surroundings, values
from wave_pms_sync.mapping.linting.findings import Finding, Findings, Severity
from wave_pms_sync.mapping.linting.ground import Ground

Rule = Callable[[Ground], Iterator[Finding]]

RULES: Sequence[Rule] = (
    coverage.contradictions,
    coverage.nothing_mapped,
    coverage.name_not_carried,
    coverage.half_name,
    coverage.province_without_country,
    coverage.address_without_country,
    coverage.address_in_part,
    coverage.group_required_in_part,
    values.refused_values,
    values.wrong_type,
    values.wrong_default,
    values.broken_round_trip,
    values.loss_unsaid,
    values.short_length,
    values.length_of_no_text,
    settings.settings_without_effect,
    settings.default_never_given,
    settings.required_but_often_empty,
    settings.clear_untold,
    properties.currency_to_wave,
    properties.private_notes,
    properties.balances,
    properties.stamps_carried,
    properties.archiving_carried,
    keys.key_not_carried,
    keys.key_derived,
    keys.key_shared,
    keys.key_loses,
    keys.key_one_way,
    keys.no_marker,
    surroundings.group_unknown,
    surroundings.constant_never_told,
    surroundings.property_of_the_api,
    surroundings.property_never_sent,
    surroundings.marker_not_kept,
    surroundings.open_points,
)
"""Every rule: a pure function that says what is wrong, where, and what to do about it."""


def lint(ground: Ground) -> Findings:
    """Ask every rule.

    Returns:
        What they found, errors first, each under the name of its rule.
    """
    found = [evolve(finding, rule=rule.__name__) for rule in RULES for finding in rule(ground)]
    order = list(Severity)
    return Findings(sorted(found, key=lambda finding: order.index(finding.severity)))
