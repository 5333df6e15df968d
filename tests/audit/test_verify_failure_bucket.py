"""Changes that are only in the failure bucket are counted and named; those that were replayed are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from secure_ddb.audit_trail.verify import Entry, FailureBucket, InputError, Kind, Report, verify
from tests.audit.aws import BY_REPLAY
from tests.audit.checks import golden
from tests.audit.failed import BUCKET, KEY, failed_object, listing, listing_of_objects, stream_record
from tests.audit.trail import Environment, chain_of, change, failure, flat

if TYPE_CHECKING:
    from types import ModuleType

    from tests.audit.aws import Aws
    from tests.audit.conftest import Run

NAME = Path(KEY).name
BEHIND_MARKERS = (
    "whether versions are behind delete markers. List them: `aws s3api list-object-versions --bucket BUCKET"
)
LOGGED = flat(chain_of([2, 2]))


def checked(tmp_path: Path, lines: list[str], *contents: bytes, **options: Any) -> Report:
    """Verify lines together with files of the failure bucket."""
    for number, content in enumerate(contents):
        (tmp_path / f"{number}").write_bytes(content)
    entries = (Entry(line, "lines", number) for number, line in enumerate(lines, start=1))
    return verify(entries, bucket=FailureBucket([tmp_path]), **options)


def not_logged(report: Report) -> list[str]:
    """Return the texts of the findings about changes that are not logged."""
    return [finding.text for finding in report.findings if finding.kind is Kind.NOT_LOGGED]


@pytest.mark.parametrize("as_text", [True, False])
def test_changes_without_a_line_are_missing_and_those_with_one_are_not(tmp_path: Path, *, as_text: bool) -> None:
    report = checked(tmp_path, LOGGED, failed_object(map(stream_record, range(3, 7)), as_text=as_text))
    assert report.counts == {Kind.NOT_LOGGED: 2}
    assert report.bucket is not None
    assert (report.bucket.objects, report.bucket.changes, report.bucket.not_logged) == (1, 4, 2)
    assert [finding.where for finding in report.findings] == [f"{tmp_path}/0"] * 2
    assert not_logged(report) == [
        f"the change {number:032x}, sequence number {change(number)['sequence_number']} of shard shardId-00000001, "
        "is not in the log"
        for number in (5, 6)
    ]


def test_a_change_that_failed_and_is_in_the_bucket_is_one_and_its_error_is_named(tmp_path: Path) -> None:
    line = failure(f"{5:032x}", change(5)["sequence_number"], "LineTooLongError")
    report = checked(tmp_path, [*LOGGED, line, line], failed_object(map(stream_record, (5, 6, 7))))
    assert report.counts == {Kind.NOT_LOGGED: 3}
    assert not_logged(report)[0].endswith("is not in the log (LineTooLongError)")
    assert (report.failures, report.failures_logged) == (1, 0)


def test_a_change_in_several_objects_is_one(tmp_path: Path) -> None:
    objects = [failed_object(map(stream_record, numbers)) for numbers in ((5, 6), (6, 7))]
    report = checked(tmp_path, LOGGED, *objects)
    assert report.counts == {Kind.NOT_LOGGED: 3}
    assert report.bucket is not None
    assert (report.bucket.objects, report.bucket.changes) == (2, 3)


def test_a_failure_that_is_not_in_the_bucket_is_still_missing(tmp_path: Path) -> None:
    report = checked(tmp_path, [*LOGGED, failure("f" * 32)], failed_object([stream_record(1)]))
    assert report.counts == {Kind.NOT_LOGGED: 1}
    assert "neither in the log nor among the objects" in not_logged(report)[0]


def test_records_without_an_id_or_a_number_are_missing_whatever_the_log_says(tmp_path: Path) -> None:
    records = [{"dynamodb": {"SequenceNumber": "7"}}, {"eventID": "\x1b[2J"}, None, None]
    report = checked(tmp_path, [*LOGGED, failure(None, "7", "KeyError")], failed_object(records))
    assert report.counts == {Kind.NOT_LOGGED: 4}
    assert checked(tmp_path, LOGGED, failed_object([None]), failed_object([None])).counts == {Kind.NOT_LOGGED: 2}
    texts = not_logged(report)
    assert any("the change without an id, sequence number 7 of" in text and "(KeyError)" in text for text in texts)
    assert any(r"the change '\x1b[2J', sequence number unknown, 2 of 4 in 0 of" in text for text in texts)
    assert any("the change without an id, sequence number unknown, 4 of 4 in 0 of" in text for text in texts)


def test_nothing_of_an_item_is_in_the_report(tmp_path: Path) -> None:
    report = checked(tmp_path, LOGGED, failed_object([stream_record(9)]))
    assert report.findings
    assert "MARKER" not in json.dumps(report.to_dict())


def test_only_objects_of_one_table_are_looked_at_if_asked_for(tmp_path: Path) -> None:
    objects = [failed_object([stream_record(8)], table="Visits"), failed_object([stream_record(9)])]
    report = checked(tmp_path, LOGGED, *objects, table="Orders")
    assert report.counts == {Kind.NOT_LOGGED: 1}
    assert f"{9:032x}" in not_logged(report)[0]


def test_that_objects_are_only_of_other_tables_does_not_show_that_nothing_is_missing(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(failed_object([stream_record(8)], table="Visits"))
    for listings in ((), (listing(KEY),)):
        report = checked(tmp_path, LOGGED, *listings, table="Orders")
        assert report.bucket is not None
        assert (report.bucket.objects, report.bucket.objects_of_other_tables) == (0, 1)
        assert report.bucket.unchecked == "no object of table Orders was given, only objects of other tables"


def test_objects_alone_do_not_show_that_there_are_no_others(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(failed_object([stream_record(1)]))
    report = checked(tmp_path, LOGGED)
    assert report.bucket is not None
    assert report.bucket.unchecked.startswith("other objects may be in it, also behind delete markers")
    assert "aws s3api list-object-versions" in report.bucket.unchecked


def test_a_listing_that_lacks_an_object_that_was_read_shows_nothing_of_its_bucket(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(failed_object([stream_record(1)]))
    report = checked(tmp_path, LOGGED, listing())
    assert report.bucket is not None
    assert report.bucket.unchecked == f"the listing lacks {NAME}, so it is older or of another bucket"


def test_buckets_are_named_as_their_listings_name_them(tmp_path: Path) -> None:
    report = checked(tmp_path, LOGGED, listing(Name="b"), listing(Name="a\x1b"), b'{"Versions": null}')
    assert report.bucket is not None
    assert report.bucket.names == [r"'a\x1b'", "b"]


def test_an_object_of_which_only_a_delete_marker_is_left_is_a_finding(tmp_path: Path) -> None:
    marker = {"Key": KEY, "LastModified": "2026-11-22T00:00:00+00:00", "IsLatest": True}
    report = checked(tmp_path, LOGGED, listing(DeleteMarkers=[marker]))
    assert report.counts == {Kind.NOT_READ: 1}
    assert report.findings[0].text.startswith("deleted 2026-11-22T00:00:00+00:00, without a version left: how many")
    # Its version is a finding as any other, and is one.
    report = checked(tmp_path, LOGGED, listing(KEY, DeleteMarkers=[marker]))
    assert [finding.text[:10] for finding in report.findings] == ["1234 bytes"]
    (tmp_path / NAME).write_bytes(failed_object([stream_record(1)]))
    assert checked(tmp_path, LOGGED, listing(KEY, DeleteMarkers=[marker])).intact


def test_an_object_that_is_only_listed_is_a_finding_of_its_own(tmp_path: Path) -> None:
    report = checked(tmp_path, LOGGED, listing(KEY, f"{KEY}0"))
    assert report.counts == {Kind.NOT_READ: 2}
    assert report.findings[0].where == KEY
    assert report.findings[0].text == (
        "1234 bytes, written 2026-11-21T20:14:40+00:00: how many changes it holds, and whether they are logged, is "
        "unknown until it is read"
    )


def test_a_listing_shows_which_objects_are_missing_among_those_that_were_read(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(failed_object([stream_record(1)]))
    assert checked(tmp_path, LOGGED, listing(KEY)).intact
    report = checked(tmp_path, LOGGED, listing(KEY, f"{KEY}0"))
    assert report.counts == {Kind.NOT_READ: 1}
    assert report.bucket is not None
    assert (report.bucket.objects, report.bucket.not_read, report.bucket.changes) == (2, 1, 1)


@pytest.mark.parametrize("content", [listing(), b'{"Versions": null}', listing(Versions=[], DeleteMarkers=[])])
def test_an_empty_listing_of_versions_shows_that_nothing_is_missing(tmp_path: Path, content: bytes) -> None:
    report = checked(tmp_path, LOGGED, content)
    assert report.intact
    assert report.bucket is not None
    assert report.bucket.unchecked == ""


@mock_aws
def test_pages_of_versions_are_read_as_s3_returns_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    s3 = boto3.client("s3", "eu-central-1")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def page() -> bytes:
        return json.dumps(s3.list_object_versions(Bucket=BUCKET), default=str).encode()

    empty = checked(tmp_path, LOGGED, page())
    assert empty.intact
    assert empty.bucket is not None
    assert (empty.bucket.names, empty.bucket.unchecked) == ([BUCKET], "")
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"{}")
    s3.delete_object(Bucket=BUCKET, Key=KEY)
    assert checked(tmp_path, LOGGED, page()).counts == {Kind.NOT_READ: 1}
    # The same bucket, which seems to be empty.
    objects = json.dumps(s3.list_objects_v2(Bucket=BUCKET)).encode()
    with pytest.raises(InputError, match="whether versions are behind delete markers"):
        checked(tmp_path, LOGGED, objects)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file, which does not show that the bucket is empty"),
        (b"\n", "an empty file, which does not show that the bucket is empty"),
        (b"AccessDenied", "neither an object of the failure bucket nor a listing"),
        (b"[]", "neither an object of the failure bucket nor a listing"),
        (b"[" * 100_000, "neither an object of the failure bucket nor a listing"),
        (b"{}", "neither an object of the failure bucket nor a listing"),
        (b'{"Versions": [{"Size": 1}]}', "neither an object of the failure bucket nor a listing"),
        (b'{"Versions": [{"Key": 1}]}', "neither an object of the failure bucket nor a listing"),
        (b'{"Versions": 7}', "neither an object of the failure bucket nor a listing"),
        (b'{"Name": "some-random-bucket"}', BEHIND_MARKERS),
        (listing_of_objects(), BEHIND_MARKERS),
        (listing_of_objects(KEY), BEHIND_MARKERS),
        (listing_of_objects(KeyCount=5), BEHIND_MARKERS),
        (listing_of_objects(KEY, KeyCount=1, Versions=[]), BEHIND_MARKERS),
        (listing_of_objects(Prefix="nothing/"), "a listing of a part of the bucket (Prefix). List all: `aws s3api"),
        (listing_of_objects(StartAfter="zzz", KeyCount=0), "a listing of a part of the bucket (StartAfter)"),
        (listing(Prefix="nothing/"), "a listing of a part of the bucket (Prefix)"),
        (listing(KeyMarker="zzz"), "a listing of a part of the bucket (KeyMarker)"),
        (listing(VersionIdMarker="zzz"), "a listing of a part of the bucket (VersionIdMarker)"),
        (listing(Delimiter="/"), "a listing of a part of the bucket (Delimiter)"),
        (listing(CommonPrefixes=[{"Prefix": "aws/"}]), "a listing of a part of the bucket (CommonPrefixes)"),
        (listing(KEY, IsTruncated=True), "IsTruncated says that there are more objects. List all"),
        (listing(KEY, NextToken="eyJ"), "NextToken says that there are more objects. List all"),
        (failed_object([]).replace(b'"payload"', b'"load"'), "an object of the failure bucket that lacks 'payload'"),
        (failed_object([1]).replace(b'"batchSize": 1', b'"batchSize": 2'), "does not have all of its records"),
        (failed_object([]).replace(b"Records", b"Record"), "an object of the failure bucket that lacks 'Records'"),
    ],
)
def test_what_does_not_show_what_the_bucket_holds_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(InputError) as raised:
        checked(tmp_path, LOGGED, content)
    assert str(raised.value).startswith(f"{tmp_path}/0: ")
    assert said in str(raised.value)


def test_an_empty_folder_does_not_show_that_the_bucket_is_empty(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="an empty folder does not show"):
        checked(tmp_path, LOGGED)


def test_what_a_failing_record_takes_along_is_missing_until_it_is_replayed(
    run: Run, index: ModuleType, aws: Aws, tmp_path: Path
) -> None:
    batch = [golden("insert"), golden("modify"), golden("remove"), golden("remove_by_time_to_live")]
    for number, record in enumerate(batch):
        record["eventID"] = f"{number:032x}"
        record["dynamodb"]["SequenceNumber"] = f"{100 + number}"
    batch[1]["eventName"] = "RENAME"
    answer, _ = run(*batch)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "101"}]}
    # Lambda tries again from there on, and gives up the rest of the batch as a whole.
    for _ in range(5):
        run(*batch[1:])
    kept = failed_object(batch[1:])
    report = checked(tmp_path, aws.text.splitlines(), kept)
    assert [text.split(",")[0] for text in not_logged(report)] == [f"the change {number:032x}" for number in (1, 2, 3)]
    # The log alone knows of one of them.
    assert verify(Entry(line) for line in aws.text.splitlines()).counts == {Kind.NOT_LOGGED: 1}
    aws.objects[KEY] = kept
    index.handler({"replay": {"key": KEY}}, BY_REPLAY)
    report = checked(tmp_path, aws.text.splitlines(), kept)
    assert [text.split(",")[0] for text in not_logged(report)] == [f"the change {1:032x}"]


def test_a_function_that_failed_as_a_whole_leaves_its_changes_in_the_bucket_only(tmp_path: Path) -> None:
    lines = Environment().batch(map(change, range(10)))
    assert verify(map(Entry, lines)).intact
    report = checked(tmp_path, lines, failed_object(map(stream_record, range(10, 75))))
    assert not report.intact
    assert report.counts == {Kind.NOT_LOGGED: 65}
