"""Which objects Firehose has to be able to write."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.archive import IN_S3
from tests.rules.cases.making import ARCHIVE_STATEMENTS, HANDING_ON_STATEMENTS
from tests.rules.handwritten import changed, judgements
from tests.rules.handwritten.making import PARAMETER

PREFIX, ERRORS = f"{IN_S3}/Prefix", f"{IN_S3}/ErrorOutputPrefix"
FILLED_IN = "errors/!{firehose:error-output-type}/"


def verdict(*changes: tuple[str, Any]) -> Verdict:
    """Return what is said of Firehose's role."""
    (found,) = (each for each in judgements(changed(*changes), "SecureDdb-AUD25") if "to the archive" in each.detail)
    return found.verdict


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
    assert verdict(*prefixes, (f"{HANDING_ON_STATEMENTS}/2/Resource", objects)) is expected


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ({"NotResource": {"Fn::Sub": "${Archive.Arn}/orders/*"}}, Verdict.NOT_VERIFIABLE),
        ({"NotResource": {"Fn::Sub": "${Archive.Arn}/*"}}, Verdict.MET),
        ({"NotResource": "arn:aws:s3:::other/*"}, Verdict.NOT_MET),
        ({"Resource": {"Fn::Sub": "${Archive.Arn}/orders/*"}}, Verdict.NOT_VERIFIABLE),
        ({"Resource": {"Fn::Sub": "${Archive.Arn}/*"}}, Verdict.NOT_MET),
        ({"Resource": "arn:aws:s3:::other/*"}, Verdict.MET),
        ({"Resource": "*/orders/*"}, Verdict.NOT_VERIFIABLE),
        ({"Resource": "arn:aws:logs:*:*:log-group:*"}, Verdict.MET),
        ({"NotResource": {"Fn::Sub": "arn:aws:s3:::other-${Parameter}/*"}}, Verdict.NOT_MET),
        ({"NotResource": {"Fn::Sub": "${Archive.Arn}/${Parameter}"}}, Verdict.NOT_VERIFIABLE),
    ],
)
@pytest.mark.parametrize("statements", [f"{HANDING_ON_STATEMENTS}/4", f"{ARCHIVE_STATEMENTS}/1"])
def test_a_refusal_of_some_objects_may_be_one(statements: str, objects: dict[str, Any], expected: Verdict) -> None:
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", **objects}
    assert verdict((statements, denied)) is expected


def test_a_prefix_that_is_not_known_is_in_no_other_bucket() -> None:
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::other/*"}
    assert verdict((PREFIX, PARAMETER), (f"{HANDING_ON_STATEMENTS}/4", denied)) is Verdict.MET


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [({"Fn::GetAtt": "Archive.Arn"}, Verdict.NOT_MET), ("arn:aws:s3:::other", Verdict.MET)],
)
def test_what_arrived_may_be_kept_in_the_archive_too(bucket: object, expected: Verdict) -> None:
    kept = {"BucketARN": bucket, "Prefix": "raw/"}
    objects = f"{HANDING_ON_STATEMENTS}/2/Resource", {"Fn::Sub": "${Archive.Arn}/audit/*"}
    assert verdict((PREFIX, "audit/"), (f"{IN_S3}/S3BackupConfiguration", kept), objects) is expected


def test_what_is_not_kept_needs_no_permission() -> None:
    arrived = {"BucketARN": {"Fn::GetAtt": "Archive.Arn"}, "Prefix": "raw/"}
    kept = [(f"{IN_S3}/S3BackupConfiguration", arrived), (f"{IN_S3}/S3BackupMode", "Disabled")]
    objects = f"{HANDING_ON_STATEMENTS}/2/Resource", {"Fn::Sub": "${Archive.Arn}/audit/*"}
    assert verdict((PREFIX, "audit/"), *kept, objects) is Verdict.MET


def test_what_is_surely_not_left_out_is_meant() -> None:
    others = {"Fn::Sub": "arn:aws:s3:::other-${Parameter}/*"}
    allowed = {"Effect": "Allow", "Action": "s3:PutObject", "NotResource": others}
    assert verdict((f"{HANDING_ON_STATEMENTS}/2", allowed)) is Verdict.MET
