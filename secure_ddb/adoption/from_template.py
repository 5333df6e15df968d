"""Reads an existing table from a CloudFormation template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from secure_ddb.adoption.existing import AdoptionError, Origin
from secure_ddb.adoption.global_table_properties import read_global_table
from secure_ddb.adoption.known import Known
from secure_ddb.adoption.scaling import DEFAULT_TARGET, Scaling
from secure_ddb.adoption.table_properties import read_table, table_throughputs, units
from secure_ddb.cloudformation.kinds import GLOBAL_TABLE, SCALABLE_TARGET, SCALING_POLICY, TABLE
from secure_ddb.cloudformation.values import as_list, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.adoption.existing import ExistingTable
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.template import Template

_RETAINED = ("Retain", "RetainExceptOnCreate")
_IN_SUB = re.compile(r"\$\{([A-Za-z0-9]+)[}.]")


def table_in_template(template: Template, *, logical_id: str = "", name: str = "") -> ExistingTable:
    """Return a table of a template.

    Args:
        template: The template, with its Region and account if they are known.
        logical_id: Which table; needed if there are several.
        name: The table's name, if the template does not say it.

    Raises:
        AdoptionError: There is no such table, or a required property is known only at deployment.
    """
    resource = _choose(template, logical_id)
    place = f"{template.name}: {resource.logical_id}"
    others: dict[str, Any] = {
        "origin": Origin.CLOUDFORMATION,
        "declared_as": resource.type,
        "address": resource.logical_id,
        "stack": template.stack_name,
        "retained": resource.body.get("DeletionPolicy") in _RETAINED,
        "references": tuple(dict.fromkeys(_references(template, resource.logical_id))),
    }
    where = {"name": name, "region": template.region, "account": template.account}
    known = Known(place, resource.properties)
    if resource.type == GLOBAL_TABLE:
        return read_global_table(known, **where, **others)
    return read_table(known, table_throughputs(resource.name, _scalings(template)), **where, **others)


def _choose(template: Template, logical_id: str) -> Resource:
    tables = [each for each in template.resources.values() if each.type in {TABLE, GLOBAL_TABLE}]
    names = ", ".join(each.logical_id for each in tables)
    if not tables:
        raise AdoptionError(f"{template.name} has no table: no resource of type {TABLE} or {GLOBAL_TABLE}")
    if logical_id:
        found = [each for each in tables if each.logical_id == logical_id]
        if not found:
            raise AdoptionError(f"{template.name} has no table {logical_id}; its tables: {names}")
        return found[0]
    if len(tables) > 1:
        raise AdoptionError(f"{template.name} has {len(tables)} tables; name one with --resource: {names}")
    return tables[0]


def _references(template: Template, logical_id: str) -> Iterator[str]:
    """Yield references to a resource: other resources, and outputs."""
    for section in ("Resources", "Outputs"):
        for name, body in (template.body.get(section) or {}).items():
            if name != logical_id and _refers(body, logical_id):
                yield name if section == "Resources" else f"the output {name}"


def _refers(value: object, logical_id: str) -> bool:
    if isinstance(value, list):
        return any(_refers(each, logical_id) for each in value)
    if not isinstance(value, dict):
        return False
    return any(
        logical_id in _named_by(name, argument) or _refers(argument, logical_id) for name, argument in value.items()
    )


def _named_by(function: str, argument: object) -> list[str]:
    """Return the logical ids that a function names, or an attribute of a resource."""
    first = next(iter(as_list(argument)), None)
    match function, first:
        case ("Ref", str()):
            return [first]
        case ("DependsOn", str()):
            return as_list(argument)
        case ("Fn::GetAtt", str()):
            return [first.split(".")[0]]
        case ("Fn::Sub", str()):
            return _IN_SUB.findall(first)
    return []


def _scalings(template: Template) -> Iterator[Scaling]:
    policies = [each for each in template.resources.values() if each.type == SCALING_POLICY]
    for each in template.resources.values():
        least, most = (units(each.properties.get(name)) for name in ("MinCapacity", "MaxCapacity"))
        if each.type != SCALABLE_TARGET or least is None or most is None:
            continue
        target = DEFAULT_TARGET
        for policy in policies:
            if policy.properties.get("ScalingTargetId") == each.ref:
                value = at(policy.properties, "TargetTrackingScalingPolicyConfiguration", "TargetValue")
                target = units(value) or DEFAULT_TARGET
        yield Scaling(
            str(each.properties.get("ResourceId")), str(each.properties.get("ScalableDimension")), least, most, target
        )
