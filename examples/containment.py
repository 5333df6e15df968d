"""A table that can be taken out of use during an incident, a role that can be contained, and who may do that."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import Role
from constructs import Construct

from secure_ddb import Containment, IncidentEvidence, Ownership, SecureTable

OWNERSHIP = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")


class ContainmentStack(Stack):
    """A table and its runbooks."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, and the runbooks for a role that is there already."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self, "Orders", partition_key=Attribute(name="pk", type=AttributeType.STRING), ownership=OWNERSHIP
        )
        responders = Role.from_role_arn(self, "Responders", "arn:aws:iam::111122223333:role/incident-responders")
        service = Role.from_role_arn(self, "Service", "arn:aws:iam::111122223333:role/orders-service")
        containment = Containment(
            self, "Containment", tables=[orders], responders=[responders], roles=[service], ownership=OWNERSHIP
        )
        containment.start_policy.attach_to_role(responders)
        evidence = IncidentEvidence(self, "Evidence", tables=[orders], responders=[responders], ownership=OWNERSHIP)
        evidence.preserve_policy.attach_to_role(responders)
