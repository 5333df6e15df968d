"""Conditions for the resources of the handwritten template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.handwritten import body

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body

IN_REGION = {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]}
CHOSEN = {"Fn::Equals": [{"Ref": "Parameter"}, "yes"]}
CONDITIONS = {
    "Sometimes": CHOSEN,
    "Other": {"Fn::Equals": [{"Ref": "Parameter"}, "other"]},
    "Never": {"Fn::Not": [{"Condition": "Sometimes"}]},
    "Either": {"Fn::Or": [{"Condition": "Sometimes"}, {"Condition": "Other"}]},
    "Both": {"Fn::And": [{"Condition": "Sometimes"}, {"Condition": "Other"}]},
    "Here": IN_REGION,
    "Nowhere": {"Fn::Not": [IN_REGION]},
}


def only_if(conditions: dict[str, str], content: Body | None = None) -> Body:
    """Return the template with resources that have conditions: logical id to condition."""
    content = content or body()
    for logical_id, condition in conditions.items():
        content["Resources"][logical_id]["Condition"] = condition
    return {**content, "Conditions": CONDITIONS}
