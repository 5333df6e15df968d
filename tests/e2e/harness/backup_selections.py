"""CloudFormation's `AWS::Backup::BackupSelection`, which the emulator's does not know; its AWS Backup does."""

from __future__ import annotations

from ministack.services import backup

from tests.e2e.harness.handlers import HANDLERS, Made, Properties, ask

KIND = "AWS::Backup::BackupSelection"


def install() -> None:
    """Add the resource type. Each of its properties can only be replaced, and the emulator replaces by making anew."""
    HANDLERS[KIND] = {"create": _create, "delete": _delete}


def _create(_logical_id: str, properties: Properties, _stack: str) -> Made:
    plan = properties["BackupPlanId"]
    answer = ask(backup._create_selection, plan, {"BackupSelection": properties["BackupSelection"]})
    selection = answer["SelectionId"]
    return selection, {"BackupPlanId": plan, "Id": selection, "SelectionId": selection}


def _delete(physical_id: str, properties: Properties) -> None:
    ask(backup._delete_selection, properties["BackupPlanId"], physical_id)
