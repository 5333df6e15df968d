"""Which objects Firehose has to be able to write."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.archive import IN_S3
from tests.rules.cases.making import HANDING_ON_STATEMENTS
from tests.rules.handwritten import changed, judgements
from tests.rules.handwritten.making import PARAMETER

PREFIX, ERRORS = f"{IN_S3}/Prefix", f"{IN_S3}/ErrorOutputPrefix"
FILLED_IN = "errors/!{firehose:error-output-type}/"


@pytest.mark.parametrize(
    ("prefixes", "writable", "expected"),
    [
        ([], ["audit/*"], Verdict.NOT_MET),
        ([(PREFIX, "audit/")], ["audit/*"], Verdict.MET),
        ([(PREFIX, "audit/!{timestamp:yyyy}/")], ["audit/*"], Verdict.MET),
        ([(PREFIX, "audit/")], ["audit/2026/*"], Verdict.NOT_MET),
        ([(PREFIX, "audit/")], ["other/*"], Verdict.NOT_MET),
        ([(PREFIX, "audit/"), (ERRORS, FILLED_IN)], ["audit/*"], Verdict.NOT_MET),
        ([(PREFIX, "audit/"), (ERRORS, FILLED_IN)], ["audit/*", "errors/*"], Verdict.MET),
        ([(PREFIX, PARAMETER)], ["audit/*"], Verdict.NOT_VERIFIABLE),
        ([(PREFIX, PARAMETER)], ["*"], Verdict.MET),
    ],
)
def test_firehose_has_to_write_where_its_prefixes_say(
    prefixes: list[tuple[str, Any]], writable: list[str], expected: Verdict
) -> None:
    objects = [{"Fn::Sub": f"${{Archive.Arn}}/{name}"} for name in writable]
    content = changed(*prefixes, (f"{HANDING_ON_STATEMENTS}/2/Resource", objects))
    (found,) = (each for each in judgements(content, "SecureDdb-AUD25") if "write to the archive" in each.detail)
    assert found.verdict is expected
