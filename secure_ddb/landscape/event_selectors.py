"""Which data events of DynamoDB a CloudTrail trail or event data store records.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html and
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.iam.comparison import open_parts
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.three_valued import Truth

_TABLE = "AWS::DynamoDB::Table"
_ARN = "resources.ARN"
# CloudTrail's read-only flag. Of PartiQL it calls a SELECT not read-only as well, so that it stands with the writes.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/understanding-ddb-log-entries.html
REQUESTS = {
    **dict.fromkeys(("BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"), "true"),
    **dict.fromkeys(("BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"), "false"),
    **dict.fromkeys(("BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"), "false"),
}
_KINDS = {"ReadOnly": ["true"], "WriteOnly": ["false"]}
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "Equals": lambda text, value: text == value,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}


class Selector(NamedTuple):
    """An event selector: a request is recorded if all of its fields hold.

    Attributes:
        fields: Name of a field to its operators, each with values; none to a selector that cannot be read.
        is_unknown: Whether only the deployment knows what it selects.
    """

    fields: Mapping[str, Mapping[str, Any]]
    is_unknown: bool = False

    def takes_table(self, arn: str) -> Truth:
        """Return whether it records requests on a table, as far as the table's ARN decides."""
        return None if self.is_unknown else _holds(self.fields.get(_ARN, {}), arn)

    def takes_request(self, event: Mapping[str, str]) -> Truth:
        """Return whether it records a request on any table."""
        if self.is_unknown:
            return None
        others = (item for item in self.fields.items() if item[0] != _ARN)
        return all_of(*(_holds(operators, event.get(name)) for name, operators in others))

    def left_out(self) -> list[str]:
        """Return the principals whose requests it does not record."""
        operators = self.fields.get("userIdentity.arn", {})
        return [str(value) for name, values in operators.items() if name.startswith("Not") for value in as_list(values)]


def selectors_of(recorder: Resource) -> list[Selector]:
    """Return the event selectors of a trail or an event data store, of either kind."""
    return [*_advanced(recorder), *_basic(recorder)]


def event_of(name: str, account: str, partition: str) -> dict[str, str]:
    """Return CloudTrail's fields of a request, except for the table."""
    return {
        "eventCategory": "Data",
        "eventName": name,
        "eventSource": "dynamodb.amazonaws.com",
        "eventType": "AwsApiCall",
        "readOnly": REQUESTS[name],
        "resources.type": _TABLE,
        "userIdentity.arn": f"arn:{partition}:sts::{account}:assumed-role/somebody/session",
    }


def _advanced(recorder: Resource) -> Iterator[Selector]:
    found = recorder.properties.get("AdvancedEventSelectors")
    for selector in as_list(found):
        fields = at(selector, "FieldSelectors")
        if is_unknown(fields) and not isinstance(fields, list):
            yield Selector({}, is_unknown=True)
        elif isinstance(fields, list):
            yield Selector({str(field.get("Field")): field for field in fields if isinstance(field, dict)})


def _basic(recorder: Resource) -> Iterator[Selector]:
    for selector in as_list(recorder.properties.get("EventSelectors")):
        resources = at(selector, "DataResources")
        if is_unknown(resources) and not isinstance(resources, list):
            yield Selector({}, is_unknown=True)
            continue
        kinds = at(selector, "ReadWriteType")
        read_only = _KINDS.get(str(kinds), kinds if is_unknown(kinds) else ["true", "false"])
        for resource in as_list(resources):
            names = [str(name) for name in as_list(at(resource, "Values"))]
            yield Selector(
                {
                    "readOnly": {"Equals": read_only},
                    "resources.type": {"Equals": at(resource, "Type")},
                    # Without a table it is a prefix and stands for all of them.
                    _ARN: {"Equals": names, "StartsWith": [name for name in names if name.endswith(":dynamodb")]},
                }
            )


def _holds(operators: Mapping[str, Any], text: str | None) -> Truth:
    """Return whether a request's field has a wanted value, and no excluded one."""
    wanted = [name for name in _OPERATORS if name in operators]
    takes = any_of(_compare(name, operators[name], text) for name in wanted) if wanted else True
    unwanted = any_of(_compare(name, operators[f"Not{name}"], text) for name in _OPERATORS if f"Not{name}" in operators)
    return all_of(takes, negate(unwanted))


def _compare(operator: str, values: Any, text: str | None) -> Truth:  # noqa: ANN401 - a value of a template
    found = [str(value).lower() if isinstance(value, bool) else str(value) for value in as_list(values)]
    if text is not None and any(_OPERATORS[operator](text, value) for value in found):
        return True
    return None if any(is_unknown(value) or _may_be(value, text or "") for value in found) else False


def _may_be(value: str, arn: str) -> bool:
    """Return whether only the account or Region that a template is deployed to decides about an ARN."""
    # Names that differ stay different, wherever that is.
    return open_parts(value) != open_parts(arn) and table_in(value) == table_in(arn)


def table_in(arn: str) -> str:
    """Return the name of the table that an ARN is about, if it is about one."""
    return arn.partition(":table/")[2].partition("/")[0]
