"""The roles that AWS services assume for a table, and their policies, have an IAM path of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

NAMES = {
    "minimal": {"Audit", "Backup"},
    "everything": {"Audit", "Backup", "AuditArchive", "AuditArchiveSubscription"},
    "observed": {"Audit", "Backup", "PerimeterLog"},
}


@pytest.mark.parametrize("configuration", NAMES)
@pytest.mark.parametrize(("kind", "suffix"), [("AWS::IAM::Role", "Role"), ("AWS::IAM::ManagedPolicy", "Policy")])
def test_service_roles_and_their_policies_have_the_path(
    template: Callable[[str], Template], configuration: str, kind: str, suffix: str
) -> None:
    found = {
        logical_id[:-8]: each["Properties"].get("Path")
        for logical_id, each in template(configuration).of_type(kind).items()
        if logical_id.startswith("Orders")
    }
    # A policy that needs the function, which needs the role, cannot be the role's first.
    names = NAMES[configuration] | ({"AuditFunction"} if suffix == "Policy" else set())
    assert found == {f"Orders{name}{suffix}": "/secure-ddb/" for name in names}
