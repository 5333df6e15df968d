"""What each position gets of what attackers are after: the cells of docs/threat-model.md.

Configuration `threatened`. Everybody asks from a company network, unless the request says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.policies.engine import Decision
from tests.policies.requests.endpoints import BATCH, CONTROL, MEMBER, WEB
from tests.policies.requests.guardrails import (
    ALARM,
    ENDPOINT,
    EVENT_RULE,
    FUNCTION,
    HERE,
    LOG,
    MAPPING,
    NEW_EXEMPT,
    PLAN,
    ROLE,
    SERVICE_ROLE,
    TRAIL,
    VAULT,
)
from tests.policies.requests.perimeter import BY_A_SERVICE, INTERNET, OFFICE
from tests.policies.requests.positions import POSITIONS, UNRECORDED
from tests.policies.requests.row import PLAIN, Context, Row, returning, through_service
from tests.policies.requests.services import ACL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.policies.requests.positions import Position

THROUGH_SNS = through_service("sns")
# What the letters below stand for: allowed as it is meant to be, allowed and of no use to an attacker, not allowed,
# denied. Any other is a note of ../threat_notes.py, and the request is allowed.
MEANT, USELESS, NO, NEVER = "y", "u", "n", "x"
DECIDED = {NO: Decision.IMPLICITLY_DENIED, NEVER: Decision.EXPLICITLY_DENIED}
# A letter for each position: grants, service roles, developer, administrators, other account, deployment, log reader.
NOBODY = "xxxx xx x xxx x x x"
NOTHING = "nnnn nn n nnn n n n"
GUARDED = "nnnF nn n Axx n D n"
MANAGEMENT = "nnOO nn n Axx x D n"


@dataclass(frozen=True)
class Attempt:
    """Actions of one service on one resource, which are decided alike.

    Attributes:
        service: Prefix of the actions.
        names: The actions without it, with spaces between them.
        on: As in `Row`.
        decided: A letter for each position.
        context: Condition keys.
        through: As in `Row`.
        how: What the page says of context and endpoint.
    """

    service: str
    names: str
    on: str
    decided: str
    context: Context = field(default_factory=lambda: OFFICE)
    through: str = ""
    how: str = ""

    @property
    def letters(self) -> dict[Position, str]:
        """The letter of each position."""
        return dict(zip(POSITIONS, self.decided.replace(" ", ""), strict=True))


@dataclass(frozen=True)
class Goal:
    """What attackers are after, and how they try to get it."""

    title: str
    attempts: tuple[Attempt, ...]

    @property
    def group(self) -> str:
        """The name of the group of its requests."""
        return f"threat: {self.title.lower()}"

    def rows(self) -> Iterator[Row]:
        """Yield each request of each position."""
        for attempt in self.attempts:
            for position, letter in attempt.letters.items():
                expected = DECIDED.get(letter, Decision.ALLOWED)
                for name in attempt.names.split():
                    yield Row(
                        who=position.who,
                        action=f"{attempt.service}:{name}",
                        on=attempt.on,
                        context={**MEMBER, **attempt.context, **position.context},
                        through=attempt.through,
                        expected=expected,
                        attack="" if expected is Decision.ALLOWED else self.title.lower(),
                    )


ALIAS, STACK = f"{FUNCTION}:secure-ddb", f"arn:aws:cloudformation:{HERE}:stack/Orders/1234abcd"
ROUTE_TABLE = f"arn:aws:ec2:{HERE}:route-table/rtb-0123456789abcdef0"
ASSET = "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-eu-central-1/handler.zip"
ARCHIVED, FAILED, LOGGED = "file in the archive bucket", "file in the failure bucket", "log file in the trail bucket"
FROM_INTERNET = "from the internet"

GOALS = (
    Goal(
        "Read items or keys",
        (
            Attempt("dynamodb", "GetItem Scan", "table", "ynxx nn n AII x D n"),
            Attempt("dynamodb", "Query", "index by-status", "ynxx nn n AII x D n"),
            Attempt(
                "dynamodb",
                "UpdateItem DeleteItem",
                "table",
                "nWxx nn n AII x D n",
                {**OFFICE, **returning("ALL_OLD")},
                how="which returns the item as it was",
            ),
            Attempt("dynamodb", "GetRecords", "stream", "nnxx xn n AII x D n"),
            Attempt("dynamodb", "ExportTableToPointInTime RestoreTableToPointInTime", "table", "nnxx nn n Axx x D n"),
            Attempt("dynamodb", "RestoreTableFromBackup", "backup", "nnxx nn n Axx n D n"),
            Attempt("dynamodb", "EnableKinesisStreamingDestination", "table", "nnxx nn n Axx x D n"),
            Attempt("dynamodb", "CreateTableReplica", "table", "nnxx nn n Axx n D n"),
            Attempt("dynamodb", "UpdateContributorInsights", "table", "nnxx nn n Axx x D n"),
            Attempt("backup", "StartRestoreJob", "recovery point", GUARDED),
            Attempt("s3", "GetObject", FAILED, "nnnC yn n CCC n C n"),
            Attempt("s3", "GetObject", LOGGED, "nnnC nn n CCC n C n"),
            Attempt("kms", "Decrypt", "key", NOTHING, how="without DynamoDB"),
            Attempt("kms", "GenerateMac", "digest key", "nnnn yn n nnn n n n"),
            Attempt("kms", "VerifyMac", "digest key", "nnnu nn n uuu n u u", how="which tests no guess of an item key"),
            Attempt("lambda", "InvokeFunction", ALIAS, GUARDED),
            Attempt("iam", "PassRole", SERVICE_ROLE, GUARDED),
        ),
    ),
    Goal(
        UNRECORDED,
        (
            Attempt("dynamodb", "UpdateTable", "table", MANAGEMENT),
            Attempt("lambda", "UpdateEventSourceMapping DeleteEventSourceMapping", MAPPING, GUARDED),
            Attempt("lambda", "UpdateFunctionCode PutFunctionConcurrency DeleteAlias", FUNCTION, GUARDED),
            Attempt("iam", "DeleteRolePolicy DetachRolePolicy", SERVICE_ROLE, GUARDED),
            Attempt("kms", "DisableKey", "digest key", GUARDED),
            Attempt("kms", "DisableKey", "key", GUARDED),
            Attempt("logs", "PutLogGroupDeletionProtection DeleteLogGroup", LOG, GUARDED),
            Attempt("logs", "DeleteSubscriptionFilter", LOG, GUARDED),
            Attempt("cloudtrail", "StopLogging PutEventSelectors", TRAIL, GUARDED),
        ),
    ),
    Goal(
        "Weaken a guarantee",
        (
            Attempt("dynamodb", "DeleteTable UpdateTable UpdateTimeToLive", "table", MANAGEMENT),
            Attempt("dynamodb", "UpdateContinuousBackups PutResourcePolicy DeleteResourcePolicy", "table", MANAGEMENT),
            Attempt("dynamodb", "PutResourcePolicy", "stream", GUARDED),
            Attempt("kms", "PutKeyPolicy DisableKeyRotation ScheduleKeyDeletion", "key", GUARDED),
            Attempt("kms", "PutKeyPolicy", "digest key", GUARDED),
            Attempt("ec2", "ModifyVpcEndpoint DeleteVpcEndpoints", ENDPOINT, GUARDED),
            Attempt("s3", "PutBucketPolicy", "archive bucket", GUARDED),
            Attempt("iam", "PassRole", NEW_EXEMPT, "nnnF nn n AEE n D n"),
            Attempt("iam", "UpdateAssumeRolePolicy", NEW_EXEMPT, GUARDED),
            Attempt("s3", "PutObject", ASSET, "nnnF xn n AEE n D n"),
            Attempt("iam", "CreateRole", ROLE, "nnnF nn n Aux n D n"),
            Attempt("iam", "PassRole", ROLE, "nnnF nn n AuB n D n"),
            Attempt("cloudformation", "UpdateStack", STACK, "nnnF nn n AEE n D n"),
        ),
    ),
    Goal(
        "Silence or forge alarms",
        (
            Attempt("cloudwatch", "DeleteAlarms DisableAlarmActions SetAlarmState", ALARM, GUARDED),
            Attempt("events", "DisableRule RemoveTargets", EVENT_RULE, GUARDED),
            Attempt("sns", "Unsubscribe SetTopicAttributes", "topic", GUARDED),
            # Whoever publishes to an encrypted topic has to use its key.
            Attempt("sns", "Publish", "topic", "nnnu nn n uuu n u n", how="which takes its key as well"),
            Attempt("kms", "GenerateDataKey Decrypt", "key", NOTHING, THROUGH_SNS, how="through the topic"),
            Attempt("sns", "Subscribe", "topic", "nnnS nn n SSS n S n"),
        ),
    ),
    Goal(
        "Put the table out of use",
        (
            Attempt("dynamodb", "DeleteItem BatchWriteItem", "table", "nyxx nn n AII x D n"),
            Attempt("dynamodb", "DeleteTable UpdateTable PutResourcePolicy", "table", MANAGEMENT),
            Attempt("kms", "DisableKey ScheduleKeyDeletion RevokeGrant PutKeyPolicy", "key", GUARDED),
            Attempt("ec2", "ModifyVpcEndpoint DeleteVpcEndpoints", ENDPOINT, GUARDED),
            Attempt(
                "ec2",
                "DeleteRoute DisassociateRouteTable ReplaceRouteTableAssociation",
                ROUTE_TABLE,
                "nnnR nn n RRR n R n",
            ),
        ),
    ),
    Goal(
        "Destroy backups",
        (
            Attempt("backup", "DeleteRecoveryPoint UpdateRecoveryPointLifecycle", "recovery point", NOBODY),
            Attempt("backup", "DisassociateRecoveryPoint", "recovery point", GUARDED),
            Attempt(
                "backup",
                "PutBackupVaultAccessPolicy DeleteBackupVaultLockConfiguration DeleteBackupVault",
                VAULT,
                GUARDED,
            ),
            Attempt("backup", "UpdateBackupPlan DeleteBackupPlan", PLAN, GUARDED),
            Attempt("dynamodb", "DeleteBackup", "backup", "nnnF ny n Axx n D n"),
            Attempt("dynamodb", "UpdateContinuousBackups", "table", MANAGEMENT),
            Attempt("kms", "ScheduleKeyDeletion", "key", GUARDED),
        ),
    ),
    Goal(
        "Forge the trail",
        (
            Attempt("logs", "PutLogEvents CreateLogStream", "audit log", "nnnL Kn n LLL n L n"),
            Attempt("firehose", "PutRecord", "delivery stream", "nnnL nn n LLL n L n"),
            Attempt("kms", "GenerateMac", "digest key", "nnnn Kn n nnn n n n"),
            Attempt("lambda", "InvokeFunction", ALIAS, GUARDED),
            Attempt("lambda", "UpdateFunctionCode", FUNCTION, GUARDED),
            Attempt("lambda", "CreateEventSourceMapping", "*", "nnnM nn n MMM n M n"),
            Attempt("logs", "DeleteLogStream", "audit log", GUARDED),
            Attempt("logs", "PutRetentionPolicy PutTransformer PutDataProtectionPolicy", LOG, GUARDED),
            Attempt("s3", "PutObject ReplicateObject DeleteObject BypassGovernanceRetention", ARCHIVED, NOBODY),
            Attempt("s3", "DeleteObjectVersion", ARCHIVED, "nnnV nn n VVV n V n"),
            Attempt("s3", "PutObject", FAILED, NOBODY),
            Attempt("s3", "PutObject", LOGGED, NOBODY, ACL),
        ),
    ),
    Goal(
        "Leave a lane or the perimeter",
        (
            Attempt("dynamodb", "GetItem", "table", NOBODY, {}, CONTROL, "through the endpoint for management"),
            Attempt("dynamodb", "GetItem", "table", NOBODY, {}, BATCH, "through another lane"),
            Attempt("dynamodb", "UpdateTable", "table", "nnnn nn n nxx x n n", {}, WEB, "through its lane"),
            Attempt(
                "dynamodb", "ExportTableToPointInTime", "table", "nnxx nn n nxx x n n", {}, WEB, "through its lane"
            ),
            Attempt("dynamodb", "GetItem ExportTableToPointInTime", "table", NOBODY, INTERNET, how=FROM_INTERNET),
            Attempt("dynamodb", "GetRecords", "stream", NOBODY, INTERNET, how=FROM_INTERNET),
            Attempt("dynamodb", "CreateBackup", "table", "xxxx xy x xxx x x x", INTERNET, how=FROM_INTERNET),
            Attempt("dynamodb", "StartAwsBackupJob", "table", "nnnP ny n PPP n P n", INTERNET, how=FROM_INTERNET),
            Attempt("dynamodb", "SearchVectors", "table", "nnxx nn n PPP n P n", INTERNET, how=FROM_INTERNET),
            Attempt("dynamodb", "RestoreTableFromBackup", "backup", "nnxx nn n Pxx n P n", INTERNET, how=FROM_INTERNET),
            Attempt("dynamodb", "PutResourcePolicy", "table", MANAGEMENT, INTERNET, how=FROM_INTERNET),
            Attempt("s3", "GetObject", FAILED, "nnnC yn n CCC n C n", INTERNET, how=FROM_INTERNET),
            Attempt("dynamodb", "Scan", "table", NOBODY, BY_A_SERVICE, how="by a service, on somebody's behalf"),
            Attempt("dynamodb", "GetItem", "table", NOBODY, {**OFFICE, **PLAIN}, how="without TLS"),
            Attempt("sts", "AssumeRole", "BreakGlass", "nnnE nn n EEE n E n"),
            Attempt("ec2", "CreateVpcEndpoint", ENDPOINT, GUARDED),
            Attempt(
                "ec2",
                "CreateRoute AssociateRouteTable ReplaceRouteTableAssociation",
                ROUTE_TABLE,
                "nnnR nn n RRR n R n",
            ),
        ),
    ),
)
