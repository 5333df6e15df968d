"""Security groups inside the zones, and Session Manager instead of a bastion (NET-8)."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk.aws_ec2 import (
    CfnSecurityGroup,
    InterfaceVpcEndpoint,
    InterfaceVpcEndpointAwsService,
    ISubnet,
    Port,
    SecurityGroup,
    SubnetSelection,
    Vpc,
)
from aws_cdk.aws_iam import AnyPrincipal, PolicyStatement
from constructs import Construct

# SSM Agents before 3.3.40.0 need EC2_MESSAGES as well.
# https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
SESSION_SERVICES = {
    "Ssm": InterfaceVpcEndpointAwsService.SSM,
    "SsmMessages": InterfaceVpcEndpointAwsService.SSM_MESSAGES,
}
HTTPS = Port.tcp(443)


class ZoneSecurityGroups(Construct):
    """Security groups that let HTTPS out to DynamoDB and nothing in.

    Attributes:
        application: For what runs in the application zone.
        operations: For instances of operators. They reach the endpoints of Session Manager too, if there are any.
    """

    def __init__(self, scope: Construct, id: str, *, vpc: Vpc, dynamodb_prefix_list: str) -> None:
        """Make the security groups.

        Args:
            scope: Where to make them.
            id: Construct id.
            vpc: Their VPC.
            dynamodb_prefix_list: The id of AWS's list of DynamoDB's addresses, another one in each Region.
                `aws ec2 describe-managed-prefix-lists` shows it as `com.amazonaws.REGION.dynamodb`.
        """
        super().__init__(scope, id)
        self.application, self.operations = (
            SecurityGroup(self, name, vpc=vpc, description=f"{name}: HTTPS to DynamoDB", allow_all_outbound=False)
            for name in ("Application", "Operations")
        )
        rule = {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "DestinationPrefixListId": dynamodb_prefix_list,
            "Description": "HTTPS to DynamoDB",
        }
        for each in (self.application, self.operations):
            # CDK would make a resource of its own for a prefix list, and leave AWS's default in the group: everything.
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
            resource = each.node.default_child
            if isinstance(resource, CfnSecurityGroup):
                resource.add_property_override("SecurityGroupEgress", [rule])


class SessionManager(Construct):
    """Endpoints by which operators start sessions on instances, so that no inbound access is needed.

    Each costs by the hour for each subnet. AWS: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html
    """

    def __init__(
        self, scope: Construct, id: str, *, vpc: Vpc, subnets: Sequence[ISubnet], operations: SecurityGroup
    ) -> None:
        """Make the endpoints in the subnets; only the operators' security group reaches them."""
        super().__init__(scope, id)
        admitted = SecurityGroup(
            self, "Endpoints", vpc=vpc, description="HTTPS from instances of operators", allow_all_outbound=False
        )
        operations.connections.allow_to(admitted, HTTPS, "HTTPS to Session Manager")
        for name, service in SESSION_SERVICES.items():
            endpoint = InterfaceVpcEndpoint(
                self,
                name,
                vpc=vpc,
                service=service,
                subnets=SubnetSelection(subnets=list(subnets)),
                security_groups=[admitted],
                open=False,
            )
            endpoint.add_to_policy(
                PolicyStatement(
                    sid="AllowPrincipalsOfThisAccount",
                    principals=[AnyPrincipal()],
                    actions=["*"],
                    resources=["*"],
                    conditions={"StringEquals": {"aws:PrincipalAccount": Stack.of(self).account}},
                )
            )
