"""Writes the Python file with the `SecureTable` that keeps an existing table."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from secure_ddb.adoption.mandatory_tags import PLACEHOLDER, mandatory_tags
from secure_ddb.adoption.python_source import Call, Comment, Raw, call, comment_text, names_in, written
from secure_ddb.adoption.scaling import DEFAULT_TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.adoption.existing import Capacity, ExistingTable, Index, KeyAttribute, Throughput

TABLE_ID = "Table"
# The policy of a SecureTable has a statement of this name.
_OUR_SID = "DenyRequestsWithoutTls"
_TYPES = {"S": "STRING", "N": "NUMBER", "B": "BINARY"}
_TABLE_CLASSES = {"STANDARD_INFREQUENT_ACCESS": "TableClass.STANDARD_INFREQUENT_ACCESS"}
_WIDTH = 120
_MODULES = {
    "aws_cdk": ("App", "Environment", "Stack", "Tags"),
    "aws_cdk.aws_dynamodb": (
        "Attribute",
        "AttributeType",
        "Billing",
        "Capacity",
        "ContributorInsightsMode",
        "ContributorInsightsSpecification",
        "GlobalSecondaryIndexPropsV2",
        "LocalSecondaryIndexProps",
        "ProjectionType",
        "TableClass",
        "WarmThroughput",
    ),
    "aws_cdk.aws_iam": ("PolicyStatement",),
    "aws_cdk.aws_kinesis": ("Stream",),
    "aws_cdk.aws_kms": ("Key",),
    "constructs": ("Construct",),
    "secure_ddb": ("DataClassification", "EncryptionSettings", "Ownership", "SecureTable"),
}


def stack_name(table: ExistingTable) -> str:
    """Return a name for the new stack: the table's, with capital letters instead of punctuation."""
    words = "".join(word[0].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", table.name) if word)
    name = words if words[:1].isalpha() else f"T{words}"
    name = name if name.endswith("Table") else f"{name}Table"
    # In the stack that declares the table now there may be other resources.
    return f"Secure{name}" if name == table.stack else name


def logical_id() -> str:
    """Return the logical id that CDK gives the table in the stack that the code makes.

    https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html
    """
    path = f"{TABLE_ID}/Table/Resource"
    return f"Table{hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()[:8].upper()}"


def stack_code(table: ExistingTable, stack: str, *, new_key: bool = False) -> str:
    """Return the file's source.

    Args:
        table: The table.
        stack: Name of the stack.
        new_key: Whether to make a new key although the table has one of the customer's.
    """
    secure_table = _secure_table(table, new_key=new_key)
    statements = list(_statements(table))
    environment = _environment(table)
    class_name = f"{re.sub(r'[^A-Za-z0-9]', '', stack)}Stack"
    used = {"App", "Stack", "Construct", *names_in(environment), *names_in(secure_table)}
    for statement in statements:
        used |= names_in(statement)
    body = "        "
    made = "self.table = "
    lines = [
        f'"""The table {table.name} with its items, as a SecureTable."""',
        "",
        *_imports(used, needs_os=isinstance(environment, Call) and "os." in written(environment, "")),
        "",
        "",
        f"class {class_name}(Stack):",
        f'    """Keeps the table {table.name}."""',
        "",
        "    def __init__(self, scope: Construct, id: str, *, env: Environment) -> None:",
        '        """Make the table; the stack imports it before it is deployed."""',
        "        super().__init__(scope, id, env=env)",
        f"{body}{made}{written(secure_table, body, made)}",
        *(f"{body}{written(each, body)}" for each in statements),
        *(
            f"{body}# {comment_text(f'{each.code}: {each.name} is known only at deployment')}"
            for each in table.unknown
            if "." in each.code
        ),
        "",
        "",
        'app = App(outdir="cdk.out")',
        written(call(class_name, Raw("app"), stack, env=environment), ""),
        "app.synth()",
        "",
    ]
    return "\n".join(lines)


def _imports(used: set[str], *, needs_os: bool) -> Iterator[str]:
    if needs_os:
        yield from ("import os", "")
    by_module: dict[str, list[str]] = defaultdict(list)
    for module, names in _MODULES.items():
        by_module[module] = sorted(used & set(names))
    for module, found in by_module.items():
        line = f"from {module} import {', '.join(found)}"
        if found and len(line) <= _WIDTH:
            yield line
        elif found:
            yield from (f"from {module} import (", *(f"    {name}," for name in found), ")")


def _environment(table: ExistingTable) -> Call:
    account = table.account or Raw('os.environ.get("CDK_DEFAULT_ACCOUNT")')
    region = table.region or Raw('os.environ.get("CDK_DEFAULT_REGION")')
    return call("Environment", account=account, region=region)


def _secure_table(table: ExistingTable, *, new_key: bool) -> Call:
    tags = mandatory_tags(table)
    ownership: list[tuple[str, Any]] = list(call("Ownership", **tags.ownership).arguments)
    if tags.missing:
        first = list(tags.ownership).index(tags.missing[0])
        ownership.insert(first, ("", Comment(f"{PLACEHOLDER}: the table's tags do not tell.")))
    given = call(
        "SecureTable",
        Raw("self"),
        TABLE_ID,
        table_name=table.name,
        partition_key=_attribute(table.partition_key),
        sort_key=_attribute(table.sort_key) if table.sort_key else None,
        ownership=Call("Ownership", tuple(ownership)),
        classification=Raw(f"DataClassification.{tags.classification.name}") if tags.classification else None,
        encryption=None if new_key else _encryption(table),
        billing=_billing(table),
        global_secondary_indexes=[_global_index(each, table) for each in table.global_indexes] or None,
        local_secondary_indexes=[_local_index(each) for each in table.local_indexes] or None,
        time_to_live_attribute=table.time_to_live,
        table_class=Raw(_TABLE_CLASSES[table.table_class]) if table.table_class in _TABLE_CLASSES else None,
        warm_throughput=_warm(table.throughput),
        contributor_insights_specification=_insights(table),
        kinesis_stream=call("Stream.from_stream_arn", Raw("self"), "Changes", table.kinesis_stream)
        if table.kinesis_stream
        else None,
    )
    unknown = [each for each in table.unknown if each.code and "." not in each.code]
    comments = tuple(("", Comment(f"{each.code}: {each.name} is known only at deployment")) for each in unknown)
    return Call(given.function, given.arguments + comments)


def _statements(table: ExistingTable) -> Iterator[Call]:
    """Yield the statements behind the table."""
    for key, value in mandatory_tags(table).others.items():
        yield call("Tags.of(self.table.table).add", key, value)
    for statement in (table.policy or {}).get("Statement", []):
        if statement.get("Sid") != _OUR_SID:
            yield call("self.table.table.add_to_resource_policy", call("PolicyStatement.from_json", statement))


def _attribute(attribute: KeyAttribute) -> Call:
    return call("Attribute", name=attribute.name, type=Raw(f"AttributeType.{_TYPES[attribute.type]}"))


def _encryption(table: ExistingTable) -> Call | None:
    if not table.key_arn:
        return None
    return call("EncryptionSettings", key=call("Key.from_key_arn", Raw("self"), "Key", table.key_arn))


def _capacity(capacity: Capacity | None, *, scales: bool) -> Call | None:
    if capacity is None:
        return None
    if capacity.target is None and not scales:
        return call("Capacity.fixed", capacity.least)
    return call(
        "Capacity.autoscaled",
        min_capacity=capacity.least,
        max_capacity=capacity.most,
        target_utilization_percent=capacity.target or DEFAULT_TARGET,
    )


def _billing(table: ExistingTable) -> Call | None:
    limits = table.throughput
    if table.on_demand:
        if limits.most_reads is None and limits.most_writes is None:
            return None
        return call(
            "Billing.on_demand", max_read_request_units=limits.most_reads, max_write_request_units=limits.most_writes
        )
    if limits.read is None or limits.write is None:
        return None
    return call(
        "Billing.provisioned",
        read_capacity=_capacity(limits.read, scales=False),
        write_capacity=_capacity(limits.write, scales=True),
    )


def _warm(limits: Throughput) -> Call | None:
    if limits.warm_reads is None and limits.warm_writes is None:
        return None
    return call("WarmThroughput", read_units_per_second=limits.warm_reads, write_units_per_second=limits.warm_writes)


def _keys(name: str, attributes: tuple[KeyAttribute, ...]) -> dict[str, Any]:
    if len(attributes) == 1:
        return {name: _attribute(attributes[0])}
    return {f"{name}s": [_attribute(each) for each in attributes]} if attributes else {}


def _projection(index: Index) -> dict[str, Any]:
    if index.projection == "ALL":
        return {}
    return {
        "projection_type": Raw(f"ProjectionType.{index.projection}"),
        "non_key_attributes": list(index.included) or None,
    }


def _global_index(index: Index, table: ExistingTable) -> Call:
    limits = index.throughput
    provisioned = not table.on_demand and _billing(table) is not None
    return call(
        "GlobalSecondaryIndexPropsV2",
        index_name=index.name,
        **_keys("partition_key", index.partition_keys),
        **_keys("sort_key", index.sort_keys),
        **_projection(index),
        read_capacity=_capacity(limits.read, scales=False) if provisioned else None,
        write_capacity=_capacity(limits.write, scales=True) if provisioned else None,
        max_read_request_units=None if provisioned else limits.most_reads,
        max_write_request_units=None if provisioned else limits.most_writes,
        warm_throughput=_warm(limits),
    )


def _local_index(index: Index) -> Call:
    return call(
        "LocalSecondaryIndexProps",
        index_name=index.name,
        sort_key=_attribute(index.sort_keys[0]),
        **_projection(index),
    )


def _insights(table: ExistingTable) -> Call | None:
    # Throttled keys are the default.
    if table.insights in {None, "THROTTLED_KEYS"}:
        return None
    return call(
        "ContributorInsightsSpecification",
        enabled=True,
        mode=Raw("ContributorInsightsMode.ACCESSED_AND_THROTTLED_KEYS"),
    )
