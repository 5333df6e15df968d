"""Each company has its own key, which rotates, can be taken away, and works with its root key only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from examples.client_side_encryption import administer
from examples.client_side_encryption.client import branch_keys
from examples.client_side_encryption.client.errors import AlteredItemError, KeyUnavailableError
from tests.examples.client_side_encryption.payroll_tables import ANNA, KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.examples.client_side_encryption.payroll_tables import Payroll

KEY = {"company": "acme", "employee": "E-1"}
ROOT_KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHERS = {**KEY, "company": "globex"}


def branch_key(payroll: Payroll, company: str, kind: str = "branch:ACTIVE") -> dict[str, Any]:
    found: dict[str, Any] = payroll.dynamodb.get_item(
        TableName=KEYS, Key={"branch-key-id": {"S": company}, "type": {"S": kind}}
    )["Item"]
    return found


@pytest.fixture
def asked(payroll: Payroll) -> Iterator[list[str]]:
    """Return the names of requests to AWS KMS, as they are made."""
    names: list[str] = []

    def note(model: Any, **_: Any) -> None:
        names.append(model.name)

    payroll.kms.meta.events.register("provide-client-params.kms.*", note)
    yield names
    payroll.kms.meta.events.unregister("provide-client-params.kms.*", note)


def refuse(payroll: Payroll, action: str) -> None:
    """Have AWS KMS refuse an action from now on."""

    def answer(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, action)

    payroll.kms.meta.events.register(f"before-call.kms.{action}", answer)


def test_the_key_store_holds_no_key_in_clear_and_names_no_value(payroll: Payroll) -> None:
    kinds = {item["type"]["S"].rpartition(":")[0] for item in payroll.dynamodb.scan(TableName=KEYS)["Items"]}
    assert kinds == {"branch", "branch:version", "beacon"}
    # 32 bytes in clear would be shorter than what AWS KMS returns.
    assert len(branch_key(payroll, "acme")["enc"]["B"]) > 32
    assert payroll.keys().digest_key("acme") not in branch_key(payroll, "acme", "beacon:ACTIVE")["enc"]["B"]


def test_a_branch_key_is_made_once(payroll: Payroll) -> None:
    before = branch_key(payroll, "acme")
    with pytest.raises(KeyUnavailableError):
        payroll.keys().create("acme")
    assert branch_key(payroll, "acme") == before


def test_items_of_before_a_rotation_are_still_read_and_new_ones_have_the_new_version(payroll: Payroll) -> None:
    payroll.table().put(ANNA)
    old, old_version = payroll.stored(), branch_key(payroll, "acme")["version"]["S"]
    payroll.keys().rotate("acme")
    assert branch_key(payroll, "acme")["version"]["S"] != old_version
    table = payroll.table()
    assert table.get(KEY) == ANNA
    table.change(KEY, {})
    assert table.get(KEY) == ANNA
    # Without the old version, only what was written before is lost.
    payroll.dynamodb.delete_item(TableName=KEYS, Key={"branch-key-id": {"S": "acme"}, "type": {"S": old_version}})
    assert payroll.table().get(KEY) == ANNA
    payroll.overwrite(old)
    with pytest.raises(KeyUnavailableError, match="No item found"):
        payroll.table().get(KEY)


def test_a_company_s_items_cannot_be_read_once_its_branch_key_is_gone(payroll: Payroll) -> None:
    for key in (KEY, OTHERS):
        payroll.table().put({**ANNA, **key})
    for item in payroll.dynamodb.scan(TableName=KEYS)["Items"]:
        if item["branch-key-id"]["S"] == "acme":
            payroll.dynamodb.delete_item(TableName=KEYS, Key={name: item[name] for name in ("branch-key-id", "type")})
    with pytest.raises(KeyUnavailableError):
        payroll.table().get(KEY)
    assert payroll.table().get(OTHERS) == {**ANNA, **OTHERS}


def test_another_company_s_branch_key_in_its_place_is_refused(payroll: Payroll) -> None:
    payroll.table().put(ANNA)
    # The encrypted key of another company under this company's name: AWS KMS refuses, as the context is another one.
    payroll.dynamodb.put_item(
        TableName=KEYS, Item={**branch_key(payroll, "acme"), "enc": branch_key(payroll, "globex")["enc"]}
    )
    with pytest.raises(KeyUnavailableError):
        payroll.table().put(ANNA)


def test_another_root_key_is_refused(payroll: Payroll) -> None:
    payroll.table().put(ANNA)
    other = payroll.kms.create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(KeyUnavailableError):
        payroll.table(keys=payroll.keys(other)).get(KEY)


def test_a_key_that_aws_kms_refuses_is_told_from_an_altered_item(payroll: Payroll) -> None:
    payroll.table().put(ANNA)
    refuse(payroll, "Decrypt")
    reading, writing, searching = (payroll.table() for _ in range(3))
    with pytest.raises(KeyUnavailableError, match="AccessDeniedException"):
        reading.get(KEY)
    with pytest.raises(KeyUnavailableError, match="AccessDeniedException"):
        writing.put(ANNA)
    with pytest.raises(KeyUnavailableError, match="AccessDeniedException"):
        list(searching.search("iban", ANNA["iban"], "acme"))


def test_a_refusal_reaches_clients_when_their_cache_ends(payroll: Payroll, monkeypatch: pytest.MonkeyPatch) -> None:
    remembering = payroll.table()
    monkeypatch.setattr(branch_keys, "CACHED_SECONDS", 1)
    forgetful = payroll.table()
    for table in (forgetful, remembering):
        table.put(ANNA)
        table.get(KEY)
    refuse(payroll, "Decrypt")
    time.sleep(1.1)
    assert remembering.get(KEY) == ANNA
    with pytest.raises(KeyUnavailableError):
        forgetful.get(KEY)
    with pytest.raises(KeyUnavailableError):
        forgetful._sealing.digest("acme", "iban", {"S": ANNA["iban"]})


def test_reading_needs_no_key_for_digests(payroll: Payroll) -> None:
    # Roles that read and do not search have no permission for it.
    payroll.table().put(ANNA)
    kinds: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        kinds.append(params["EncryptionContext"]["type"].rpartition(":")[0])

    payroll.kms.meta.events.register("provide-client-params.kms.Decrypt", note)
    assert payroll.table().get(KEY) == ANNA
    assert kinds == ["branch:version"]


def test_items_cost_one_request_to_aws_kms_for_each_key_and_not_for_each_item(
    payroll: Payroll, asked: list[str]
) -> None:
    table = payroll.table()
    for number in range(5):
        table.put({**ANNA, "employee": f"E-{number}"})
    assert len(list(table.query("acme"))) == 5
    # The active version, the digest key, and the version that messages name.
    assert asked == ["Decrypt"] * 3


def test_administrators_make_and_rotate_keys_without_seeing_one(payroll: Payroll, asked: list[str]) -> None:
    payroll.keys().create("initech")
    payroll.keys().rotate("initech")
    assert set(asked) == {"GenerateDataKeyWithoutPlaintext", "ReEncrypt"}


def test_every_request_to_aws_kms_has_the_context_that_policies_demand(payroll: Payroll) -> None:
    contexts: list[dict[str, str]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        names = ("EncryptionContext", "SourceEncryptionContext", "DestinationEncryptionContext")
        contexts.extend(params[name] for name in names if name in params)

    payroll.kms.meta.events.register("provide-client-params.kms.*", note)
    payroll.keys().create("initech")
    payroll.keys().rotate("initech")
    table = payroll.table()
    table.put({**ANNA, "company": "initech"})
    assert list(table.search("iban", ANNA["iban"], "initech"))
    assert {(each["tablename"], each["branch-key-id"], each["kms-arn"]) for each in contexts} == {
        ("payroll-keys", "initech", payroll.root_key_arn)
    }
    assert {each["type"].split(":")[0] for each in contexts} == {"branch", "beacon"}
    # AWS CloudTrail shows contexts. None has anything of an item.
    assert ANNA["iban"] not in str(contexts)
    assert ANNA["employee"] not in str(contexts)


def test_two_companies_share_no_key(payroll: Payroll) -> None:
    assert payroll.keys().digest_key("acme") != payroll.keys().digest_key("globex")
    payroll.table().put(ANNA)
    stored = payroll.stored()

    class Wrong:
        """Messages with the branch key of another company."""

        def __init__(self, messages: Any) -> None:
            self.messages = messages

        def decrypt(self, message: bytes, context: dict[str, str]) -> bytes:
            plaintext: bytes = self.messages.decrypt(message, {**context, "key": "globex"})
            return plaintext

    sealing = payroll.table()._sealing
    sealing._messages = Wrong(sealing._messages)  # type: ignore[assignment]
    with pytest.raises(AlteredItemError):
        sealing.unseal(stored)


def test_the_command_makes_and_rotates_a_branch_key_and_says_so(
    payroll: Payroll, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*arguments: str) -> int:
        names = ["--keys", KEYS, "--root-key", payroll.root_key_arn]
        clients = {"dynamodb": payroll.dynamodb, "kms": payroll.kms}
        return administer.main([*arguments, *names], lambda service, _: clients[service])

    assert command("create", "initech") == 0
    version = branch_key(payroll, "initech")["version"]
    assert command("create", "initech") == 1
    assert branch_key(payroll, "initech")["version"] == version
    assert command("rotate", "initech") == 0
    assert branch_key(payroll, "initech")["version"] != version
    assert command("rotate", "umbrella") == 1
    printed = capsys.readouterr()
    assert printed.out == "The branch key of 'initech' was made.\nThe branch key of 'initech' was rotated.\n"
    assert printed.err.startswith("The branch key of 'initech' was not made: ")
    assert "The branch key of 'umbrella' was not rotated: No item found" in printed.err


@pytest.mark.parametrize(
    ("company", "keys", "root_key", "message"),
    [
        ("", KEYS, ROOT_KEY, "argument company: '' is not allowed; allowed: a text"),
        ("acme", "T", ROOT_KEY, "argument --keys: 'T' is not allowed; allowed: the name of a table"),
        ("acme", KEYS, "alias/root", "argument --root-key: 'alias/root' is not allowed; allowed: the ARN of a key"),
    ],
)
def test_a_wrong_argument_is_named(
    company: str, keys: str, root_key: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def connect(service: str, _region: str) -> None:
        pytest.fail(f"asked {service}")

    with pytest.raises(SystemExit) as ended:
        administer.main(["create", company, "--keys", keys, "--root-key", root_key], connect)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_the_root_key_says_which_region_to_ask() -> None:
    asked = []

    def connect(service: str, region: str) -> None:
        asked.append((service, region))
        if len(asked) == 2:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        administer.main(["create", "acme", "--keys", KEYS, "--root-key", ROOT_KEY], connect)
    assert asked == [("dynamodb", "eu-central-1"), ("kms", "eu-central-1")]
