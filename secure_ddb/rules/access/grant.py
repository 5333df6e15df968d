"""Permissions of roles and users on tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.actions import SEARCH_VECTORS
from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.landscape.grants import demands_named, dynamodb_actions, grants_on_tables
from secure_ddb.landscape.identities import attached_by, managed_by_aws
from secure_ddb.rules.catalogues import cis, nist, pci, security_hub
from secure_ddb.rules.network.endpoint import is_known_table, is_wide_resource
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_TYPES = ("AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition", "AWS::IAM::UserPolicy")


@Rule(
    id="SecureDdb-IAM1",
    title="There are no IAM users",
    problem="There is an IAM user",
    severity=Severity.HIGH,
    requirements=("IAM-1",),
    controls=(
        "CS-5",
        "CS-8",
        "PR.AC-3",
        *nist("AC-2", "IA-2"),
        *security_hub("IAM.2", "IAM.3"),
        *cis("1.13", "1.14", "1.20"),
    ),
    rationale="IAM users have long-term credentials, which must be rotated every 90 days.",
    remedy="Have people and programs assume roles instead.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
def no_users(assembly: Assembly) -> Iterator[Judgement]:
    """Look for users, and for users named in policies of resources that serve tables."""
    for resource in assembly.of_type(*_TYPES):
        yield judged(resource, "Type", False, f"it is an {resource.type}")
    for policy, tables in assembly.table_policies:
        naming = {each: users for each in policy.allowing if (users := _users(each))}
        for statement, users in naming.items():
            yield judged_statement(
                policy, statement, False, f"{statement.label} names the user {users[0]}", tables=tables
            )
        if not naming:
            yield judged(policy.resource, policy.path, True, "it names no IAM user", tables=tables)


def _users(statement: Statement) -> list[str]:
    return [who.value for who in statement.principals if ":user/" in who.value]


_WIDE_OF_AWS = {
    "AdministratorAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBFullAccess_v2",
    "AmazonDynamoDBFullAccesswithDataPipeline",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2RoleforDataPipelineRole",
    "AmazonElasticMapReduceforEC2Role",
    "DataScientist",
    "DatabaseAdministrator",
    "PowerUserAccess",
    "ReadOnlyAccess",
}


@Rule(
    id="SecureDdb-IAM2",
    title="Permissions on tables list each action, without wildcards",
    problem="Permissions on tables use wildcard actions",
    severity=Severity.HIGH,
    requirements=("IAM-1",),
    controls=(
        "CS-5",
        "PR.AC-3",
        *nist("AC-6", "AC-3"),
        *security_hub("IAM.21", "IAM.1"),
        *cis("1.15"),
        *pci("7.2.2", "7.2.5"),
    ),
    rationale="A wildcard also allows actions that DynamoDB adds later, and dynamodb:* allows deleting the table.",
    remedy="List the actions, or use grant_read_data, grant_write_data or grant_read_write_data.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
def named_actions(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the actions of every statement on tables, and at AWS's own policies."""
    for policy, statement in grants_on_tables(assembly):
        actions = dynamodb_actions(statement)
        wide = [each for each in actions if "*" in each or ("?" in each and not is_unknown(each))]
        answer = not wide and not statement.excludes_actions
        named = "only listed actions" if answer else ", ".join(wide) or "all actions except those listed"
        yield judged_statement(policy, statement, answer, f"{statement.label} allows {named}")
    for holder in assembly.of_type(kinds.ROLE, kinds.USER, kinds.GROUP, kinds.PERMISSION_SET):
        path = f"Properties.{attached_by(holder)}"
        for name in managed_by_aws(holder):
            if name in _WIDE_OF_AWS:
                yield judged(holder, path, False, f"it has AWS's managed policy {name}", key=name)
        if assembly.tables and is_unknown(holder.properties.get(attached_by(holder))):
            yield judged(holder, path, None, "its managed policies are known only at deployment")


_DESCRIBING = {"dynamodb:describetable", "dynamodb:listtables"}


@Rule(
    id="SecureDdb-IAM3",
    title="Permissions on tables name the tables, without wildcards",
    problem="Permissions on tables use wildcards in table names",
    severity=Severity.HIGH,
    requirements=("IAM-1",),
    controls=("CS-5", "PR.AC-3", *nist("AC-6", "AC-3"), *pci("7.2.2", "7.2.5")),
    rationale="A permission on all tables also covers the tables of other teams.",
    remedy="Name the table's ARN, and its /index/* if indexes are queried.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-overview.html",
)
def named_tables(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the resources of every statement on tables, except statements that only describe them.

    Monitoring of an account must find tables that it does not know by name, and a description has no items.
    """
    for policy, statement in grants_on_tables(assembly):
        if not statement.excludes_actions and set(statement.actions) <= _DESCRIBING:
            continue
        wide = [name for name in statement.resources if is_wide_resource(name)]
        on_tags = statement.conditions_on("aws:ResourceTag/")
        by_tag = [each for each in on_tags if each.must_be_present and demands_named(each)]
        answer: Truth = not statement.excludes_resources and (not wide or bool(by_tag))
        if answer and not all(is_known_table(assembly, name, policy.resource) for name in statement.resources):
            answer = None
        others = ", ".join(wide) or "all tables except those listed"
        named = choose(answer, "named tables", others, "tables known only at deployment")
        yield judged_statement(policy, statement, answer, f"{statement.label} applies to {named}")


_LEADING_KEYS = "dynamodb:LeadingKeys"
# Requests of these carry no leading keys, or need not.
_WITHOUT_KEYS = ("dynamodb:Scan", "dynamodb:PartiQLSelect", "dynamodb:ExportTableToPointInTime", *SEARCH_VECTORS)


@Rule(
    id="SecureDdb-IAM4",
    title="Item-level permissions do not allow requests without a partition key",
    problem="Item-level permissions allow requests without a partition key",
    severity=Severity.CRITICAL,
    requirements=("IAM-3",),
    controls=("CS-5", "PR.AC-3", *nist("AC-3", "AC-6"), *pci("7.2.2", "7.2.5")),
    rationale=(
        "ForAllValues is also true for a request without leading keys, such as a Scan, which would reach every item."
    ),
    remedy='Remove Scan, and add the condition Null dynamodb:LeadingKeys "false".',
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html",
)
def item_level(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement, of an identity or of a table, with a condition on leading keys."""
    of_tables = ((policy, each) for policy, _ in assembly.table_policies for each in policy.allowing)
    for policy, statement in (*grants_on_tables(assembly), *of_tables):
        on_keys = statement.conditions_on(_LEADING_KEYS)
        if not on_keys:
            continue
        # `ForAllValues` alone is true for a request without leading keys.
        must_be_present = any(condition.must_be_present for condition in on_keys)
        passing = [] if must_be_present else statement.touches_actions(_WITHOUT_KEYS)
        # To demand a key without naming any, or any but some, is as good as nothing.
        comparing = [each for each in on_keys if each.operator != "Null" and not each.is_negated]
        any_key = not comparing or not all(map(demands_named, comparing))
        what = "any key" if any_key else "only the keys listed"
        if passing:
            what = f"{', '.join(passing)}, which has no leading keys"
        yield judged_statement(policy, statement, not passing and not any_key, f"{statement.label} allows {what}")


_READ = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan")
_WRITE = ("dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
_SELECT_KEY, _RETURN_KEY = "dynamodb:Select", "dynamodb:ReturnValues"
# They make sense only where attributes are named.
_OF_SOME_ATTRIBUTES = {"SPECIFIC_ATTRIBUTES", "UPDATED_OLD", "UPDATED_NEW"}
_SELECT = {"SPECIFIC_ATTRIBUTES", "COUNT"}
_RETURN = {"NONE", "UPDATED_OLD", "UPDATED_NEW"}


@Rule(
    id="SecureDdb-IAM5",
    title="Attribute-level permissions also limit what requests select and return",
    problem="Attribute-level permissions do not limit what requests select and return",
    severity=Severity.HIGH,
    requirements=("IAM-2",),
    controls=("CS-5", "PR.AC-3", *nist("AC-3", "AC-6"), *pci("7.2.2", "7.2.5")),
    rationale=(
        "dynamodb:Attributes does not stop requests that name no attributes, or updates that return the whole item."
    ),
    remedy=(
        "Add the conditions StringEqualsIfExists dynamodb:Select SPECIFIC_ATTRIBUTES and, for writes, "
        "dynamodb:ReturnValues NONE, UPDATED_OLD or UPDATED_NEW."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html",
)
def attribute_level(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement with a condition on attributes."""
    for policy, statement in grants_on_tables(assembly):
        on_attributes = statement.conditions_on("dynamodb:Attributes")
        limiting = {value for each in statement.conditions_on(_SELECT_KEY, _RETURN_KEY) for value in each.values}
        if not on_attributes and not limiting & _OF_SOME_ATTRIBUTES:
            continue
        naming = [each for each in on_attributes if each.operator != "Null"]
        named = bool(naming) and all(map(demands_named, naming))
        detail = f"{statement.label} {'names attributes' if named else 'allows any attribute'}"
        yield judged_statement(policy, statement, named, detail)
        for actions, key, allowed in ((_READ, _SELECT_KEY, _SELECT), (_WRITE, _RETURN_KEY, _RETURN)):
            if statement.touches_actions(actions):
                conditions = (each for each in statement.conditions_on(key) if not each.is_negated)
                bound = any(set(condition.values) <= allowed for condition in conditions)
                detail = f"{statement.label} {'limits' if bound else 'does not limit'} {key}"
                yield judged_statement(policy, statement, bound, detail, key=f"{statement.label}.{key}")
