"""The policy of a gateway endpoint: some actions, on the registered tables, by the principals of one company."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import IStableAnyProducer

from secure_ddb.errors import reject, require_type
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment

# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
_LONGEST_POLICY = 20_480


@jsii.implements(IStableAnyProducer)
class EndpointPolicy:
    """An endpoint's policy, written out at synth, when all tables have registered."""

    def __init__(
        self, sid: str, actions: Sequence[str], environment: StackEnvironment, organization_id: str | None
    ) -> None:
        """Let nothing pass yet."""
        self._sid = sid
        self._actions = actions
        self._environment = environment
        self._organization_id = organization_id
        self._resources: list[str] = []

    def allow(self, *arns: str) -> None:
        """Let requests for these resources pass, unless they do so already. Reject more than the policy can hold."""
        self._resources += [arn for arn in arns if arn not in self._resources]
        if self._length() > _LONGEST_POLICY:
            reject(
                "endpoints",
                f"{len(self._resources)} ARNs in {self._sid}",
                f"fewer or shorter ones: an endpoint's policy has at most {_LONGEST_POLICY} characters",
            )

    def _length(self) -> int:
        """Return the length of the policy when partition and account are known; CDK's tokens are of any length."""
        text = json.dumps(self.produce())
        for value, known in ((self._environment.partition, "aws"), (self._environment.account, "1" * 12)):
            text = text.replace(value, known) if is_token(value) else text
        return len(text)

    def produce(self) -> Any:  # noqa: ANN401 - the type of jsii's interface
        """Return the policy document."""
        return endpoint_policy(self._sid, self._actions, self._resources, self._environment, self._organization_id)


def endpoint_policy(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    environment: StackEnvironment,
    organization_id: str | None = None,
) -> dict[str, Any]:
    """Return a policy that allows these actions on these tables to principals of the account or organization.

    The Principal stays `*`: in a gateway endpoint's policy AWS takes an account's ARN for its root user only, and
    demands a condition instead.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """
    if not resources:
        # An endpoint without a policy lets everything pass.
        statement: dict[str, Any] = {
            "Sid": "DenyUntilTablesRegister",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
        }
    else:
        statement = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": "*",
            "Action": list(actions),
            "Resource": list(resources),
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": organization_id}
                if organization_id
                else {"aws:PrincipalAccount": environment.account}
            },
        }
    return {"Version": "2012-10-17", "Statement": [statement]}


def require_organization(argument: str, organization_id: str) -> None:
    """Reject a text that cannot be the id of an organization: with it, no principal would pass."""
    require_type(argument, organization_id, str)
    if not _ORGANIZATION.fullmatch(organization_id) and not is_token(organization_id):
        reject(argument, organization_id, "o- and 10 to 32 small letters and digits, such as o-abcde12345")
