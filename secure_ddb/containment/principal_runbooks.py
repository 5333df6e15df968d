"""Makes the runbooks for roles and users that leaked (IR-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.containment.principals import (
    DIMENSION,
    METRIC,
    contain_document,
    principal_statements,
    release_document,
)
from secure_ddb.containment.runbooks import make_alarm
from secure_ddb.errors import reject, require_interface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudwatch import CfnAlarm
    from aws_cdk.aws_iam import IRole, IUser, Role

    from secure_ddb.containment.runbooks import Runbooks


def check_principals(roles: Sequence[IRole], users: Sequence[IUser], exempt: Sequence[str]) -> None:
    """Reject anything but a role or user, and roles that responders or the runbooks need.

    Args:
        roles: The argument `roles` of `Containment`.
        users: Its argument `users`.
        exempt: ARNs of roles that must not be contained.

    Raises:
        InvalidArgumentError: One is invalid; the message names it and the allowed values.
    """
    for position, role in enumerate(roles):
        require_interface(f"roles[{position}]", role, "role_arn", "an aws_iam.IRole")
        if role.role_arn in exempt:
            reject(
                f"roles[{position}]", role.role_arn, "a role that is neither a responder nor records the audit trail"
            )
    for position, user in enumerate(users):
        require_interface(f"users[{position}]", user, "user_arn", "an aws_iam.IUser")


def make_principal_runbooks(
    runbooks: Runbooks,
    role: Role,
    *,
    roles: Sequence[IRole],
    users: Sequence[IUser],
    exempt: Sequence[str],
    topic_arn: str,
) -> list[CfnAlarm]:
    """Make the documents, the permissions of the role that they run as, and an alarm for each principal."""
    named = {
        "Role": [(each.role_name, each.role_arn) for each in roles],
        "User": [(each.user_name, each.user_arn) for each in users],
    }
    statements = principal_statements(
        runbooks.context.environment,
        roles=named["Role"],
        users=named["User"],
        exempt=exempt,
        bucket_arn=runbooks.bucket_arn,
        key_arn=runbooks.key_arn,
    )
    runbooks.let(role, "PrincipalAutomationPolicy", "Lets runbooks deny roles and users everything", statements, {})
    alarms = []
    for kind in ("Role", "User"):
        names = [name for name, _ in named[kind]]
        if not names:
            continue
        runbooks.make_document(f"Contain{kind}", contain_document(kind, names, role.role_arn, runbooks.bucket, exempt))
        runbooks.make_document(f"Release{kind}", release_document(kind, names, role.role_arn, runbooks.bucket))
        alarms += [
            make_alarm(
                runbooks.context.scope,
                f"{kind}Contained{number}",
                metric=METRIC,
                dimensions={DIMENSION: name},
                topic_arn=topic_arn,
                description=f"All actions of the {kind.lower()} are denied.",
            )
            for number, name in enumerate(names, start=1)
        ]
    return alarms
