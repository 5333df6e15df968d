"""Whom the policy of a bucket lets write to it."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import ARCHIVE_STATEMENTS, AUDIT_STATEMENTS, BUCKET_STATEMENTS, TABLE_STATEMENT
from tests.rules.handwritten import changed, judgements, verdicts
from tests.rules.handwritten.making import ACCOUNT

OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
WRITER, ARCHIVE_ROLE = {"Fn::GetAtt": "AuditRole.Arn"}, {"Fn::GetAtt": "ArchiveRole.Arn"}


def details(rule: str, *changes: tuple[str, Any]) -> list[str]:
    """Return what is said that is not met."""
    return [each.detail for each in judgements(changed(*changes), rule) if each.verdict is not Verdict.MET]


def refusing(*, resource: str = "${Bucket.Arn}/*", **who: Any) -> tuple[str, Any]:
    """Return a statement that refuses the objects of others."""
    statement = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": {"Fn::Sub": resource}, **who}
    return f"{BUCKET_STATEMENTS}/1", statement


BUT_WRITER: dict[str, Any] = {"Principal": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": WRITER}}}


def test_whoever_is_named_beside_the_writer_writes_too() -> None:
    said = [f"its policy also lets {OTHER} write to it"]
    assert details("SecureDdb-AUD12", refusing(NotPrincipal={"AWS": [WRITER, OTHER]})) == said
    left_out = {"aws:PrincipalArn": [ARCHIVE_ROLE, OTHER]}
    assert details("SecureDdb-AUD24", (f"{ARCHIVE_STATEMENTS}/1/Condition/ArnNotEquals", left_out)) == said


def test_the_writer_may_be_left_out_in_either_way() -> None:
    for who in ({"NotPrincipal": {"AWS": WRITER}}, BUT_WRITER):
        assert verdicts(changed(refusing(**who)), "SecureDdb-AUD12") == {Verdict.MET}


def test_whoever_may_hide_or_unlock_objects_is_named() -> None:
    left_out = {"ArnNotEquals": {"aws:PrincipalArn": [WRITER, OTHER]}}
    said = [f"its policy also lets {OTHER} {what}" for what in ("write to it", "hide or unlock its objects")]
    assert details("SecureDdb-AUD12", (f"{BUCKET_STATEMENTS}/2/Condition", left_out)) == said


def test_locks_are_another_role_s_only_where_all_denials_leave_it_out() -> None:
    put = {"Effect": "Deny", "Action": "s3:Put*", "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}}
    but_two = {"ArnNotEquals": {"aws:PrincipalArn": [WRITER, OTHER]}}
    said = details("SecureDdb-AUD12", (f"{BUCKET_STATEMENTS}/1", {**put, "Principal": "*", "Condition": but_two}))
    assert said == [f"its policy also lets {OTHER} write to it"]


def test_only_object_lock_makes_delete_markers_matter() -> None:
    unlocked = [(f"Bucket/Properties/{name}", None) for name in ("ObjectLockEnabled", "ObjectLockConfiguration")]
    only_replicas = f"{BUCKET_STATEMENTS}/2/Action", "s3:Replicate*"
    assert details("SecureDdb-AUD12", only_replicas) == [
        "the templates do not show who else can hide or unlock its objects"
    ]
    assert details("SecureDdb-AUD12", only_replicas, *unlocked) == []


def test_a_service_that_is_left_out_writes_too() -> None:
    who = {"AWS": WRITER, "Service": "logging.s3.amazonaws.com"}
    said = ["its policy also lets logging.s3.amazonaws.com write to it"]
    assert details("SecureDdb-AUD12", refusing(NotPrincipal=who)) == said


def test_a_statement_about_something_else_lets_nobody_write() -> None:
    left_out = f"{BUCKET_STATEMENTS}/0/NotPrincipal", {"AWS": OTHER}
    content = changed((f"{BUCKET_STATEMENTS}/0/Principal", None), left_out)
    assert verdicts(content, "SecureDdb-AUD12") == {Verdict.MET}


@pytest.mark.parametrize("some", ["a*", "any", "any*", "?", "*.json"])
def test_objects_of_some_names_are_not_all(some: str) -> None:
    said = ["the templates do not show who else can write to it"]
    assert details("SecureDdb-AUD12", refusing(resource=f"${{Bucket.Arn}}/{some}", **BUT_WRITER)) == said
    without_tls = f"{BUCKET_STATEMENTS}/0/Resource/1", {"Fn::Sub": f"${{Bucket.Arn}}/{some}"}
    assert Verdict.NOT_MET in verdicts(changed(without_tls), "SecureDdb-ENC11")


@pytest.mark.parametrize(
    "some",
    [
        "${Bucket.Arn}/public/*",
        "${Bucket.Arn}/*.json",
        "${Bucket.Arn}/a",
        "arn:aws:s3:::*/logs/*",
        "arn:aws:s3:::?*/x",
        "*/logs/*",
        "*",
    ],
)
def test_all_objects_but_some_are_not_all(some: str) -> None:
    but_some = {"Fn::Sub": some}
    said = ["the templates do not show who else can write to it"]
    refused = refusing(Resource=None, NotResource=but_some, **BUT_WRITER)
    assert details("SecureDdb-AUD12", refused) == said
    without_tls = [(f"{BUCKET_STATEMENTS}/0/Resource", None), (f"{BUCKET_STATEMENTS}/0/NotResource", but_some)]
    assert Verdict.NOT_MET in verdicts(changed(*without_tls), "SecureDdb-ENC11")


def test_all_objects_but_those_of_another_bucket_are_all() -> None:
    another = "arn:aws:s3:::another-bucket/*"
    refused = refusing(Resource=None, NotResource=another, **BUT_WRITER)
    assert verdicts(changed(refused), "SecureDdb-AUD12") == {Verdict.MET}


@pytest.mark.parametrize("name", ["${Bucket.Arn}/*", "${Bucket.Arn}*", "${Bucket.Arn}/?*", "arn:aws:s3:::*"])
def test_objects_of_all_names_are_all(name: str) -> None:
    assert verdicts(changed(refusing(resource=name, **BUT_WRITER)), "SecureDdb-AUD12") == {Verdict.MET}


def test_indexes_of_some_names_are_not_all() -> None:
    resources = [{"Fn::Sub": f"arn:aws:dynamodb:*:${{AWS::AccountId}}:table/orders{end}"} for end in ("", "/index/a*")]
    found = verdicts(changed((f"{TABLE_STATEMENT}/Resource", resources)), "SecureDdb-ENC3")
    assert Verdict.NOT_MET in found


@pytest.mark.parametrize("name", ["aws/*", "aws/lambda/*", "any*"])
def test_lambda_needs_permission_for_every_object_of_the_failure_destination(name: str) -> None:
    objects = {"Fn::Sub": f"${{Bucket.Arn}}/{name}"}
    found = verdicts(changed((f"{AUDIT_STATEMENTS}/3/Resource", objects)), "SecureDdb-AUD9")
    assert Verdict.NOT_MET in found


def test_a_bucket_policy_does_not_replace_permissions_of_the_role() -> None:
    by_the_bucket = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::GetAtt": "AuditRole.Arn"}},
        "Action": ["s3:PutObject", "s3:ListBucket"],
        "Resource": [{"Fn::GetAtt": "Bucket.Arn"}, {"Fn::Sub": "${Bucket.Arn}/*"}],
    }
    content = changed(
        (f"{AUDIT_STATEMENTS}/3/Action", "s3:AbortMultipartUpload"), (f"{BUCKET_STATEMENTS}/0", by_the_bucket)
    )
    assert Verdict.NOT_MET in verdicts(content, "SecureDdb-AUD9")
