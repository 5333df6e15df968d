"""What the deployment policies are for: the configurations of a table, and what is made around tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_ec2 import SubnetConfiguration, SubnetSelection, SubnetType, Vpc
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_sns import Topic

from secure_ddb import (
    AccessAnalyzer,
    AccessFindings,
    AccountBaseline,
    AccountService,
    AuditDestination,
    AuditorRole,
    ChangeStream,
    Containment,
    DetectionSettings,
    DriftDetection,
    DynamoDbEndpoints,
    IncidentEvidence,
    InterfaceEndpoints,
    OidcSignIn,
    OperatorRole,
    ReaderRole,
    Remediation,
    RestoreTesting,
    SamlSignIn,
    SharedResources,
    TableConfigRules,
    TableHook,
    permissions_boundary,
    publish_names,
)
from tests.configurations import CONFIGURATIONS
from tests.item_archive.archived import exporting, keeping
from tests.orders import OWNERSHIP, orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


def containment(stack: Stack) -> None:
    """A table with runbooks of AWS Systems Manager that take it out of use, and a bucket for evidence."""
    table = orders(stack)
    responders = Role.from_role_arn(stack, "Responders", "arn:aws:iam::111122223333:role/incident-responders")
    Containment(stack, "Containment", tables=[table], responders=[responders], ownership=OWNERSHIP)
    IncidentEvidence(stack, "Evidence", tables=[table], responders=[responders], ownership=OWNERSHIP)


def interface_endpoints(stack: Stack) -> None:
    """Endpoints for on-premises networks, beside gateway endpoints."""
    names = ("application", "operations")
    subnets = [SubnetConfiguration(name=name, subnet_type=SubnetType.PRIVATE_ISOLATED) for name in names]
    vpc = Vpc(
        stack,
        "Vpc",
        availability_zones=["eu-central-1a", "eu-central-1b"],
        subnet_configuration=subnets,
        restrict_default_security_group=False,
    )
    application, operations = ([SubnetSelection(subnet_group_name=name)] for name in names)
    gateways = DynamoDbEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        data_plane_subnets=application,
        control_plane_subnets=operations,
        ownership=OWNERSHIP,
    )
    interfaces = InterfaceEndpoints(
        stack,
        "OnPremises",
        vpc=vpc,
        subnets=operations,
        allowed_cidrs=["10.20.0.0/16"],
        with_streams=True,
        ownership=OWNERSHIP,
    )
    orders(stack, endpoints=[gateways, interfaces])


def people(stack: Stack) -> None:
    """Roles for people who sign in through SAML or OpenID Connect."""
    table = orders(stack)
    company = SamlSignIn(
        provider="arn:aws:iam::111122223333:saml-provider/Company", issuer="https://id.example.com/saml"
    )
    boundary = ManagedPolicy(stack, "Boundary", document=PolicyDocument.from_json(permissions_boundary()))
    OperatorRole(stack, "Operators", sign_in=company, mfa_stated_by="SEC-151").manage(table)
    ReaderRole(stack, "Readers", sign_in=company, permissions_boundary=boundary).read(table, attributes=["status"])
    tokens = OidcSignIn(provider="arn:aws:iam::111122223333:oidc-provider/id.example.com", audience="tables")
    AuditorRole(stack, "Auditors", sign_in=tokens, permissions_boundary=boundary).audit(table)


def access_findings(stack: Stack) -> None:
    """Analyzers of IAM Access Analyzer, and what they find, on the topic of shared resources."""
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP)
    AccessFindings(stack, "AccessFindings", topic=shared.alarm_topic, analyzers=list(AccessAnalyzer))


def published(stack: Stack) -> None:
    """Names in Parameter Store, of shared resources and of a table."""
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP)
    publish_names(shared, "/platform/shared")
    publish_names(orders(stack, shared_resources=shared, table_name="orders-prod"), "/tables/orders")


def destination(stack: Stack) -> None:
    """The archive of a security account."""
    topic = Topic.from_topic_arn(stack, "Alarms", "arn:aws:sns:eu-central-1:111122223333:security-alarms")
    AuditDestination(stack, "Audit", source_accounts=["444455556666"], alarm_topic=topic, ownership=OWNERSHIP)


def watching(stack: Stack) -> None:
    """Detection of shared resources, of drift and of AWS Config; remediation, and a Hook."""
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP, detection=DetectionSettings())
    table = orders(stack, shared_resources=shared)
    topic = shared.alarm_topic
    Remediation(stack, "Remediation", tables=[table], topic=topic, ownership=OWNERSHIP)
    TableConfigRules(stack, "ConfigRules", tables=[table], topic=topic)
    TableHook(stack, "Hook", ownership=OWNERSHIP)
    DriftDetection(stack, "Drift", stacks=[stack], topic=topic, ownership=OWNERSHIP)


def account_baseline(stack: Stack) -> None:
    """Services of the account and Region that controls rely on."""
    bucket = Bucket.from_bucket_name(stack, "ConfigBucket", "company-config-archive")
    AccountBaseline(stack, "Baseline", create=list(AccountService), config_bucket=bucket, ownership=OWNERSHIP)


def restore_tests(stack: Stack) -> None:
    """A table whose backups are restored on a schedule."""
    table = orders(stack)
    RestoreTesting(stack, "RestoreTests", tables=[table], topic=table.alarm_topic, ownership=OWNERSHIP)


def change_stream(stack: Stack) -> None:
    """A table's changes in a Kinesis stream."""
    ChangeStream(stack, "Changes", table=orders(stack))


DEPLOYED: dict[str, Callable[[Stack], None]] = CONFIGURATIONS | {
    function.__name__: function
    for function in (
        containment,
        interface_endpoints,
        people,
        access_findings,
        published,
        exporting,
        keeping,
        destination,
        watching,
        account_baseline,
        restore_tests,
        change_stream,
    )
}
