"""Writes the facts of secure_ddb/planning/facts.json anew from CloudFormation's schemas, which cfn-lint ships.

To add a type, add it to the file with what it holds; then run `python -m tests.planning.schema_facts`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

FILE = Path(__file__).parents[2] / "secure_ddb" / "planning" / "facts.json"
_REGION = "eu-central-1"


def current(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts as the schemas have them today; what a resource holds stays as it is."""
    return {kind: {**_of_schema(kind), "holds": each["holds"]} for kind, each in sorted(facts.items())}


def _of_schema(kind: str) -> dict[str, list[str]]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, kind).schema
    return {
        name: sorted(path.removeprefix("/properties/") for path in schema.get(key, []))
        for name, key in (
            ("create_only", "createOnlyProperties"),
            ("conditional_create_only", "conditionalCreateOnlyProperties"),
        )
    }


def written(facts: dict[str, Any]) -> str:
    """Return facts as they stand in the file."""
    return json.dumps(facts, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(current(json.loads(FILE.read_text(encoding="utf-8")))), encoding="utf-8")
