"""Autoscaling declared outside of a table: in a template, in a Terraform plan, or in the account.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.adoption.existing import Capacity

if TYPE_CHECKING:
    from collections.abc import Iterable


class Scaling(NamedTuple):
    """A capacity that scales.

    Attributes:
        resource_id: Such as `table/orders` or `table/orders/index/by-status`.
        dimension: Such as `dynamodb:table:ReadCapacityUnits`.
        least: Its least.
        most: Its most.
        target: Utilization in percent that it keeps.
    """

    resource_id: str
    dimension: str
    least: int
    most: int
    target: int


# The default of AWS's console and of CDK.
DEFAULT_TARGET = 70


def capacity_of(units: int | None, name: str, dimension: str, scalings: Iterable[Scaling]) -> Capacity | None:
    """Return a provisioned capacity: as it scales, or else fixed.

    Args:
        units: The fixed units; None if they are not known.
        name: `table/NAME` or `table/NAME/index/INDEX`.
        dimension: `Read` or `Write`.
        scalings: All that scales.
    """
    for each in scalings:
        if each.resource_id == name and each.dimension.endswith(f":{dimension}CapacityUnits"):
            return Capacity(least=each.least, most=each.most, target=each.target)
    return None if units is None else Capacity(least=units, most=units)
