"""Which of many alarms have to be asked about, when they all publish to one topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.rules.relations.tables import Policy
    from secure_ddb.rules.resources import Resource


def by_service(publishers: Iterable[tuple[str, Resource]], policies: Iterable[Policy]) -> dict[str, list[Resource]]:
    """Return who publishes: service to resources that make it do so.

    Where the policies tell no alarm from the other, one of each account and Region speaks for all.
    """
    patterns = {
        value
        for policy in policies
        for statement in policy.statements
        for condition in statement.conditions_on("aws:SourceArn")
        for value in condition.values
    }
    alike = all(pattern.endswith(":*") for pattern in patterns)
    found: dict[str, dict[object, Resource]] = {}
    for service, source in publishers:
        key = (source.account, source.region) if alike else source
        found.setdefault(service, {}).setdefault(key, source)
    return {service: list(sources.values()) for service, sources in found.items()}
