"""CloudWatch Logs can use the key of the log group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import unknown
from secure_ddb.landscape.key_permissions import lets_service_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy

_NEEDED = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each log group's key."""
    for group, tables in assembly.audit.log_groups.items():
        key = assembly.find_key(key_named_by(group), group)
        if key is None:
            continue
        arn = _arn_as_far_as_known(group, assembly.policies.of_key(key))
        context = {
            "aws:sourceaccount": (group.account,),
            "aws:sourcearn": (arn,),
            "kms:encryptioncontext:aws:logs:arn": (arn,),
        }
        services = (f"logs.{group.region}.amazonaws.com", "logs.amazonaws.com")
        answer = any_of(lets_service_use(assembly, key, service, _NEEDED, context) for service in services)
        lets = "lets" if answer else "may let" if answer is None else "does not let"
        detail = f"the key's policy {lets} CloudWatch Logs use it for this log group"
        yield judged(group, "Properties.KmsKeyId", answer, detail, tables=tables)


def _arn_as_far_as_known(group: Resource, policy: Policy) -> str:
    """Return a log group's ARN; its name begins with the stack's, which may be known only at deployment."""
    arn = group.arn.removesuffix(":*")
    stack_name = group.template.pseudo_parameters["AWS::StackName"]
    # A policy that refers to the stack's name as well can be compared with it, whatever it is.
    if group.template.stack_name or stack_name in str(policy.document):
        return arn
    return arn.replace(stack_name, unknown(stack_name))


RULE = Rule(
    id="SecureDdb-AUD7",
    title="CloudWatch Logs can use the key of the log of changes",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-9(3)", "NIST.800-53.r5 AU-12"),
    explanation="CDK does not say so to the key. A log group whose key Logs cannot use takes no records.",
    remedy=(
        "Allow logs.REGION.amazonaws.com kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey* and "
        "kms:DescribeKey, bound to the log group by kms:EncryptionContext:aws:logs:arn."
    ),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    check=check,
)
