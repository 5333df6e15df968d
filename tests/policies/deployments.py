"""The configurations that requests are decided in, and what the names in the tables of requests stand for."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal

from secure_ddb import (
    IdentityProviderMfa,
    ImportedMaterialKey,
    InterfaceEndpoints,
    PerimeterSettings,
    SecureTable,
    SharedResources,
    permissions_boundary,
    service_control_policy,
)
from tests.access.narrow_grants import narrow_grants
from tests.configurations import (
    enforced,
    ephemeral,
    everything,
    laned_endpoints,
    minimal,
    observed,
    own_key,
    own_topic,
    own_trail,
)
from tests.item_archive.archived import exporting, keeping
from tests.network.networks import endpoints, group, vpc
from tests.orders import OWNERSHIP, PK, SK, orders
from tests.policies.audited import audited
from tests.policies.elsewhere import consumers, cross_account, imported_table
from tests.policies.engine import Document, Policies, Request
from tests.policies.mutation import Case
from tests.policies.people import people
from tests.policies.requests.guardrails import EXEMPT_ROLES
from tests.policies.requests.key_use import SOURCE_FUNCTION
from tests.policies.requests.perimeter import SOURCE_VPCE
from tests.policies.resolve import Deployed
from tests.policies.threatened import threatened
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk import Stack

    from tests.policies.requests.row import Row

HERE = "eu-central-1:111122223333"
FULL_ACCESS: Document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# Of a table, to see what an endpoint keeps back by itself.
OPEN: Document = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
# Of a key: what AWS gives keys that come without one.
DEFAULT_KEY_POLICY: Document = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
}
BOUNDARY: Document = permissions_boundary(exempt_roles=EXEMPT_ROLES)
SERVICE_CONTROL: Document = service_control_policy(exempt_roles=EXEMPT_ROLES)

# Who is no role of the template; all but `nobody` may everything by IAM.
_ROLE = "arn:aws:iam::111122223333:role"
STRANGERS = {
    "nobody": f"{_ROLE}/nobody",
    "administrator": f"{_ROLE}/administrator",
    "foreign administrator": "arn:aws:iam::444455556666:role/administrator",
    "deployment": f"{_ROLE}/cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1",
    "break-glass": f"{_ROLE}/ops/break-glass",
    "deploy role": f"{_ROLE}/cdk-hnb659fds-deploy-role-111122223333-eu-central-1",
    "impostor": f"{_ROLE}/my-cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1",
    "pathless break-glass": f"{_ROLE}/break-glass",
    "reports": "arn:aws:iam::444455556666:role/reports",
    "orders of another account": "arn:aws:iam::444455556666:role/team/orders",
    "powerless reports": "arn:aws:iam::444455556666:role/reports",
    "replication": f"{_ROLE}/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication",
    "replication impostor": f"{_ROLE}/my-aws-service-role/AWSServiceRoleForDynamoDBReplication",
    "root user": "arn:aws:iam::111122223333:root",
    "unsigned": None,
}
WITHOUT_ACCESS = ("nobody", "powerless reports", "root user", "unsigned")
# Resources that are nobody's in particular.
ELSEWHERE = {
    "another table": f"arn:aws:dynamodb:{HERE}:table/payments",
    "index of another table": f"arn:aws:dynamodb:{HERE}:table/payments/index/by-status",
    "another stream": f"arn:aws:dynamodb:{HERE}:table/payments/stream/2026-01-01T00:00:00.000",
    "another key": f"arn:aws:kms:{HERE}:key/00000000-0000-4000-8000-000000000000",
    "another log group": f"arn:aws:logs:{HERE}:log-group:payments:log-stream:",
    "another log": f"arn:aws:logs:{HERE}:log-group:payments:log-stream:changes",
    "any recovery point": f"arn:aws:backup:{HERE}:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45",
    "recovery point": f"arn:aws:backup:{HERE}:recovery-point:TestOrdersC225794E532EAABD-1",
    "backup of another table": f"arn:aws:dynamodb:{HERE}:table/payments/backup/01600000000000-1234abcd",
    "another export": f"arn:aws:dynamodb:{HERE}:table/payments/export/01600000000000-1234abcd",
    "another Region's recovery point": (
        "arn:aws:backup:eu-west-1:111122223333:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45"
    ),
    "another bucket": "arn:aws:s3:::payments",
    "another delivery stream": f"arn:aws:firehose:{HERE}:deliverystream/payments",
}
_TABLE, _KEY, _BUCKET, _LOG = "AWS::DynamoDB::GlobalTable", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::Logs::LogGroup"
_DELIVERY = "AWS::KinesisFirehose::DeliveryStream"
# Resources of the templates: type, what their logical id begins with, attribute, and what follows that.
RESOURCES = {
    "table": (_TABLE, "Orders", "Arn", ""),
    "table Carts": (_TABLE, "Carts", "Arn", ""),
    "key of Carts": (_KEY, "CartsKey", "Arn", ""),
    "shared key": (_KEY, "SharedKey", "Arn", ""),
    "shared archive bucket": (_BUCKET, "SharedAuditArchiveBucket", "Arn", ""),
    "digest key of Invoices": (_KEY, "InvoicesAuditDigestKey", "Arn", ""),
    "failure bucket of Invoices": (_BUCKET, "InvoicesAuditFailureBucket", "Arn", ""),
    "audit log of Invoices": (_LOG, "InvoicesAuditLogGroup", "Arn", "log-stream:changes"),
    "table Invoices": (_TABLE, "Invoices", "Arn", ""),
    "stream": (_TABLE, "Orders", "StreamArn", ""),
    "backup": (_TABLE, "Orders", "Arn", "/backup/01600000000000-1234abcd"),
    "export": (_TABLE, "Orders", "Arn", "/export/01600000000000-1234abcd"),
    "export bucket": (_BUCKET, "Exports", "Arn", ""),
    "exported object": (_BUCKET, "Exports", "Arn", "/daily/AWSDynamoDB/01600000000000-1234abcd/data"),
    "export key": (_KEY, "ExportsKey", "Arn", ""),
    "expired bucket": (_BUCKET, "ExpiredBucket", "Arn", ""),
    "expired key": (_KEY, "ExpiredKey", "Arn", ""),
    "key": (_KEY, "OrdersKey", "Arn", ""),
    "digest key": (_KEY, "OrdersAuditDigestKey", "Arn", ""),
    "imported key": (_KEY, "CompanyKey", "Arn", ""),
    "stream of Invoices": (_TABLE, "Invoices", "StreamArn", ""),
    "stream of Alone": (_TABLE, "Alone", "StreamArn", ""),
    "key of Invoices": (_KEY, "InvoicesKey", "Arn", ""),
    "key of Alone": (_KEY, "AloneKey", "Arn", ""),
    "shared audit log": (_LOG, "SharedAuditLogGroup", "Arn", "log-stream:changes"),
    "shared digest key": (_KEY, "SharedAuditDigestKey", "Arn", ""),
    "shared failure bucket": (_BUCKET, "SharedAuditFailureBucket", "Arn", ""),
    "failure bucket": (_BUCKET, "OrdersAuditFailureBucket", "Arn", ""),
    "archive bucket": (_BUCKET, "OrdersAuditArchiveBucket", "Arn", ""),
    "trail bucket": (_BUCKET, "OrdersTrailBucket", "Arn", ""),
    "log file in the trail bucket": (_BUCKET, "OrdersTrailBucket", "Arn", "/AWSLogs/111122223333/file"),
    "delivery stream": (_DELIVERY, "OrdersAuditArchive", "Arn", ""),
    "audit log": (_LOG, "OrdersAuditLogGroup", "Arn", "log-stream:changes"),
    "error log": (_LOG, "OrdersAuditArchiveErrorLog", "Arn", "log-stream:"),
    "perimeter log": (_LOG, "OrdersPerimeterLogGroup", "Arn", "log-stream:111122223333_CloudTrail_eu-central-1"),
    "topic": ("AWS::SNS::Topic", "OrdersAlarmTopic", "Ref", ""),
    "own key": (_KEY, "Key", "Arn", ""),
    "own topic": ("AWS::SNS::Topic", "Alarms", "Ref", ""),
    "own topic's key": (_KEY, "TopicKey", "Arn", ""),
}
# AWS asks for a log group as for a stream without a name.
RESOURCES |= {
    f"group of {name}": (_LOG, RESOURCES[name][1], "Arn", "log-stream:")
    for name in ("audit log", "audit log of Invoices", "shared audit log")
}

# What the names of objects begin with that stand for one: `file in the failure bucket`.
_OBJECTS = {"file": "aws/lambda/failed", "object": "of-any-name"}


def separate_lanes(stack: Stack) -> None:
    """Two tiers of one organization, each with its lane and its table; the role of one has a boundary."""
    lanes = laned_endpoints(stack)
    by_status = GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)
    with_web, with_batch = (
        SecureTable(
            stack,
            name,
            partition_key=PK,
            ownership=OWNERSHIP,
            endpoints=lanes.lane(lane),
            global_secondary_indexes=[by_status],
        )
        for name, lane in (("Orders", "web"), ("Invoices", "batch"))
    )
    service = ServicePrincipal("ecs-tasks.amazonaws.com")
    boundary = ManagedPolicy(
        stack, "Boundary", document=PolicyDocument.from_json(permissions_boundary(exempt_roles=EXEMPT_ROLES))
    )
    for name, grant, bound in (
        ("Web", with_web.grant_read_write_data, boundary),
        ("Batch", with_batch.grant_read_data, None),
        ("Operator", with_web.grant_control_plane, None),
    ):
        role = Role(stack, name, assumed_by=service, permissions_boundary=bound)
        grant(ManagedPolicy(stack, f"{name}Policy", roles=[role]))


def federated_operators(stack: Stack) -> None:
    """A table that people of three identity providers manage."""
    table = SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        global_secondary_indexes=[GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)],
    )
    provider = "arn:aws:iam::111122223333"
    for name, mfa in {
        "SamlOperator": IdentityProviderMfa(
            provider=f"{provider}:saml-provider/Company", issuer="https://id.example.com/saml", stated_by="SEC-151"
        ),
        "OidcOperator": IdentityProviderMfa(
            provider=f"{provider}:oidc-provider/id.example.com/workforce", stated_by="SEC-151"
        ),
        "CenterOperator": IdentityProviderMfa(permission_set="Operators", stated_by="SEC-152"),
    }.items():
        # Who can assume them is not what is looked at: requests say through whom they come.
        role = Role(stack, name, assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
        policy = ManagedPolicy(stack, f"{name}Policy", managed_policy_name=f"{name}Policy", roles=[role])
        table.grant_control_plane(policy, mfa=mfa)


def sharing_tables(stack: Stack) -> None:
    """Two tables that share what can be shared, and one that does not."""
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP)
    for name, resources in (("Orders", shared), ("Invoices", shared), ("Alone", None)):
        SecureTable(stack, name, partition_key=PK, ownership=OWNERSHIP, shared_resources=resources)


def on_premises(stack: Stack) -> None:
    """A table with a perimeter, reached by applications of a VPC and from networks outside of AWS."""
    network = vpc(stack)
    interfaces = InterfaceEndpoints(
        stack,
        "OnPremises",
        vpc=network,
        subnets=group("operations"),
        allowed_cidrs=["10.20.0.0/16"],
        with_streams=True,
        ownership=OWNERSHIP,
    )
    table = orders(
        stack,
        endpoints=[endpoints(stack, network, ownership=OWNERSHIP), interfaces],
        perimeter=PerimeterSettings(),
        global_secondary_indexes=[GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)],
    )
    role = Role(stack, "Reader", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    table.grant_read_data(ManagedPolicy(stack, "ReaderPolicy", roles=[role]))


def imported_key(stack: Stack) -> None:
    """A key whose material the company imports, without what the tables' stacks add to its policy."""
    ImportedMaterialKey(stack, "CompanyKey", ownership=OWNERSHIP)


CONFIGURATIONS: dict[str, Callable[[Stack], None]] = {
    function.__name__: function
    for function in (
        minimal,
        everything,
        own_key,
        own_topic,
        ephemeral,
        own_trail,
        narrow_grants,
        separate_lanes,
        on_premises,
        enforced,
        observed,
        federated_operators,
        imported_key,
        sharing_tables,
        consumers,
        imported_table,
        cross_account,
        audited,
        exporting,
        keeping,
        people,
        threatened,
    )
}


class Deployment:
    """A configuration as if it were deployed, which knows what the tables of requests name."""

    def __init__(self, configuration: str) -> None:
        self.deployed = Deployed(synthesized(CONFIGURATIONS[configuration]))

    def case(self, row: Row) -> Case:
        """Return a row with real names and the policies that it meets."""
        name, _, guardrail = row.who.partition(" under the ")
        name, _, full_access = name.partition(" with ")
        request = Request(
            principal=self.principal(name),
            action=row.action,
            resource=self.resource(row.on),
            context=self._context(row),
        )
        policies = self.deployed.policies(request, endpoint=row.through)
        if full_access or (name in STRANGERS and name not in WITHOUT_ACCESS):
            policies = replace(policies, identity=(*policies.identity, FULL_ACCESS))
        return Case(_guarded(_opened(policies, row.on), guardrail), request, row.expected)

    def _context(self, row: Row) -> Mapping[str, str | list[str] | None]:
        """Return condition keys with the id of the endpoint and the ARN of the function that a request comes from."""
        endpoint = {SOURCE_VPCE: self.deployed.ref("AWS::EC2::VPCEndpoint", row.through)} if row.through else {}
        context = {**endpoint, **row.context}
        name = context.get(SOURCE_FUNCTION)
        if not isinstance(name, str) or name.startswith("arn:"):
            return context
        # Behind the construct id there may be more, such as an alias.
        arn = re.sub(r"^\w+", lambda found: self.deployed.arn("AWS::Lambda::Function", found[0]), name)
        return {**context, SOURCE_FUNCTION: arn}

    def principal(self, name: str) -> str | None:
        """Return a principal's ARN, or a service's name."""
        if name in STRANGERS:
            return STRANGERS[name]
        return (
            name
            if name.endswith(".amazonaws.com") or name.startswith("arn:")
            else self.deployed.arn("AWS::IAM::Role", name)
        )

    def resource(self, name: str) -> str:
        """Return a resource's ARN; whatever else a name can be, it can be a role's."""
        name = name.removesuffix(" that is open").removesuffix(" with the default policy")
        kind, _, rest = name.partition(" ")
        if name == "*" or name.startswith("arn:"):
            return name
        if name in ELSEWHERE:
            return ELSEWHERE[name]
        if name in RESOURCES:
            return self._of_template(name)
        if kind == "index":
            return f"{self.resource('table')}/index/{rest}"
        if kind in _OBJECTS:
            return f"{self.resource(rest.removeprefix('in ').removeprefix('the '))}/{_OBJECTS[kind]}"
        return self.deployed.arn("AWS::IAM::Role", name)

    def _of_template(self, name: str) -> str:
        kind, prefix, attribute, rest = RESOURCES[name]
        logical_id = self.deployed.template.named(kind, prefix)
        # The ARN of a log group ends with a * for its streams.
        arn = self.deployed.resolve({"Fn::GetAtt": [logical_id, attribute]}, logical_id).removesuffix("*")
        return f"{arn}{rest}{self.deployed.ref('AWS::Logs::LogStream', prefix) if name == 'error log' else ''}"


def _opened(policies: Policies, resource: str) -> Policies:
    """Return policies with that of the resource which its name speaks of."""
    if resource.endswith(" that is open"):
        return replace(policies, resource=OPEN)
    if resource.endswith(" with the default policy") or resource == "another key":
        return replace(policies, resource=DEFAULT_KEY_POLICY)
    return policies


def _guarded(policies: Policies, guardrail: str) -> Policies:
    if guardrail == "boundary":
        return replace(policies, boundary=BOUNDARY)
    return replace(policies, service_control=(SERVICE_CONTROL,)) if guardrail else policies


@cache
def deployment(configuration: str) -> Deployment:
    """Return a configuration's deployment."""
    return Deployment(configuration)
