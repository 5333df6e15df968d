"""What makes each rule speak up: changes of a template that lacks nothing."""

from tests.rules.cases import (
    access,
    archive,
    audit,
    backup,
    capacity,
    copies,
    detection,
    encryption,
    guardrails,
    monitoring,
    network,
    operations,
    perimeter,
    platform,
    retention,
    trail,
    web_identity,
)

CASES = encryption.CASES | backup.CASES | audit.CASES | archive.CASES | trail.CASES | access.CASES | monitoring.CASES
CASES |= (
    detection.CASES
    | network.CASES
    | perimeter.CASES
    | guardrails.CASES
    | operations.CASES
    | capacity.CASES
    | copies.CASES
    | platform.CASES
    | web_identity.CASES
    | retention.CASES
)
