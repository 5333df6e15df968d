"""An endpoint says whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.network.endpoints import dynamodb_endpoints
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.tables import tags_of
from secure_ddb.rules.values import is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly

# Tables of several classifications may share an endpoint.
_MANDATORY = ("Owner", "CostCenter", "Application", "Environment")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the tags of each endpoint."""
    for endpoint in dynamodb_endpoints(assembly):
        tags = endpoint.properties.get("Tags")
        found = tags_of(tags)
        missing = [name for name in _MANDATORY if not str(found.get(name) or "").strip()]
        answer = None if missing and isinstance(tags, str) and is_unknown(tags) else not missing
        detail = f"tags {', '.join(missing)} are missing" if missing else "it has the mandatory tags"
        yield judged(endpoint, "Properties.Tags", answer, detail)


RULE = Rule(
    id="SecureDdb-NET12",
    title="Endpoints for DynamoDB have the mandatory tags",
    severity=Severity.LOW,
    requirements=("OPS-1",),
    controls=("NIST.800-53.r5 CM-8", "NIST.800-53.r5 PM-5"),
    explanation="Whose tables can no longer be reached has to know whom to call.",
    remedy="Give DynamoDbEndpoints ownership=..., or tag with Owner, CostCenter, Application and Environment.",
    source="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
    check=check,
)
