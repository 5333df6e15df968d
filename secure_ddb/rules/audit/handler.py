"""The audit function: its settings, its digest key, and permissions to invoke it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, at, is_unknown
from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.landscape.audit_consumer import HANDLER
from secure_ddb.landscape.key_permissions import DIGEST, makes_digests
from secure_ddb.rules.catalogues import nist, pci, security_hub
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_statement, judged_value, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

# The variable with settings of single tables that share the function: secure_ddb.audit.table_settings.
TABLES = "TABLES"


@Rule(
    id="SecureDdb-AUD13",
    title="The audit log shows item keys only if the data's classification allows it",
    problem="The audit log shows item keys although the data's classification does not allow it",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("PR.DS-1", *nist("AU-3(3)", "SI-12(1)")),
    rationale="Keys are often names or account numbers, and logs have more readers than tables.",
    remedy="Leave AuditSettings.keys at LoggedKeys.DIGEST.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html",
)
def digests(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each audit function of this library; what another one logs, no template shows."""
    for function, tables in assembly.audit.functions.items():
        if function.properties.get("Handler") != HANDLER:
            continue
        variables = at(function.properties, "Environment", "Variables") or {}
        keys = at(variables, "KEYS")
        path = "Properties.Environment.Variables"
        own = _of_tables(at(variables, TABLES))
        if own is None:
            detail = "table-specific settings are known only at deployment"
            yield judged(function, f"{path}.{TABLES}", None, detail, key=TABLES, tables=tables)
        others = [table for table in tables if table.name not in (own or {})]
        plain = keys == "plain" and all(table.floor.may_log_keys for table in others)
        yield judged_value(function, f"{path}.KEYS", keys, good=keys == "digest" or plain, key="KEYS", tables=tables)
        clear = at(variables, "CLEAR_ATTRIBUTES")
        if clear is not None and others:
            yield _stated(function, "CLEAR_ATTRIBUTES", clear, others)
        for table in tables:
            settings = (own or {}).get(table.name)
            if settings is not None:
                yield from _of_table(function, table, settings, keys)
        if keys == "digest":
            key = at(variables, "HMAC_KEY_ID")
            good = _digests(assembly, key, function)
            yield judged_value(function, f"{path}.HMAC_KEY_ID", key, good=good, key="HMAC_KEY_ID", tables=tables)


def _of_tables(variable: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a value of a template
    """Return the settings of single tables by their names; None if they are known only at deployment."""
    if variable is None:
        return {}
    try:
        settings = json.loads(str(variable))
    except ValueError:
        return None
    return settings if isinstance(settings, dict) else None


def _of_table(function: Resource, table: Table, settings: Any, otherwise: Any) -> Iterator[Judgement]:  # noqa: ANN401
    """Yield the settings of one table."""
    path, key = f"Properties.Environment.Variables.{TABLES}", f"{TABLES}.{table.name}"
    keys = at(settings, "keys") or otherwise
    good = keys == "digest" or (keys == "plain" and table.floor.may_log_keys)
    detail = f"item keys of {table.name} are logged as {shown(keys)}"
    yield judged(function, path, None if is_unknown(keys) else good, detail, key=f"{key}.keys", tables=[table])
    if at(settings, "clear"):
        yield _stated(function, TABLES, json.dumps(at(settings, "clear")), [table], key=f"{key}.clear")


def _stated(
    function: Resource,
    variable: str,
    attributes: Any,  # noqa: ANN401 - a value of a template
    tables: Sequence[Table],
    *,
    key: str = "",
) -> Judgement:
    """Judge whether the tables' owners chose to log attributes in clear. Only they know which ones may be."""
    settings = [at(table.evidence, "settings", "audit.clear_attributes") for table in tables]
    named = ", ".join(map(str, _names(attributes)))
    answer = True if settings and all(each == named for each in settings) else None
    detail = f"{named} is logged in clear, {'as the table states' if answer else 'which the table does not state'}"
    path = f"Properties.Environment.Variables.{variable}"
    return judged(function, path, answer, detail, key=key or variable, tables=tables)


def _names(attributes: object) -> list[object]:
    try:
        names = json.loads(str(attributes))
    except ValueError:
        names = attributes
    return names if isinstance(names, list) else [names]


def _digests(assembly: Assembly, key: Any, function: Resource) -> bool:  # noqa: ANN401 - a value of a template
    found = assembly.audit.key_told(key, function)
    if found is None or found.type == kinds.REPLICA_KEY:
        return found is not None
    return makes_digests(found) and str(found.properties.get("KeySpec")).startswith("HMAC_")


@Rule(
    id="SecureDdb-AUD14",
    title="Only the audit function can digest item keys",
    problem="Principals other than the audit function can digest item keys",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("PR.DS-1", *nist("AC-6", "SC-12")),
    rationale=(
        "A principal that can compute MACs can guess item keys and forge lines. With the key disabled, no change is "
        "recorded."
    ),
    remedy="Leave the key enabled, and allow kms:GenerateMac only to the function's role. Auditors need kms:VerifyMac.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html",
)
def digest_key(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each HMAC key configured in an audit function, and its policy."""
    roles = {role.arn for role in assembly.audit.roles}
    for key, tables in assembly.audit.digest_keys.items():
        enabled = key.properties.get("Enabled", True)
        yield judged_value(key, "Properties.Enabled", enabled, good=as_bool(enabled), key="Enabled", tables=tables)
        policy = assembly.policies.of_key(key)
        for statement in policy.allowing if makes_digests(key) else ():
            if statement.touches_actions(DIGEST):
                named = not statement.excludes_principals and all(who.value in roles for who in statement.principals)
                answer = None if statement.is_unknown and not named else named
                who = "only the audit function" if named else "principals other than the audit function"
                detail = f"{statement.label} lets {who} digest item keys"
                yield judged_statement(policy, statement, answer, detail, tables=tables)
            if as_bool(key.properties.get("MultiRegion")) and statement.touches_actions(("kms:ReplicateKey",)):
                yield judged_statement(policy, statement, *_replicates(statement), tables=tables)


def _replicates(statement: Statement) -> tuple[Truth, str]:
    """Judge where a key may be replicated: its replicator sets the replica's policy, and could digest there."""
    named = [
        each for each in statement.conditions_on("kms:ReplicaRegion") if not each.is_negated and not each.if_exists
    ]
    regions = ", ".join(dict.fromkeys(value for each in named for value in each.values))
    answer = bool(named) and "*" not in regions
    known = answer or (None if statement.is_unknown else False)
    return known, f"{statement.label} lets the key be replicated to {regions or 'every Region'}"


_SETTINGS = (("LOG_GROUP", kinds.LOG_GROUP), ("FAILURE_BUCKET", kinds.BUCKET))


@Rule(
    id="SecureDdb-AUD15",
    title="The audit function's log group and failure bucket are set",
    problem="The audit function's log group or failure bucket is not set",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-5", "AU-12")),
    rationale="Without them the function fails on each change, and nothing is recorded.",
    remedy="Leave LOG_GROUP and FAILURE_BUCKET as SecureTable sets them.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
)
def handler_settings(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the settings of each audit function of this library."""
    for function, tables in assembly.audit.functions.items():
        if function.properties.get("Handler") == HANDLER:
            for name, kind in _SETTINGS:
                value = at(function.properties, "Environment", "Variables", name)
                good = assembly.find(value, function, kind) is not None
                path = f"Properties.Environment.Variables.{name}"
                yield judged_value(function, path, value, good=good, key=name, tables=tables)


@Rule(
    id="SecureDdb-AUD26",
    title="Services can use the audit function and its log only for this account",
    problem="A service can use the audit function or its log for other accounts",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-9", "AC-3"), *security_hub("Lambda.1"), *pci("10.3.2")),
    rationale=(
        "AWS services act for every account. Unless a permission names this account or its resource, a resource of "
        "another account can make the function record changes that never happened, or write them to the log. The "
        "table's own stream needs no permission: Lambda reads it with the function's role."
    ),
    remedy=(
        "Give the AWS::Lambda::Permission a SourceAccount, or a SourceArn with this account, and the statement of the "
        "AWS::Logs::ResourcePolicy a condition on aws:SourceAccount or aws:SourceArn. The ARN of a bucket contains no "
        "account."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html",
)
def services_bound(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the permissions on each function that reads changes, and at the policies about its log group."""
    for policy, tables in assembly.audit_access.policies:
        answers = {each: _is_bound(each, policy.resource) for each in policy.allowing}
        for statement, answer in answers.items():
            if not answer:
                detail = f"{statement.label} {'lets' if answer is False else 'may let'} services act for any account"
                yield judged_statement(policy, statement, answer, detail, tables=tables)
        if all(answers.values()):
            detail = "it lets services act only for this account"
            yield judged(policy.resource, policy.path, True, detail, tables=tables)


def _is_bound(statement: Statement, resource: Resource) -> Truth:
    # `*` includes every service.
    if not statement.is_for_everyone() and all(who.kind != "Service" for who in statement.principals):
        return True
    bound = bound_to_account(statement, resource)
    return None if bound is False and statement.is_unknown else bound


@Rule(
    id="SecureDdb-AUD27",
    title="Function URLs of the audit function require IAM",
    problem="A function URL allows callers to invoke the audit function without IAM",
    severity=Severity.CRITICAL,
    requirements=("AUD-1",),
    controls=("CS-6", "PR.AC-3", *nist("AC-3", "AU-9", "SC-7"), *pci("1.4.4")),
    rationale="With AuthType NONE, anyone on the internet can forge change records.",
    remedy=(
        "Remove the AWS::Lambda::Url, which the table's stream does not need. Otherwise set its AuthType to AWS_IAM."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
)
def function_url(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each URL of a function that reads changes; other rules check the permissions to use it."""
    for url, tables, is_sure in assembly.audit_access.function_urls:
        demanded, path = url.properties.get("AuthType"), "Properties.AuthType"
        if is_sure:
            yield judged_value(url, path, demanded, good=demanded == "AWS_IAM", tables=tables)
        elif demanded != "AWS_IAM":
            detail = f"AuthType is {demanded}; the function of this URL is known only at deployment"
            yield judged(url, path, None, detail, tables=tables)
