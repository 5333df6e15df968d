"""Makers of what evidence is made of, for tests that care about a part of it only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from secure_ddb.evidence.model import Evidence, PackFacts, Result, StackFacts, Status, TableFacts, WaivedBy

if TYPE_CHECKING:
    from collections.abc import Sequence

JUDGED_ON = date(2030, 1, 1)
TRIAL = WaivedBy(reason="a trial", approved_by="SEC-1", expires=date(2030, 6, 30))


def finding(rule: str = "R1", construct: str = "Orders/Table", reason: str = "", **values: Any) -> Result:
    return Result(
        **{
            "pack": "Pack",
            "rule": rule,
            "status": Status.WAIVED if reason else Status.NOT_MET,
            "title": f"{rule} wants more",
            "severity": "high",
            "construct": construct,
            "stack": "Orders",
            "waived_by": WaivedBy(reason=reason) if reason else None,
            **values,
        }
    )


def stack_with(name: str = "Orders", resources: int = 7, sha256: str = "") -> StackFacts:
    template = f"{name.replace('/', '')}.template.json"
    return StackFacts(name=name, template=template, account="", region="", resources=resources, sha256=sha256)


def table_with(**values: Any) -> TableFacts:
    facts: dict[str, Any] = {
        "id": "Orders/Table",
        "name": "OrdersTable",
        "stack": "Orders",
        "template": "Orders.template.json",
        "resource_type": "AWS::DynamoDB::GlobalTable",
        "classification": "restricted",
        "regions": (),
        "made_by_secure_table": True,
        "ephemeral": "",
        "waivers": {},
        "settings": {},
        "claims": {},
        "not_verifiable": (),
    }
    return TableFacts(**{**facts, **values})


def evidence_with(*stacks: StackFacts, results: Sequence[Result] = (), **values: Any) -> Evidence:
    facts: dict[str, Any] = {
        "title": "Orders",
        "judged_on": JUDGED_ON,
        "version": "1",
        "packs": (PackFacts(name="SecureDdb"),),
        "tables": (),
        "controls": (),
    }
    return Evidence(**{**facts, **values}, stacks=stacks or (stack_with(),), results=tuple(results))
