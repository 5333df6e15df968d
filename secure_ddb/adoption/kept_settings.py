"""Settings that a `SecureTable` cannot keep exactly, and those that only the deployment knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.adoption.model import Difference, Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.adoption.existing import Capacity, ExistingTable, Unknown

_CAPACITY = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-writeprovisionedthroughputsettings.html"
_KINESIS = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingConfiguration.html"
# The requirement that an argument of SecureTable serves.
_REQUIREMENTS = {
    "billing": "OPS-7",
    "warm_throughput": "OPS-7",
    "contributor_insights_specification": "MON-2",
    "kinesis_stream": "AUD-1",
}
_OTHERWISE = {"Tags.of": "OPS-1", "self.table": "IAM-1"}
_ANY = "ADO-1"


def kept_settings(table: ExistingTable) -> Iterator[Difference]:
    """Yield the settings that are not kept exactly."""
    yield from _fixed_capacity(table)
    if table.kinesis_precision:
        yield Difference(
            direction=Direction.LOST,
            requirement="AUD-1",
            what="Times in the Kinesis stream have milliseconds, not microseconds.",
            effect="Consumers that read the precision from each record go on; others misread the time.",
            properties=("Replicas.KinesisStreamSpecification",),
            source=_KINESIS,
        )
    for unknown in table.unknown:
        # The key has its own difference.
        if unknown.code != "encryption":
            yield _unknown(unknown)


def _fixed_capacity(table: ExistingTable) -> Iterator[Difference]:
    if table.on_demand:
        return
    fixed = [
        name
        for name, capacity in (
            ("the table", table.throughput.write),
            *((index.name, index.throughput.write) for index in table.global_indexes),
        )
        if _is_fixed(capacity)
    ]
    if fixed:
        yield Difference(
            direction=Direction.CHANGED,
            requirement="OPS-7",
            what=f"The fixed write capacity of {', '.join(fixed)} becomes one that scales between equal limits.",
            effect="Nothing changes until you raise max_capacity. The type AWS::DynamoDB::GlobalTable has no fixed "
            "capacity for writes.",
            source=_CAPACITY,
        )


def _is_fixed(capacity: Capacity | None) -> bool:
    return capacity is not None and capacity.target is None


def _unknown(unknown: Unknown) -> Difference:
    argument = unknown.code
    other = next((row for start, row in _OTHERWISE.items() if argument.startswith(start)), _ANY)
    left_out = f"The code leaves out {argument}" if argument else "The code sets it as for every SecureTable"
    return Difference(
        direction=Direction.UNKNOWN,
        requirement=_REQUIREMENTS.get(argument, other),
        what=f"{unknown.name[0].upper()}{unknown.name[1:]} is known only at deployment.",
        effect=f"{left_out}: add it, or read the table itself with --table. Deploying without it changes the table.",
    )
