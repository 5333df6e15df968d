"""Plans for small templates, and resources to make them of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.template import Template
from secure_ddb.planning.plan import plan

if TYPE_CHECKING:
    from secure_ddb.planning.model import Finding, Plan

Body = dict[str, Any]
RETAINED = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
REGION = "eu-central-1"


def resource(kind: str, *, kept: bool = False, condition: str = "", **properties: Any) -> Body:
    """Return a resource; one that is kept is retained."""
    body: Body = {"Type": kind, "Properties": properties, **(RETAINED if kept else {})}
    return {**body, "Condition": condition} if condition else body


def table(*, kept: bool = False, **properties: Any) -> Body:
    """Return a table of the type that a `SecureTable` has, with one replica."""
    properties.setdefault("Replicas", [{"Region": REGION}])
    return resource("AWS::DynamoDB::GlobalTable", kept=kept, **properties)


def template(
    resources: Body, name: str = "Orders", *, region: str = REGION, nested: Body | None = None, **sections: Any
) -> Template:
    """Return the template of a stack."""
    return Template(
        name=name,
        stack_name=name,
        region=region,
        body={"Resources": resources, **sections},
        nested={logical_id: template(each, f"{name}/{logical_id}") for logical_id, each in (nested or {}).items()},
    )


def planned(old: Body, new: Body, **sections: Any) -> Plan:
    """Return the plan for a stack of which both templates have the same other sections."""
    return plan([template(old, **sections)], [template(new, **sections)])


def finding(old: Body, new: Body, **sections: Any) -> Finding:
    """Return the only finding of a plan."""
    (found,) = planned(old, new, **sections).findings
    return found


def labels(old: Body, new: Body, **sections: Any) -> list[tuple[str, str]]:
    """Return what a plan finds: effect and logical id."""
    return [(each.label, each.logical_id) for each in planned(old, new, **sections).findings]
