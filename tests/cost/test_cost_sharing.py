"""What tables would save if they shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.cost.estimate import estimate
from tests.cost.costing import Body, alarm, app, of, prices, table

if TYPE_CHECKING:
    from secure_ddb.cost.model import Sharing


def secured(name: str) -> Body:
    """Return a table with a key and an alarm of its own, and an audit function with a key and two alarms."""
    sse = {"SSEEnabled": True, "KMSMasterKeyId": {"Fn::GetAtt": [f"{name}Key", "Arn"]}}
    variables = {"HMAC_KEY_ID": {"Fn::GetAtt": [f"{name}Hmac", "Arn"]}}
    function = {"Ref": f"{name}Function"}
    return {
        name: table(SSESpecification=sse, StreamSpecification={"StreamViewType": "KEYS_ONLY"}),
        f"{name}Key": of("AWS::KMS::Key"),
        f"{name}Hmac": of("AWS::KMS::Key", KeyUsage="GENERATE_VERIFY_MAC"),
        f"{name}Function": of("AWS::Lambda::Function", Environment={"Variables": variables}),
        f"{name}Mapping": of(
            "AWS::Lambda::EventSourceMapping",
            EventSourceArn={"Fn::GetAtt": [name, "StreamArn"]},
            FunctionName=function,
        ),
        f"{name}Throttles": alarm("ReadThrottleEvents", TableName={"Ref": name}),
        f"{name}Errors": alarm("Errors", "AWS/Lambda", FunctionName=function),
        f"{name}Age": alarm("IteratorAge", "AWS/Lambda", FunctionName=function),
    }


def sharing(resources: Body) -> Sharing:
    (only,) = estimate(app(resources), prices(table_storage=0, kms_key=1, alarm_metric=0.1)).sharing
    return only


def test_tables_keep_their_key_and_alarms_and_share_the_rest() -> None:
    found = sharing({**secured("A"), **secured("B"), **secured("C")})
    # Each has two keys and three alarms. One more key encrypts what is shared.
    assert found.today == pytest.approx(3 * 2.3)
    assert found.shared == pytest.approx(3 * 1.1 + 1.2 + 1)
    assert found.saving == pytest.approx(1.4)
    assert found.own_table == pytest.approx(2.3)
    assert found.sharing_table == pytest.approx(1.1)


def test_two_tables_do_not_get_dearer() -> None:
    found = sharing({**secured("A"), "Bare": table()})
    assert found.saving == 0


def test_the_same_alarm_of_several_tables_is_needed_once() -> None:
    resources = {**secured("A"), **secured("B"), **secured("C")}
    before = sharing(resources)
    repeated = {f"UserErrors{name}": alarm("UserErrors") for name in ("A", "B", "C")}
    after = sharing({**resources, **repeated})
    assert after.saving == pytest.approx(before.saving + 0.2)


def test_a_single_table_shows_what_one_more_would_cost() -> None:
    found = sharing(secured("A"))
    assert (found.tables, found.saving) == (1, 0)
    assert found.own_table == pytest.approx(2.3)
    assert found.sharing_table == pytest.approx(1.1)
