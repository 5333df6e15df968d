"""The steps from the table's present declaration to the `SecureTable`, with the risk of each."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from secure_ddb.adoption.key_differences import makes_key
from secure_ddb.adoption.model import Step
from secure_ddb.adoption.release_steps import release_steps
from secure_ddb.adoption.stages import goes_on_demand
from secure_ddb.adoption.stream_differences import STREAM_SOURCE, changes_stream
from secure_ddb.cloudformation.kinds import GLOBAL_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.adoption.existing import ExistingTable
    from secure_ddb.adoption.model import Stage

_CLOUDFORMATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest"
_IMPORT = f"{_CLOUDFORMATION}/UserGuide/resource-import.html"
_DRIFT = f"{_CLOUDFORMATION}/UserGuide/using-cfn-stack-drift.html"
_GLOBAL_TABLE = f"{_CLOUDFORMATION}/TemplateReference/aws-resource-dynamodb-globaltable.html"
_GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"


def steps(
    table: ExistingTable, stack: str, logical_id: str, stages: Sequence[Stage], *, new_key: bool = False
) -> list[Step]:
    """Return the steps, in order."""
    return [
        *_prepare(table, new_key=new_key),
        *release_steps(table),
        _import(table, stack, logical_id, stages[0]),
        *_stages(table, stack, stages[1:]),
        *_deploy(table, stack),
    ]


def _region(table: ExistingTable) -> str:
    return f" --region {table.region}" if table.region else ""


def _prepare(table: ExistingTable, *, new_key: bool) -> Iterator[Step]:
    name = shlex.quote(table.name)
    yield Step(
        do="Make a backup of the table, and try all of this with a copy that you restore from it.",
        commands=(
            f"aws dynamodb create-backup --table-name {name} --backup-name before-adoption{_region(table)}",
            f"aws dynamodb restore-table-from-backup --target-table-name {name}-copy --backup-arn ARN{_region(table)}",
        ),
        risk="None: a backup takes no capacity of the table. Both cost by its size.",
        source=f"{_GUIDE}/backuprestore_HowItWorks.html",
    )
    if makes_key(table, new_key=new_key):
        yield Step(
            do="Allow each role that uses the table kms:Decrypt, kms:Encrypt, kms:GenerateDataKey* and kms:ReEncrypt* "
            "on the account's keys through DynamoDB (condition kms:ViaService). Once the table has its key, the grants "
            "of SecureTable take their place.",
            risk="Without it these roles get AccessDeniedException as soon as the code is deployed.",
            source=f"{_GUIDE}/encryption.usagenotes.html",
        )


def _import(table: ExistingTable, stack: str, logical_id: str, stage: Stage) -> Step:
    resources = json.dumps(
        [
            {
                "ResourceType": GLOBAL_TABLE,
                "LogicalResourceId": logical_id,
                "ResourceIdentifier": {"TableName": table.name},
            }
        ],
        separators=(",", ":"),
    )
    create = f"--change-set-type IMPORT --resources-to-import '{resources}' --template-body file://{stage.file}"
    named, at = f"--stack-name {stack} --change-set-name adopt", _region(table)
    return Step(
        do=f"Import the table into the new stack {stack}, as it is.",
        commands=(
            f"aws cloudformation create-change-set {named} {create}{at}",
            f"aws cloudformation wait change-set-create-complete {named}{at}",
            f"aws cloudformation execute-change-set {named}{at}",
            f"aws cloudformation wait stack-import-complete --stack-name {stack}{at}",
            f"aws cloudformation detect-stack-drift --stack-name {stack}{at}",
        ),
        risk="An import takes the table as the template describes it and compares nothing. If drift detection then "
        "finds a difference, correct the template before you go on. Use an empty stack: an import changes no other "
        "resources and adds no outputs.",
        source=_IMPORT,
    )


def _stages(table: ExistingTable, stack: str, further: Sequence[Stage]) -> Iterator[Step]:
    regions = list(reversed(table.replica_regions))
    for stage in further:
        command = f"aws cloudformation deploy --stack-name {stack} --template-file {stage.file}{_region(table)}"
        if regions:
            region = regions.pop(0)
            yield Step(
                do=f"Remove the replica in {region}, after everything that uses it has moved to this Region.",
                commands=(command,),
                risk=f"It deletes the table in {region} with its items. One replica at a time: CloudFormation refuses "
                "more in an update.",
                source=_GLOBAL_TABLE,
            )
        else:
            yield Step(
                do="Change the stream, while few items change. First let its consumers read all of it; afterwards "
                "point them to the new ARN.",
                commands=(command, _stream_arn(table)),
                risk="DynamoDB cannot change a stream; it ends the old one and begins another. Consumers that begin at "
                "LATEST miss what changes in between; at TRIM_HORIZON they miss nothing.",
                source=STREAM_SOURCE,
            )


def _stream_arn(table: ExistingTable) -> str:
    name = shlex.quote(table.name)
    return f"aws dynamodb describe-table --table-name {name} --query Table.LatestStreamArn{_region(table)}"


def _deploy(table: ExistingTable, stack: str) -> Iterator[Step]:
    changes = [
        "its key, policy, recovery, protection, insights and tags",
        *(["from on demand to provisioned capacity"] if goes_on_demand(table) else []),
        *([] if table.stream or changes_stream(table) else ["its stream"]),
    ]
    yield Step(
        do="Synthesize the code, and compare: nothing may be replaced, refused or lost.",
        commands=(
            'cdk synth --app "python stack.py" --quiet',
            f"secure-ddb plan --stack {stack} cdk.out{_region(table)}",
        ),
        risk=f"If the plan names {GLOBAL_TABLE}, the table has another logical id or name in your code. Stop: "
        "CloudFormation would create another table.",
    )
    yield Step(
        do=f"Deploy the code. The table changes in place: {', '.join(changes)}.",
        commands=('cdk deploy --app "python stack.py"',),
        risk="The table can be used while it changes. If the deployment fails, CloudFormation takes the changes back "
        "and keeps the table.",
        source=_GLOBAL_TABLE,
    )
    yield Step(
        do="Look for drift once more, subscribe to the alarm topic, and give roles the grants of SecureTable.",
        commands=(f"aws cloudformation detect-stack-drift --stack-name {stack}{_region(table)}",),
        risk="None. CloudFormation reports the key as drift where AWS answers with its id instead of its ARN.",
        source=_DRIFT,
    )
