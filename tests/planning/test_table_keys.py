"""A table that gets another key keeps its items; its callers may be denied for a while."""

from __future__ import annotations

import pytest

from secure_ddb.planning.model import Cause, Effect
from tests.planning.planning import Body, finding, labels, planned, resource, table

OLD, NEW = ({"Ref": name} for name in ("Old", "New"))
KEYS = {name: resource("AWS::KMS::Key") for name in ("Old", "New")}


def encrypted(key: object, region: str = "eu-central-1") -> Body:
    return {"Region": region, "SSESpecification": {"KMSMasterKeyId": key}}


def allowing(*keys: object) -> Body:
    return resource("AWS::IAM::Policy", PolicyDocument={"Statement": [{"Action": "kms:Decrypt", "Resource": [*keys]}]})


def test_policies_that_name_the_old_key_alone_are_named() -> None:
    old = {**KEYS, "Orders": table(Replicas=[encrypted(OLD)]), "Readers": allowing(OLD), "Writers": allowing(OLD, NEW)}
    new = {**old, "Orders": table(Replicas=[encrypted(NEW)]), "Readers": allowing(NEW)}
    found = finding(old, new)
    assert (found.effect, found.certain, found.cause, found.logical_id) == (Effect.OTHER_KEY, True, Cause.KEY, "Orders")
    assert found.what == "The table stays with its items, and gets another key in eu-central-1."
    assert "1 policy names the old key and not the new one: Readers." in found.why


def test_many_policies_are_counted() -> None:
    old = {**KEYS, "Orders": table(Replicas=[encrypted(OLD)]), **{f"Role{n}": allowing(OLD) for n in range(7)}}
    found = finding(old, {**old, "Orders": table(Replicas=[encrypted(NEW)])})
    assert "7 policies name the old key and not the new one: Role0, Role1, Role2, Role3, Role4 and 2 more." in found.why


def test_each_region_whose_key_changes_is_named() -> None:
    regions = ("eu-central-1", "eu-west-1", "eu-north-1")
    old, new = (
        {"Orders": table(Replicas=[encrypted(key, region) for key, region in zip(keys, regions, strict=True)])}
        for keys in ("abc", "dec")
    )
    assert finding(old, new).what.endswith("gets another key in eu-central-1 and eu-west-1.")


def test_a_table_of_the_older_type_is_looked_at_too() -> None:
    old, new = (
        {**KEYS, "Orders": resource("AWS::DynamoDB::Table", SSESpecification={"KMSMasterKeyId": key})}
        for key in (OLD, NEW)
    )
    assert labels(old, new) == [("other key", "Orders")]


@pytest.mark.parametrize(
    ("before", "after"),
    [(OLD, OLD), (None, NEW), (OLD, None)],
    ids=["the same", "the first of the customer's", "no longer the customer's"],
)
def test_nothing_is_said_of_other_changes(before: object, after: object) -> None:
    old, new = ({**KEYS, "Orders": table(Replicas=[encrypted(key)])} for key in (before, after))
    assert planned(old, new).findings == ()


def test_a_replica_that_is_new_is_no_other_key() -> None:
    added = encrypted(NEW, "eu-west-1")
    old, new = ({**KEYS, "Orders": table(Replicas=[encrypted(OLD), *each])} for each in ([], [added]))
    assert planned(old, new).findings == ()


def test_a_key_that_a_parameter_decides_may_be_another() -> None:
    parameters = {"Name": {"Type": "String"}}
    old, new = ({**KEYS, "Orders": table(Replicas=[encrypted(key)])} for key in (OLD, {"Ref": "Name"}))
    assert labels(old, new, Parameters=parameters) == [("may be other key", "Orders")]


def test_a_vault_with_another_key_and_the_same_name_is_refused_with_a_way_out() -> None:
    old, new = (
        {**KEYS, "Vault": resource("AWS::Backup::BackupVault", BackupVaultName="orders", EncryptionKeyArn=key)}
        for key in (OLD, NEW)
    )
    found = finding(old, new)
    assert (found.effect, found.cause) == (Effect.REFUSED, Cause.NAMED)
    assert found.steps[1] == "Or give the vault another name together with the other key. A SecureTable does so."
