"""Which trails log management events, and so let EventBridge have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.landscape.assembly import Assembly
from tests.rules.handwritten import template
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, REGION

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth

MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}
DATA = {"Field": "eventCategory", "Equals": ["Data"]}


def logs(
    trail: dict[str, Any],
    *,
    service: str = "dynamodb",
    reads: bool = False,
    account: str = ACCOUNT,
    region: str = REGION,
) -> Truth:
    resources = {"Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {"IsLogging": True, **trail}}}
    content = {"Parameters": {"Parameter": {"Type": "String"}}, "Resources": resources}
    trails = Assembly([template(content)]).management_trails
    return trails.log(account, region, service, reads=reads)


def advanced(*fields: Any) -> dict[str, Any]:
    return {"AdvancedEventSelectors": [{"FieldSelectors": list(fields)}]}


@pytest.mark.parametrize(
    ("trail", "answer"),
    [
        ({}, True),
        ({"IsLogging": "true"}, True),
        ({"IsLogging": False}, False),
        ({"IsLogging": PARAMETER}, None),
        ({"EventSelectors": [{}]}, True),
        ({"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "WriteOnly"}]}, True),
        ({"EventSelectors": [{"IncludeManagementEvents": "false"}]}, False),
        ({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}, False),
        ({"EventSelectors": [{"IncludeManagementEvents": False}, {}]}, True),
        ({"EventSelectors": [{"IncludeManagementEvents": PARAMETER}]}, None),
        ({"EventSelectors": PARAMETER}, None),
        (advanced(MANAGEMENT), True),
        (advanced(DATA), False),
        (advanced(MANAGEMENT, {"Field": "readOnly", "Equals": ["false"]}), True),
        (advanced(MANAGEMENT, {"Field": "readOnly", "Equals": [True]}), False),
        (advanced(MANAGEMENT, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}), True),
        (advanced(MANAGEMENT, {"Field": "eventSource", "NotEquals": ["dynamodb.amazonaws.com"]}), False),
        (advanced(MANAGEMENT, {"Field": "eventName", "StartsWith": ["Delete"]}), None),
        (advanced({"Field": "eventCategory", "Equals": PARAMETER}), None),
        ({"AdvancedEventSelectors": PARAMETER}, None),
    ],
)
def test_trail_logs_calls_that_write(trail: dict[str, Any], answer: Truth) -> None:
    assert logs(trail) is answer


def test_trail_may_leave_out_a_service_and_calls_that_only_read() -> None:
    without_kms = {"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]}
    assert logs(without_kms) is True
    assert logs(without_kms, service="kms") is False
    assert logs({"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}, reads=True) is False
    assert logs({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}, reads=True) is True


def test_trail_of_another_region_has_to_be_for_all_of_them_and_one_of_another_account_does_not_count() -> None:
    assert logs({}, region="eu-west-1") is False
    assert logs({"IsMultiRegionTrail": True}, region="eu-west-1") is True
    assert logs({"IsMultiRegionTrail": PARAMETER}, region="eu-west-1") is None
    assert logs({"IsMultiRegionTrail": True}, account="444455556666") is False
