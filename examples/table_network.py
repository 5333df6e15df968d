"""Two teams' tables in one VPC. The first of them makes the gateway endpoints, the other one finds them."""

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_ec2 import SubnetSelection

from examples.network import Network
from secure_ddb import Ownership, SecureTable, TableDefaults, TableNetwork

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")


def app_with_network() -> App:
    """Return an app whose tables are all reached through the endpoints of one VPC."""
    app = App()
    platform = Stack(app, "Platform", env=ENVIRONMENT)
    vpc = Network(platform, "Network").vpc
    network = TableNetwork(
        vpc=vpc,
        data_plane_subnets=[SubnetSelection(subnet_group_name="web"), SubnetSelection(subnet_group_name="batch")],
        control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
        ownership=_of("platform"),
    )
    TableDefaults(network=network).apply_to(app)
    for team in ("Orders", "Invoices"):
        SecureTable(
            Stack(app, team, env=ENVIRONMENT),
            "Table",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=_of(team.lower()),
        )
    return app


def _of(application: str) -> Ownership:
    return Ownership(
        owner=f"{application}@example.com", cost_center="CC-1042", application=application, environment="prod"
    )
