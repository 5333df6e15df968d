"""`python -m examples.logged_reads` has no open finding, and its function may log reads and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.synthesis.runs import Run

ALLOWED, NOT_ALLOWED, DENIED = Decision.ALLOWED, Decision.IMPLICITLY_DENIED, Decision.EXPLICITLY_DENIED
READS, CHANGES = "OrdersReadsLog", "OrdersAuditLogGroup"
DIGESTS, MACS = "OrdersReadsDigestKey", "OrdersAuditDigestKey"
LOG, KEY = "AWS::Logs::LogGroup", "AWS::KMS::Key"
IN_ANOTHER_FUNCTION = {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-central-1:111122223333:function:other"}


@pytest.fixture(scope="module")
def synthesized(checked: Callable[[str], Run]) -> Run:
    """Run `python -m examples.logged_reads`."""
    return checked("examples/logged_reads/__main__.py")


@pytest.fixture(scope="module")
def deployed(synthesized: Run) -> Deployed:
    return Deployed(Template.read(synthesized.directory / "LoggedReads.template.json"))


def test_no_finding_is_open(synthesized: Run) -> None:
    assert synthesized.status == 0, synthesized.output + synthesized.errors
    assert synthesized.output.startswith("OK: no open findings in 1 table; ")


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (
            "ShowOrdersRole",
            [
                ("logs:PutLogEvents", LOG, READS, ALLOWED),
                ("logs:CreateLogStream", LOG, READS, ALLOWED),
                ("logs:GetLogEvents", LOG, READS, NOT_ALLOWED),
                ("logs:DeleteLogStream", LOG, READS, NOT_ALLOWED),
                ("logs:PutLogEvents", LOG, CHANGES, NOT_ALLOWED),
                ("kms:GenerateMac", KEY, DIGESTS, ALLOWED),
                ("kms:VerifyMac", KEY, DIGESTS, NOT_ALLOWED),
                ("kms:GenerateMac", KEY, MACS, NOT_ALLOWED),
            ],
        ),
        (
            "OrdersAuditRole",
            [
                # By a function other than the audit function, or by none.
                ("kms:GenerateMac", KEY, DIGESTS, DENIED),
                ("logs:PutLogEvents", LOG, READS, DENIED),
            ],
        ),
        ("OrdersBackupRole", [("kms:GenerateMac", KEY, DIGESTS, NOT_ALLOWED)]),
    ],
)
def test_roles_log_reads_and_no_more(
    deployed: Deployed, role: str, expected: Sequence[tuple[str, str, str, Decision]]
) -> None:
    pairs = []
    for action, kind, name, _ in expected:
        arn = deployed.arn(kind, name)
        resource = f"{arn.removesuffix(':*')}:log-stream:reads/x" if kind == LOG else arn
        request = Request(
            principal=deployed.arn("AWS::IAM::Role", role),
            action=action,
            resource=resource,
            context=IN_ANOTHER_FUNCTION,
        )
        pairs.append((deployed.policies(request), request))
    assert decide(pairs) == [decision for *_, decision in expected]
