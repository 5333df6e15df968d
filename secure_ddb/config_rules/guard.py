"""Controls of this library as rules of AWS CloudFormation Guard. Plain text; nothing here loads CDK.

One list of controls gives the rules for a template, for a CloudFormation Hook and for a configuration item of AWS
Config, because each of them names the same settings otherwise. They use the syntax of Guard 2, which AWS Config runs.
https://docs.aws.amazon.com/cfn-guard/latest/ug/writing-rules.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLE, GLOBAL_TABLE, KEY = "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::KMS::Key"
_RECOVERY = "supplementaryConfiguration.ContinuousBackupsDescription.pointInTimeRecoveryDescription"
_VIEW = "NEW_AND_OLD_IMAGES"


class Input(Enum):
    """What Guard reads: its names for the type and the properties of a resource."""

    TEMPLATE = ("Type", "Properties")
    """A CloudFormation template."""

    HOOK = ("ResourceType", "ResourceProperties")
    """The input that CloudFormation passes to a Hook before it creates or updates a resource.
    https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/guard-hooks-write-rules.html"""


@dataclass(frozen=True, kw_only=True)
class Control:
    """A rule of this library, as checks of Guard on each input.

    Attributes:
        name: The name of Guard's rule.
        rule: The rule of this library.
        failure: The message if a check fails.
        global_table: Checks on the properties of an `AWS::DynamoDB::GlobalTable`.
        table: Checks on those of an `AWS::DynamoDB::Table`.
        item: Checks on the configuration item of a table. AWS publishes which fields it has:
            https://github.com/awslabs/aws-config-resource-schema
    """

    name: str
    rule: str
    failure: str
    global_table: tuple[str, ...] = ()
    table: tuple[str, ...] = ()
    item: tuple[str, ...] = ()


ENCRYPTION = Control(
    name="customer_managed_key",
    rule="SecureDdb-ENC1",
    failure="the table is not encrypted with a customer managed key",
    global_table=(
        "SSESpecification.SSEEnabled == true",
        "SSESpecification.SSEType == 'KMS'",
        "Replicas[*].SSESpecification.KMSMasterKeyId exists",
    ),
    table=("SSESpecification.SSEEnabled == true", "SSESpecification.KMSMasterKeyId exists"),
    item=("configuration.ssedescription.ssetype == 'KMS'", "configuration.ssedescription.status == 'ENABLED'"),
)
RECOVERY = Control(
    name="point_in_time_recovery",
    rule="SecureDdb-BAK1",
    failure="point-in-time recovery is off",
    global_table=("Replicas[*].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled == true",),
    table=("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled == true",),
    item=(f"{_RECOVERY}.pointInTimeRecoveryStatus == 'ENABLED'",),
)
DELETION_PROTECTION = Control(
    name="deletion_protection",
    rule="SecureDdb-BAK3",
    failure="deletion protection is off",
    global_table=("Replicas[*].DeletionProtectionEnabled == true",),
    table=("DeletionProtectionEnabled == true",),
    # No published field of the configuration item says it; a managed rule of AWS Config does.
)
STREAM = Control(
    name="stream",
    rule="SecureDdb-AUD1",
    failure="no stream shows items before and after a change",
    global_table=(f"StreamSpecification.StreamViewType == '{_VIEW}'",),
    table=(f"StreamSpecification.StreamViewType == '{_VIEW}'",),
    item=(
        "configuration.streamSpecification.streamEnabled == true",
        f"configuration.streamSpecification.streamViewType == '{_VIEW}'",
    ),
)
CONTROLS = (ENCRYPTION, RECOVERY, DELETION_PROTECTION, STREAM)
# Of keys, a template does not say which are of tables: only the rule of AWS Config names them.
KEY_USABLE = ("configuration.enabled == true", "configuration.keyState == 'Enabled'")
KEY_ROTATES = ("supplementaryConfiguration.KeyRotationStatus == true",)


def template_rules(read: Input) -> str:
    """Return the rules on tables in templates, or in the input of a Hook."""
    kind, properties = read.value
    rules = []
    for control in CONTROLS:
        for resource_type, checks in ((GLOBAL_TABLE, control.global_table), (TABLE, control.table)):
            variable = f"{control.name}_{resource_type.rpartition('::')[2].lower()}s"
            rules += [
                f"let {variable} = Resources.*[ {kind} == '{resource_type}' ]",
                f"rule {variable} when %{variable} !empty {{",
                *(f"  %{variable}.{properties}.{check} <<{control.rule}: {control.failure}>>" for check in checks),
                "}",
            ]
    return "\n".join(rules) + "\n"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Which resources a rule of AWS Config looks at.

    Attributes:
        encrypted: Names of tables that are encrypted.
        recoverable: Names of tables with point-in-time recovery.
        streaming: Names of tables whose stream is audited.
        usable_keys: Ids of keys that have to be usable.
        rotating_keys: Ids of keys that have to rotate.
    """

    encrypted: Sequence[str]
    recoverable: Sequence[str]
    streaming: Sequence[str]
    usable_keys: Sequence[str]
    rotating_keys: Sequence[str]


def configuration_rules(expected: Expected) -> str:
    """Return the rules on configuration items of AWS Config, only for resources that are expected to meet them.

    A table that is being made, changed or deleted is not looked at. In AWS's own example a rule of its own asks for
    that, with which such a table does not comply.
    https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_cfn-guard.html
    """
    found = (
        *(
            (TABLE, control.name, "configuration.tableName", names, control.item, f"{control.rule}: {control.failure}")
            for control, names in (
                (ENCRYPTION, expected.encrypted),
                (RECOVERY, expected.recoverable),
                (STREAM, expected.streaming),
            )
        ),
        (
            KEY,
            "key_usable",
            "configuration.keyId",
            expected.usable_keys,
            KEY_USABLE,
            "SecureDdb-ENC6: the table's key cannot be used",
        ),
        (
            KEY,
            "key_rotates",
            "configuration.keyId",
            expected.rotating_keys,
            KEY_ROTATES,
            "SecureDdb-ENC2: the table's key does not rotate",
        ),
    )
    # Each list stands once, because the text has 10,000 characters.
    lists = {json.dumps(values): f"names{number}" for number, values in enumerate(each[3] for each in found) if values}
    rules = [f"let {name} = {values}" for values, name in lists.items()]
    for resource_type, name, identity, values, checks, failure in found:
        if values:
            conditions = [f"resourceType == '{resource_type}'", f"{identity} in %{lists[json.dumps(values)]}"]
            conditions += ["configuration.tableStatus == 'ACTIVE'"] if resource_type == TABLE else []
            rules += [
                f"rule {name} when",
                *(f"  {condition}" for condition in conditions),
                "{",
                *(f"  {check} <<{failure}>>" for check in checks),
                "}",
            ]
    return "\n".join(rules) + "\n"
