"""The steps that take the table out of its present declaration without deleting it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from secure_ddb.adoption.existing import Origin
from secure_ddb.adoption.model import Step, listed
from secure_ddb.adoption.stages import goes_on_demand
from secure_ddb.cloudformation.kinds import GLOBAL_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.adoption.existing import ExistingTable

_CLOUDFORMATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest"
_DELETION_POLICY = f"{_CLOUDFORMATION}/TemplateReference/aws-attribute-deletionpolicy.html"
_CONVERSION = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-bestpractices.html"
_REFACTORING = f"{_CLOUDFORMATION}/UserGuide/stack-refactoring.html"
_REMOVED = "https://developer.hashicorp.com/terraform/language/block/removed"
_WALKTHROUGH = (
    "https://github.com/aws-samples/amazon-dynamodb-table-to-global-table-cdk/blob/main/provisioned/provisioned.md"
)


def release_steps(table: ExistingTable) -> Iterator[Step]:
    """Yield the steps until nothing declares the table."""
    if goes_on_demand(table):
        yield Step(
            do="Where the table is declared now, bill it by request and take its autoscaling out. Deploy nothing else.",
            risk="Requests cost more in the meantime. Without it the old autoscaling keeps changing the capacity that "
            "the new stack sets. The code sets the capacity again; DynamoDB limits how often that can change.",
            source=_WALKTHROUGH,
        )
    if table.origin is Origin.TERRAFORM:
        yield from _of_terraform(table)
    elif table.origin is Origin.CLOUDFORMATION:
        yield from _of_cloudformation(table)
    else:
        yield Step(
            do="Find out whether something declares the table: its tags name no stack. If so, retain the table there, "
            "and take it out.",
            risk="Two declarations of one table undo each other's changes, and either may delete it.",
        )


def _of_terraform(table: ExistingTable) -> Iterator[Step]:
    yield Step(
        do=f"Replace {table.address} by a removed block with destroy = false, and apply. Do the same with what belongs "
        "to the table: its policy, contributor insights and streaming destination.",
        commands=("terraform plan",),
        risk="The plan must say that Terraform will no longer manage the table. If it says destroy, stop. For one "
        f"of several instances, and before Terraform 1.7: terraform state rm {shlex.quote(table.address)}.",
        source=_REMOVED,
    )


def _of_cloudformation(table: ExistingTable) -> Iterator[Step]:
    stack = f" the stack {table.stack}" if table.stack else " its stack"
    named = table.address or "the table"
    if not table.retained:
        yield Step(
            do=f"In{stack}, set DeletionPolicy and UpdateReplacePolicy of {named} to Retain. Deploy nothing else.",
            risk="None by itself. Read the deployed template afterwards: without it the next step deletes the table "
            "with its items.",
            source=_DELETION_POLICY,
        )
    references = f" First let {listed(table.references)} use its name or ARN as text." if table.references else ""
    yield Step(
        do=f"Take {named} out of{stack}, and deploy.{references}",
        risk="The deployment is refused while anything refers to the table or imports its export. From now until the "
        "import no stack has the table; it works on. Do not change the type in place: AWS warns that this may delete "
        "the table.",
        source=_CONVERSION,
    )
    if table.is_global:
        yield Step(
            do=f"Or leave it where it is: the table is an {GLOBAL_TABLE} already. A stack refactoring moves it to the "
            "new stack, in place of this step and the import.",
            risk="It changes no settings: give the new stack 1-import.json as its template.",
            source=_REFACTORING,
        )
