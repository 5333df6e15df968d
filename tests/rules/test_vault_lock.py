"""A vault's lock is compared with every retention of the plans that copy into it."""

from __future__ import annotations

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.backup import kept_for
from tests.rules.cases.making import VAULT
from tests.rules.handwritten import changed, judgements, verdicts

LOCK = f"{VAULT}/LockConfiguration"
MET, FINDING, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_VERIFIABLE


def said(**limits: object) -> dict[str, Verdict]:
    """Return what the rule says of the lock of a vault that keeps recovery points for 365 days."""
    found = judgements(changed((LOCK, limits), kept_for(365)), "SecureDdb-BAK9")
    return {judgement.path.rpartition(".")[2]: judgement.verdict for judgement in found}


@pytest.mark.parametrize("longest", [365, 36500, "365"])
def test_maximum_that_takes_the_longest_retention_is_met(longest: object) -> None:
    assert said(MinRetentionDays=35, MaxRetentionDays=longest) == {"MinRetentionDays": MET, "MaxRetentionDays": MET}


@pytest.mark.parametrize("longest", [364, 36501, 0, "as long as possible"])
def test_maximum_that_aws_or_the_plan_exceeds_is_a_finding_of_its_own(longest: object) -> None:
    assert said(MinRetentionDays=35, MaxRetentionDays=longest) == {"MinRetentionDays": MET, "MaxRetentionDays": FINDING}


def test_without_a_maximum_nothing_is_said_of_it() -> None:
    assert said(MinRetentionDays=35) == {"MinRetentionDays": MET}


def test_recovery_points_that_are_kept_for_ever_are_kept_for_long_enough() -> None:
    content = changed(kept_for(-1))
    assert verdicts(content, "SecureDdb-BAK9") == verdicts(content, "SecureDdb-BAK6") == {MET}


def test_retention_that_is_known_only_at_deployment_may_be_outside_of_both_limits() -> None:
    lock = (LOCK, {"MinRetentionDays": 35, "MaxRetentionDays": 365})
    found = judgements(changed(lock, kept_for({"Ref": "Parameter"})), "SecureDdb-BAK9")
    assert [judgement.verdict for judgement in found] == [UNKNOWN, UNKNOWN]
    assert all("known only at deployment" in judgement.detail for judgement in found)


@pytest.mark.parametrize(("days", "shown"), [(-1, "forever"), (400, "for 400 days")])
def test_finding_says_what_the_plan_does(days: int, shown: str) -> None:
    lock = (LOCK, {"MinRetentionDays": 35, "MaxRetentionDays": 365})
    _, longest = judgements(changed(lock, kept_for(days)), "SecureDdb-BAK9")
    assert longest.detail == f"MaxRetentionDays is 365, but the plan keeps recovery points {shown}"


PLAN = "Plan/Properties/BackupPlan/BackupPlanRule/0"


@pytest.mark.parametrize(
    ("days", "verdict"), [(1, FINDING), (34, FINDING), (35, MET), (-1, MET), ({"Ref": "Parameter"}, UNKNOWN)]
)
def test_lifecycle_of_a_copy_is_compared_with_the_lock_of_its_destination(days: object, verdict: Verdict) -> None:
    copy = {"DestinationBackupVaultArn": {"Fn::GetAtt": ["Vault", "BackupVaultArn"]}}
    content = changed((f"{PLAN}/CopyActions", [{**copy, "Lifecycle": {"DeleteAfterDays": days}}]))
    assert verdicts(content, "SecureDdb-BAK9") == {verdict}


def test_lock_of_a_vault_that_has_copies_only_is_judged() -> None:
    copy = {"DestinationBackupVaultArn": {"Fn::GetAtt": ["Copies", "BackupVaultArn"]}}
    vault = {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "copies"}}
    content = changed(("Copies", vault), (f"{PLAN}/CopyActions", [copy]))
    assert verdicts(content, "SecureDdb-BAK9") == {MET, FINDING}
