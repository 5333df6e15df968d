"""The policy for the role that deploys a table with replicas: what it needs in a further Region."""

from __future__ import annotations

from typing import Any

from tests.deployment.left_out import ITEMS
from tests.deployment.permissions import REGION
from tests.deployment.policies import ACCOUNT, STACK, documents
from tests.template import as_list

NAME = "replicas"
FURTHER_REGION = "eu-west-1"
REPLICATION_ROLE = "replication.dynamodb.amazonaws.com"
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html
WITNESS = ("dynamodb:CreateGlobalTableWitness", "dynamodb:DeleteGlobalTableWitness")
_SERVICES = {"application-autoscaling", "dynamodb"}


def replica_document(stack: str = STACK) -> dict[str, Any]:
    """Return the policy: what the role may do with the table in its own Region, in a further one, and what AWS adds."""
    statements = documents(stack)["table"]["Statement"]
    use_of_key = next(each for each in statements if each.get("Sid") == "UseKeyThroughServices")
    key = f"arn:aws:kms:{FURTHER_REGION}:{ACCOUNT}:key/*"
    table = f"table/{stack}*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            *(_elsewhere(each) for each in statements if _service(each) in _SERVICES),
            {
                "Sid": "CopyItemsToReplica",
                "Effect": "Allow",
                "Action": list(ITEMS),
                "Resource": f"arn:aws:dynamodb:{FURTHER_REGION}:{ACCOUNT}:{table}",
            },
            {
                "Sid": "MakeWitness",
                "Effect": "Allow",
                "Action": list(WITNESS),
                "Resource": f"arn:aws:dynamodb:*:{ACCOUNT}:{table}",
            },
            {"Sid": "DescribeKeyOfReplica", "Effect": "Allow", "Action": "kms:DescribeKey", "Resource": key},
            {
                "Sid": "UseKeyOfReplica",
                "Effect": "Allow",
                "Action": use_of_key["Action"],
                "Resource": key,
                "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{FURTHER_REGION}.amazonaws.com"}},
            },
            {
                "Sid": "CreateReplicationRole",
                "Effect": "Allow",
                "Action": "iam:CreateServiceLinkedRole",
                "Resource": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{REPLICATION_ROLE}/*",
                "Condition": {"StringEquals": {"iam:AWSServiceName": REPLICATION_ROLE}},
            },
        ],
    }


def _service(statement: dict[str, Any]) -> str:
    services = {action.split(":")[0] for action in as_list(statement["Action"])}
    return services.pop() if len(services) == 1 else ""


def _elsewhere(statement: dict[str, Any]) -> dict[str, Any]:
    resources = [each.replace(f":{REGION}:", f":{FURTHER_REGION}:") for each in as_list(statement["Resource"])]
    return {**statement, "Resource": resources if len(resources) > 1 else resources[0]}
