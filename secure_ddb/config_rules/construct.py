"""`TableConfigRules`: AWS Config rules for the settings in the templates of tables (DET-4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_cdk import Names
from aws_cdk.aws_config import CfnConfigRule
from constructs import Construct

from secure_ddb.config_rules.guard import KEY, TABLE, Expected, configuration_rules
from secure_ddb.context import outermost_stack
from secure_ddb.declared_elsewhere.declared_settings import declared_tables
from secure_ddb.errors import reject, require_interface
from secure_ddb.library_construct import state_construct
from secure_ddb.notice import Notice, make_notice_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk.aws_sns import ITopic

    from secure_ddb.declared_elsewhere.declared_settings import DeclaredSettings
    from secure_ddb.table import SecureTable

# The text of a rule has 10,000 characters, and a table's name up to 255.
# https://docs.aws.amazon.com/config/latest/APIReference/API_CustomPolicyDetails.html
_MOST_TABLES = 25
_LONGEST_TEXT = 10_000
_RUNTIME = "guard-2.x.x"
# A rule's name has 128 characters.
_LONGEST_STACK, _LONGEST_TABLE = 40, 48


class _Managed(NamedTuple):
    """A rule that AWS manages.

    Attributes:
        id: Its construct id for a table.
        identifier: As in https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
        parameters: Its parameters.
        is_periodic: Whether it runs once a day instead of when the table changes.
    """

    id: str
    identifier: str
    parameters: dict[str, str]
    is_periodic: bool = False


class TableConfigRules(Construct):
    """Rules of AWS Config on some tables and their keys, with a message to the alarm topic. docs/config-rules.md.

    They expect the settings in the tables' templates, so nothing that is waived. The account and Region need
    a configuration recorder that records tables and keys: without one, AWS Config refuses the rules.

    Attributes:
        rules: The rules.
    """

    def __init__(self, scope: Construct, id: str, *, tables: Sequence[SecureTable], topic: ITopic) -> None:
        """Make the rules.

        Args:
            scope: Where to make them: in the account and Region of the tables.
            id: Construct id.
            tables: The tables, 25 at most.
            topic: The topic, such as `SharedResources.alarm_topic`. Its policy and key have to let EventBridge publish.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        declared = declared_tables(scope, tables, _MOST_TABLES)
        require_interface("topic", topic, "topic_arn", "an aws_sns.ITopic")
        text = _guard_text(declared)
        super().__init__(scope, id)
        state_construct(self)
        # The rule of EventBridge below tells these rules from others by their names.
        prefix = f"{outermost_stack(self).stack_name[:_LONGEST_STACK]}-{self.node.addr[-8:]}-"
        managed = [
            _make_managed(self, f"{Names.unique_id(each.table)[-_LONGEST_TABLE:]}{rule.id}", prefix, rule, each)
            for each in declared
            for rule in _managed_rules(each)
        ]
        self.rules = (*managed, _make_guard_rule(self, prefix, text))
        make_notice_rule(self, "NotCompliant", not_compliant(prefix), topic.topic_arn)


def _managed_rules(declared: DeclaredSettings) -> Iterator[_Managed]:
    table = declared.table
    key = {"kmsKeyArns": table.encryption_key.key_arn}
    yield _Managed("Encryption", "DYNAMODB_TABLE_ENCRYPTED_KMS", key)
    if declared.recovery_days is not None:
        yield _Managed("Recovery", "DYNAMODB_PITR_ENABLED", {})
    if declared.has_deletion_protection:
        yield _Managed("DeletionProtection", "DYNAMODB_TABLE_DELETION_PROTECTION_ENABLED", {})
    if declared.is_backed_up:
        one = {"resourceId": table.table_name}
        yield _Managed("Backup", "DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN", one, is_periodic=True)


def _make_managed(scope: Construct, id: str, prefix: str, rule: _Managed, declared: DeclaredSettings) -> CfnConfigRule:
    """Make a rule for one table. In AWS Config, the id of a table is its name."""
    one = CfnConfigRule.ScopeProperty(
        compliance_resource_id=declared.table.table_name, compliance_resource_types=[TABLE]
    )
    return CfnConfigRule(
        scope,
        id,
        config_rule_name=f"{prefix}{id}",
        source=CfnConfigRule.SourceProperty(owner="AWS", source_identifier=rule.identifier),
        input_parameters=rule.parameters or None,
        # A rule that runs once a day looks for the table by its parameter.
        scope=None if rule.is_periodic else one,
        maximum_execution_frequency="TwentyFour_Hours" if rule.is_periodic else None,
    )


def _make_guard_rule(scope: Construct, prefix: str, text: str) -> CfnConfigRule:
    """Make the rule with the controls of this library, which also sees the stream and the keys."""
    detail = CfnConfigRule.SourceDetailProperty(
        event_source="aws.config", message_type="ConfigurationItemChangeNotification"
    )
    return CfnConfigRule(
        scope,
        "Declared",
        config_rule_name=f"{prefix}Declared",
        description="Tables and keys are as their templates declare: rules of secure_ddb for AWS CloudFormation Guard",
        source=CfnConfigRule.SourceProperty(
            owner="CUSTOM_POLICY",
            custom_policy_details=CfnConfigRule.CustomPolicyDetailsProperty(policy_runtime=_RUNTIME, policy_text=text),
            source_details=[detail],
        ),
        scope=CfnConfigRule.ScopeProperty(compliance_resource_types=[TABLE, KEY]),
    )


def _guard_text(declared: Sequence[DeclaredSettings]) -> str:
    """Return the rules, if they are no longer than AWS Config accepts."""
    expected = _expected(declared)
    # The id of a key has 36 characters, and is known at deployment only.
    ids = {key: f"{number:0>36}" for number, key in enumerate(expected.usable_keys)}
    deployed = replace(
        expected, usable_keys=list(ids.values()), rotating_keys=[ids[key] for key in expected.rotating_keys]
    )
    length = len(configuration_rules(deployed))
    if length > _LONGEST_TEXT:
        given = f"{len(declared)} tables, whose rules have {length:,} characters"
        reject(
            "tables", given, f"tables whose rules have at most {_LONGEST_TEXT:,} characters: fewer, or shorter names"
        )
    return configuration_rules(expected)


def _expected(declared: Sequence[DeclaredSettings]) -> Expected:
    keys = {each.table.encryption_key.key_id: each.rotation_days for each in declared}
    return Expected(
        encrypted=[each.table.table_name for each in declared],
        recoverable=[each.table.table_name for each in declared if each.recovery_days is not None],
        streaming=[each.table.table_name for each in declared if each.is_audited],
        usable_keys=list(keys),
        rotating_keys=[key for key, days in keys.items() if days is not None],
    )


def not_compliant(prefix: str) -> Notice:
    """Return the reported events of rules whose names have a prefix.

    https://docs.aws.amazon.com/config/latest/developerguide/example-config-rule-compliance-notification.html
    """
    detail: dict[str, Any] = {
        "messageType": ["ComplianceChangeNotification"],
        "configRuleName": [{"prefix": prefix}],
        "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]},
    }
    return Notice(
        happened="AWS Config found that a table or its key no longer matches its template.",
        pattern={"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"], "detail": detail},
        lines=(
            "What: <type> <resource> does not comply with <rule>",
            "Why: <why>",
            "What to do: find out in CloudTrail who changed it, and deploy the stack again.",
        ),
        paths={
            "type": "$.detail.resourceType",
            "resource": "$.detail.resourceId",
            "rule": "$.detail.configRuleName",
            "why": "$.detail.newEvaluationResult.annotation",
        },
    )
