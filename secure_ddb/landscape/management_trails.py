"""Which trails log management events, which EventBridge gets by no other way.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, at, is_unknown
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.three_valued import Truth


class ManagementTrails:
    """The trails of the templates that log management events."""

    def __init__(self, templates: Templates) -> None:
        """Store the templates."""
        self._templates = templates

    @cached_property
    def _answers(self) -> dict[tuple[str, str, str, bool], Truth]:
        return {}

    def log(self, account: str, region: str, service: str, *, reads: bool) -> Truth:
        """Return whether a trail logs calls of a service there. False only says that no trail of the templates does.

        Args:
            account: Account of the calls.
            region: Region of the calls.
            service: Such as `kms`.
            reads: Whether they only read.
        """
        asked = (account, region, service, reads)
        if asked not in self._answers:
            trails = [each for each in self._templates.of_type(kinds.TRAIL) if each.account == account]
            self._answers[asked] = any_of(
                all_of(_is_on(trail, region), _logs(trail, f"{service}.amazonaws.com", reads=reads)) for trail in trails
            )
        return self._answers[asked]


def _is_on(trail: Resource, region: str) -> Truth:
    logging, everywhere = trail.properties.get("IsLogging"), trail.properties.get("IsMultiRegionTrail")
    there: Truth = True
    if trail.region != region:
        there = None if is_unknown(everywhere) else as_bool(everywhere)
    return all_of(None if is_unknown(logging) else as_bool(logging), there)


def _logs(trail: Resource, source: str, *, reads: bool) -> Truth:
    advanced, basic = trail.properties.get("AdvancedEventSelectors"), trail.properties.get("EventSelectors")
    if advanced is None and basic is None:
        # All management events, and nothing else.
        return True
    of_advanced = (_advanced(each, source, reads=reads) for each in as_list(advanced))
    return any_of([*of_advanced, *(_basic(each, source, reads=reads) for each in as_list(basic))])


def _basic(selector: Any, source: str, *, reads: bool) -> Truth:  # noqa: ANN401 - a value of a template
    included = at(selector, "IncludeManagementEvents")
    kind = at(selector, "ReadWriteType")
    excluded = as_list(at(selector, "ExcludeManagementEventSources"))
    if any(map(is_unknown, (selector, included, kind, *excluded))):
        return None
    kinds_of_calls = ("All", "ReadOnly" if reads else "WriteOnly")
    is_included = included is None or as_bool(included)
    return is_included and (kind or "All") in kinds_of_calls and source not in excluded


def _advanced(selector: Any, source: str, *, reads: bool) -> Truth:  # noqa: ANN401 - a value of a template
    fields = at(selector, "FieldSelectors")
    if not isinstance(fields, list):
        return None
    call = {"eventCategory": "Management", "readOnly": str(reads).lower(), "eventSource": source}
    return all_of(*(_takes(field, call) for field in fields))


def _takes(field: Any, call: dict[str, str]) -> Truth:  # noqa: ANN401 - a value of a template
    value = call.get(str(at(field, "Field")))
    wanted, unwanted = at(field, "Equals"), at(field, "NotEquals")
    if value is None or is_unknown(wanted) or is_unknown(unwanted) or (wanted is None and unwanted is None):
        return None
    texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in as_list(wanted)]
    return (wanted is None or value in texts) and value not in as_list(unwanted)
