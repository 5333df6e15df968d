"""The audit function is not on the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each URL of a function that reads changes; whom its permissions let use one, other rules ask."""
    for url, tables, is_sure in assembly.audit_access.function_urls:
        demanded, path = url.properties.get("AuthType"), "Properties.AuthType"
        if is_sure:
            yield judged_value(url, path, demanded, good=demanded == "AWS_IAM", tables=tables)
        elif demanded != "AWS_IAM":
            detail = f"it is {demanded}, and whose URL it is, only the deployment knows"
            yield judged(url, path, None, detail, tables=tables)


RULE = Rule(
    id="SecureDdb-AUD27",
    title="A URL of the function that records changes demands AWS IAM",
    severity=Severity.CRITICAL,
    requirements=("AUD-1",),
    controls=(
        "CS-6",
        "PR.AC-3",
        "NIST.800-53.r5 AC-3",
        "NIST.800-53.r5 AU-9",
        "NIST.800-53.r5 SC-7",
        "PCI DSS v4.0.1/1.4.4",
    ),
    explanation="With AuthType NONE anybody on the internet can have changes recorded that never happened.",
    remedy="Remove the AWS::Lambda::Url: the table's stream needs none. Otherwise set its AuthType to AWS_IAM.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
    check=check,
)
