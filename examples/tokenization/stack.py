"""The stack of the token service: a vault, a table of references, and a function for each thing that is done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_ec2 import SubnetSelection
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement, Role, ServicePrincipal

from examples.log_key import log_key
from examples.network import Network
from examples.tokenization.function import TokenFunction
from examples.tokenization.service.items import COUNTS, RECORDS
from examples.vpc_function import FunctionSettings, https_to_endpoints
from secure_ddb import DataClassification, DynamoDbEndpoints, LeadingKeys, Ownership, PerimeterSettings, SecureTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

OWNERSHIP = Ownership(owner="tokens@example.com", cost_center="CC-1042", application="tokens", environment="prod")
# Subnets of the token service, and those of the applications that use it. Only the first have a way to the vault.
SERVICE, APPLICATIONS = "batch", "web"
_OF_CALLERS = {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": [f"{RECORDS}*", f"{COUNTS}*"]}}
_OF_RECORDS = {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": [f"{RECORDS}*"]}}
# What a write would return of the item that it replaces or deletes.
_RETURNING = {"StringEquals": {"dynamodb:ReturnValues": ["ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"]}}

_PURPOSE, _NAME = re.compile(r"[a-z0-9-]{1,40}"), re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}")
# Roles of the stack that are no callers.
_TAKEN = {"Auditor", "PrivacyOffice", "Reader", "Shop"}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who gets values back.

    Attributes:
        purpose: What for; tokens of another purpose are refused.
        per_minute: How many requests are answered in a minute.

    Raises:
        ValueError: One of them is not allowed; the message names it.
    """

    purpose: str
    per_minute: int

    def __post_init__(self) -> None:
        """Check what the functions would take in another sense: the first request of a minute is never refused."""
        if not _PURPOSE.fullmatch(self.purpose):
            _refuse("purpose", self.purpose, "1 to 40 small letters, digits and hyphens")
        # To Python, True is an int.
        if type(self.per_minute) is not int or self.per_minute < 1:
            _refuse("per_minute", self.per_minute, "a whole number from 1 on")


class TokenizationStack(Stack):
    """Two tables, functions that make, check and delete tokens, and one for each caller that gets values back."""

    def __init__(self, scope: Construct, id: str, *, callers: Mapping[str, Caller], **stack_properties: Any) -> None:
        """Make the network, the tables, and who uses them.

        Args:
            scope: The app.
            id: Of the stack.
            callers: Name to who gets values back.
            stack_properties: Of the stack.

        Raises:
            ValueError: There is no caller, or one has a name that is not allowed.
        """
        if not callers or not all(_NAME.fullmatch(name) for name in callers) or _TAKEN & callers.keys():
            taken = ", ".join(sorted(_TAKEN))
            _refuse("callers", list(callers), f"names of letters and digits, at least one, besides {taken}")
        super().__init__(scope, id, **stack_properties)
        network = Network(self, "Network")
        self._make_tables(network)
        self._functions = FunctionSettings(
            code=Path(__file__).parent,
            vpc=network.vpc,
            security_group=https_to_endpoints(self, network.vpc, description="Token functions: HTTPS out"),
            log_key=log_key(self),
            alarm_topic_arn=self._vault.alarm_topic.topic_arn,
            approved_by="SEC-162",
        )
        purposes = sorted({caller.purpose for caller in callers.values()})
        self._tokenize(purposes)
        for name, caller in callers.items():
            self._detokenize(name, caller)
        self._check()
        self._forget()
        self._auditor(callers)
        CfnOutput(self, "VaultName", value=self._vault.table_name)
        CfnOutput(self, "ReferencesName", value=self._references.table_name)

    def _make_tables(self, network: Network) -> None:
        endpoints = DynamoDbEndpoints(
            self,
            "Endpoints",
            vpc=network.vpc,
            lanes={name: [SubnetSelection(subnet_group_name=name)] for name in (SERVICE, APPLICATIONS)},
            control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
            ownership=OWNERSHIP,
        )
        person, reference, record = (
            Attribute(name=name, type=AttributeType.STRING) for name in ("person", "reference", "record")
        )
        # Values cannot be reached from elsewhere, including the company's network.
        self._vault = SecureTable(
            self,
            "Vault",
            partition_key=person,
            sort_key=record,
            time_to_live_attribute="delete_at",
            classification=DataClassification.RESTRICTED,
            ownership=OWNERSHIP,
            endpoints=endpoints.lane(SERVICE),
            perimeter=PerimeterSettings(),
        )
        self._references = SecureTable(
            self,
            "References",
            partition_key=reference,
            sort_key=record,
            time_to_live_attribute="delete_at",
            ownership=OWNERSHIP,
            endpoints=[endpoints.lane(SERVICE), endpoints.lane(APPLICATIONS)],
            # Auditors read the records from there.
            perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
        )

    def _tokenize(self, purposes: list[str]) -> None:
        made = self._function("Tokenize", "tokenize", SERVICE, PURPOSES=",".join(purposes))
        self._vault.grant_read_data(made.policy, attributes=["lookup_key"])
        self._vault.grant_write_data(made.policy, attributes=["lookup_key", "value", "token", "mac", "delete_at"])
        # Or an update of a value could return the one that was there.
        made.deny("DenyReturningValues", ["UpdateItem"], self._vault.table_arn, _RETURNING)
        self._references.grant_read_data(made.policy, attributes=["token"])
        self._references.grant_write_data(
            made.policy, attributes=["person", "value_id", "purpose", "kind", "made_at", "delete_at", "token"]
        )
        made.deny("DenyRecords", ["UpdateItem"], self._references.table_arn, _OF_CALLERS)
        made.invoked_by(*self._caller("Shop"))

    def _detokenize(self, name: str, caller: Caller) -> None:
        made = self._function(
            f"{name}Detokenize",
            "detokenize",
            SERVICE,
            CALLER=name,
            PURPOSE=caller.purpose,
            PER_MINUTE=str(caller.per_minute),
        )
        self._vault.grant_read_data(made.policy, attributes=["value", "forgotten_at"])
        # One value at a time, of which the token names the key.
        made.deny("DenyManyValues", ["BatchGetItem", "Query"], self._vault.table_arn)
        read = ["person", "value_id", "purpose", "kind", "used_at", "delete_at"]
        self._references.grant_read_data(made.policy, attributes=read)
        self._references.grant_write_data(made.policy, attributes=["used_at"])
        own = LeadingKeys.values([f"{RECORDS}{name}", f"{COUNTS}{name}"])
        self._references.grant_write_data(made.policy, leading_keys=own)
        made.deny("DenyDeletion", ["BatchWriteItem", "DeleteItem"], self._references.table_arn)
        made.deny("DenyChangesOfRecords", ["UpdateItem"], self._references.table_arn, _OF_RECORDS)
        made.invoked_by(*self._caller(name))

    def _check(self) -> None:
        made = self._function("Check", "check", APPLICATIONS)
        self._references.grant_read_data(made.policy, attributes=["purpose", "kind", "used_at", "delete_at"])
        made.invoked_by(*self._caller("Reader"))

    def _forget(self) -> None:
        made = self._function("Forget", "forget", SERVICE)
        self._vault.grant_read_data(made.policy, attributes=["token", "mac"])
        self._vault.grant_write_data(made.policy, attributes=["forgotten_at", "lookup_key"])
        made.deny("DenyReturningValues", ["DeleteItem", "UpdateItem"], self._vault.table_arn, _RETURNING)
        # For the key of the table only: what has to be done there is deletion, which no narrow grant has.
        self._references.grant_write_data(made.policy, attributes=["token"])
        made.deny("DenyUpdates", ["UpdateItem"], self._references.table_arn)
        made.deny("DenyRecords", ["DeleteItem"], self._references.table_arn, _OF_CALLERS)
        made.policy.add_statements(
            PolicyStatement(
                sid="DeleteValuesAndTokens",
                actions=["dynamodb:DeleteItem"],
                resources=[self._vault.table_arn, self._references.table_arn],
            )
        )
        made.invoked_by(*self._caller("PrivacyOffice"))

    def _auditor(self, callers: Mapping[str, Caller]) -> None:
        records = LeadingKeys.values([f"{RECORDS}{name}" for name in callers])
        _, policy = self._caller("Auditor")
        self._references.grant_read_data(policy, leading_keys=records)

    def _caller(self, name: str) -> tuple[Role, ManagedPolicy]:
        """Make the role of a caller, and return it with its policy."""
        policy = ManagedPolicy(self, f"{name}Policy")
        by_task = ServicePrincipal("ecs-tasks.amazonaws.com")
        return Role(self, f"{name}Role", assumed_by=by_task, managed_policies=[policy]), policy

    def _function(self, id: str, handler: str, subnets: str, **environment: str) -> TokenFunction:
        names = {"REFERENCES": self._references.table_name}
        # Without a way to the vault, its name is of no use.
        if subnets == SERVICE:
            names["VAULT"] = self._vault.table_name
        return TokenFunction(
            self,
            id,
            handler=handler,
            environment={**names, **environment},
            subnets=SubnetSelection(subnet_group_name=subnets),
            settings=self._functions,
        )


def _refuse(name: str, value: object, allowed: str) -> NoReturn:
    raise ValueError(f"{name} is {value!r}; allowed: {allowed}")
