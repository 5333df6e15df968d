"""Tables that are declared elsewhere, as resources of which little is known before the deployment."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.kinds import GLOBAL_TABLE
from secure_ddb.cloudformation.resource import Resource
from secure_ddb.cloudformation.values import as_list, resolve, unknown
from secure_ddb.table_evidence import CONTROLS_KEY, METADATA_KEY
from secure_ddb.tags.tag_keys import DEFAULT_TAG_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.cloudformation.scope import Scope

_ELSEWHERE = unknown("declared elsewhere")
_UNKNOWN_OF_TABLE = ("BillingMode", "SSESpecification", "StreamSpecification")
_UNKNOWN_OF_REPLICA = (
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "PointInTimeRecoverySpecification",
    "ReplicaStreamSpecification",
    "ResourcePolicy",
)


class DeclaredTable(Resource):
    """A table that is declared elsewhere, of which the template has what `TableControls` know.

    So rules check the resources around it, and report the table itself as not verifiable.
    """

    def __init__(self, template: Scope, path: str, stated: Mapping[str, Any]) -> None:
        """Store the path of the controls, and what they state in the metadata of the template."""
        self._stream = stated.get("stream")
        super().__init__(template, re.sub(r"\W", "", path), _body(template, stated))
        self.construct_path = path

    @cached_property
    def stream_arn(self) -> str:
        """ARN of its stream."""
        stream = resolve(self._stream, self.template)
        return stream if isinstance(stream, str) and stream else super().stream_arn


def _body(template: Scope, stated: Mapping[str, Any]) -> dict[str, Any]:
    # The owner may have given it more tags, also others of these.
    tags = [
        {"Key": DEFAULT_TAG_KEYS.data_classification, "Value": stated.get("classification")},
        {"Key": _ELSEWHERE, "Value": _ELSEWHERE},
    ]
    replica = {
        **dict.fromkeys(_UNKNOWN_OF_REPLICA, _ELSEWHERE),
        "Region": template.region or _ELSEWHERE,
        "SSESpecification": {"KMSMasterKeyId": stated.get("key") or _ELSEWHERE},
        "Tags": tags,
    }
    return {
        "Type": GLOBAL_TABLE,
        "DeletionPolicy": _ELSEWHERE,
        "UpdateReplacePolicy": _ELSEWHERE,
        "Metadata": {METADATA_KEY: stated},
        "Properties": {
            **dict.fromkeys(_UNKNOWN_OF_TABLE, _ELSEWHERE),
            "TableName": stated.get("table") or _ELSEWHERE,
            "GlobalSecondaryIndexes": [{"IndexName": name} for name in as_list(stated.get("indexes"))],
            "Replicas": [replica],
        },
    }


def declared_tables(template: Scope) -> Iterator[DeclaredTable]:
    """Yield the tables that are declared elsewhere, and have controls in a template."""
    metadata = template.body.get("Metadata")
    for key, stated in metadata.items() if isinstance(metadata, dict) else ():
        kind, _, path = str(key).partition("/")
        if kind == CONTROLS_KEY and path and isinstance(stated, dict):
            yield DeclaredTable(template, path, stated)
