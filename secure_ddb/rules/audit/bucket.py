"""The bucket of changes that could not be logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, as_number, at, is_unknown
from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.iam.evaluation import Request, denied, refusals
from secure_ddb.iam.request_probes import request_of
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.rules.catalogues import cis, nist, pci, security_hub
from secure_ddb.rules.retention import policies_retained, retained
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_statement, judged_value, policy_place
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.iam.request_probes import Context
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import TablesByResource

_DAYS_OF_A_YEAR = 365
_MODES = {"COMPLIANCE", "GOVERNANCE"}


@Rule(
    id="SecureDdb-AUD10",
    title="The failure bucket is versioned, and locked for as long as the log is kept",
    problem="The failure bucket is not versioned, or not locked for as long as the log is kept",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-9"), *security_hub("S3.14", "S3.15"), *pci("10.3.2", "10.5.1")),
    rationale="Changes that could not be logged exist only in this bucket. Deleting them destroys evidence.",
    remedy=(
        "Enable versioning and Object Lock, with a default retention at least as long as the classification requires."
    ),
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    skip_ephemeral=True,
)
def bucket_write_once(assembly: Assembly) -> Iterator[Judgement]:
    """Look at versions and Object Lock of each bucket."""
    for bucket, tables in _failure_buckets(assembly):
        yield from write_once(bucket, tables)


def _failure_buckets(assembly: Assembly) -> list[tuple[Resource, list[Table]]]:
    return [each for each in assembly.audit.failure_destinations.items() if each[0].type == kinds.BUCKET]


def write_once(bucket: Resource, tables: Sequence[Table]) -> Iterator[Judgement]:
    """Judge whether a bucket is versioned, and locked for as long as the tables' log is kept."""
    lock = bucket.properties.get("ObjectLockConfiguration")
    retention = at(lock, "Rule", "DefaultRetention")
    days = (as_number(at(retention, "Days")) or 0) + (as_number(at(retention, "Years")) or 0) * _DAYS_OF_A_YEAR
    least = max(table.floor.log_retention for table in tables)
    good = (
        as_bool(bucket.properties.get("ObjectLockEnabled"))
        and at(lock, "ObjectLockEnabled") == "Enabled"
        and str(at(retention, "Mode")) in _MODES
        and days >= least
    )
    path = "Properties.ObjectLockConfiguration"
    yield judged_value(bucket, path, lock, good=good, key="ObjectLock", tables=tables)
    # A locked bucket has versioning; CloudFormation needs both settings.
    status = at(bucket.properties, "VersioningConfiguration", "Status")
    path = "Properties.VersioningConfiguration.Status"
    yield judged_value(bucket, path, status, good=status == "Enabled", key="Versioning", tables=tables)
    path = "Properties.LifecycleConfiguration"
    rules = at(bucket.properties, "LifecycleConfiguration", "Rules")
    for position, each in enumerate(rules if isinstance(rules, list) else ()):
        expires = at(each, "ExpirationInDays")
        if expires is not None and at(each, "Status") != "Disabled":
            # Locked versions stay, hidden behind delete markers.
            good = (as_number(expires) or 0) >= least
            where = f"{path}.Rules.{position}.ExpirationInDays"
            yield judged_value(bucket, where, expires, good=good, key=f"Expiration{position}", tables=tables)


_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_OWNERSHIP = "Properties.OwnershipControls"


@Rule(
    id="SecureDdb-AUD11",
    title="The failure bucket blocks public access and ACLs",
    problem="The failure bucket does not block public access and ACLs",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=(
        "CS-6",
        "PR.AC-3",
        *nist("AC-3", "SC-7"),
        *security_hub("S3.8", "S3.12", "S3.2", "S3.3"),
        *cis("2.1.4"),
        *pci("1.4.4"),
    ),
    rationale="Its objects contain complete items.",
    remedy="Enable all four settings of block public access, and set ObjectOwnership to BucketOwnerEnforced.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
def bucket_private(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each bucket."""
    for bucket, tables in _failure_buckets(assembly):
        yield from closed_to_the_public(bucket, tables)


def closed_to_the_public(bucket: Resource, tables: Sequence[Table]) -> Iterator[Judgement]:
    """Judge whether a bucket blocks public access, and takes no access lists."""
    for block in _BLOCKS:
        value = at(bucket.properties, "PublicAccessBlockConfiguration", block)
        path = f"Properties.PublicAccessBlockConfiguration.{block}"
        # S3 blocks public access to new buckets by default; explicit settings must not undo that.
        unsaid = bucket.properties.get("PublicAccessBlockConfiguration") is None
        yield judged_value(bucket, path, value, good=as_bool(value) or unsaid, key=block, tables=tables)
    rules = at(bucket.properties, "OwnershipControls", "Rules")
    owners = rules if is_unknown(rules) else [at(rule, "ObjectOwnership") for rule in as_list(rules)]
    good = owners in ([], ["BucketOwnerEnforced"]) and not bucket.properties.get("AccessControl")
    yield judged_value(bucket, _OWNERSHIP, rules, good=good, key="OwnershipControls", tables=tables)


# Replication writes without s3:PutObject.
_WRITE = ("s3:PutObject", "s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags")
# Object Lock does not prevent delete markers. The last two matter only in governance mode, and do no harm otherwise.
_HIDE_OR_UNLOCK = ("s3:DeleteObject", "s3:PutObjectLegalHold", "s3:PutObjectRetention", "s3:BypassGovernanceRetention")
KEEP_OBJECTS = (
    "Deny s3:Replicate* to all principals. If the bucket has Object Lock, also deny s3:DeleteObject, "
    "s3:PutObjectLegalHold, s3:PutObjectRetention and s3:BypassGovernanceRetention."
)


@Rule(
    id="SecureDdb-AUD12",
    title="Only the audit function can alter the failure bucket",
    problem="Principals other than the audit function can alter the failure bucket",
    severity=Severity.LOW,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-9", "AC-6"), *pci("10.3.2")),
    rationale=(
        "A principal with write access can forge change records, and one that can delete objects can hide changes "
        "from a replay. Templates do not show which other roles of the account can, unless the bucket's policy denies "
        "them."
    ),
    remedy=f"Deny s3:PutObject to all principals except the function's role (aws:PrincipalArn). {KEEP_OBJECTS}",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html",
)
def bucket_writers(assembly: Assembly) -> Iterator[Judgement]:
    """Judge whether the bucket's policy denies other principals' actions on its objects."""
    for bucket, tables in _failure_buckets(assembly):
        yield from only_writers_alter(assembly, bucket, tables, assembly.audit.roles)


def only_writers_alter(
    assembly: Assembly, bucket: Resource, tables: Sequence[Table], writers: TablesByResource
) -> Iterator[Judgement]:
    """Judge whether a bucket's policy denies all roles but those that write for these tables.

    That they write; and, where objects are locked, that they hide objects behind delete markers or change locks.
    """
    denials = {"write to it": _WRITE}
    if as_bool(bucket.properties.get("ObjectLockEnabled")):
        denials["hide or unlock its objects"] = _HIDE_OR_UNLOCK
    policies = assembly.policies.on(bucket)
    owner, path = policy_place(policies, bucket)
    found = [each for policy in policies for each in policy.statements]
    for what, actions in denials.items():
        request = _from_somebody(bucket, actions)
        exempted = [value for action in actions for value in _left_out(found, _from_somebody(bucket, (action,)))]
        roles = ((value, assembly.find(value, bucket, kinds.ROLE)) for value in dict.fromkeys(exempted))
        others = [value for value, role in roles if not role or set(tables).isdisjoint(writers.get(role, ()))]
        refused = not others and all_of(*refusals(found, request).values())
        if others:
            detail = f"its policy also lets {', '.join(others)} {what}"
        else:
            detail = (
                f"its policy does not let others {what}"
                if refused
                else f"the templates do not show who else can {what}"
            )
        yield judged(owner, path, refused or None, detail, key=what, tables=tables)


def _left_out(statements: Sequence[Statement], request: Request) -> list[str]:
    """Return the principals that the denials of a request leave out; none if one of them is for all."""
    # Only denials that apply exempt: not those about TLS, or about some of the objects.
    exempted = [_exempted(each) for each in statements if denied([each], request)]
    return [value for values in exempted for value in values] if all(exempted) else []


def _exempted(statement: Statement) -> list[str]:
    """Return the principals that a Deny exempts."""
    left_out = [who.value for who in statement.principals] if statement.excludes_principals else []
    return [*left_out, *statement.excluded_values("aws:PrincipalArn")]


def _from_somebody(bucket: Resource, actions: tuple[str, ...]) -> Request:
    role = f"arn:aws:iam::{bucket.account}:role/somebody"
    context: Context = {"aws:securetransport": ("true",), "aws:sourcearn": ()}
    return request_of(role, bucket.account, context, actions, f"{bucket.arn}/{ANY_NAME}")


def services_bound_to_account(
    policy: Policy, what: str, resource: Resource, tables: Sequence[Table]
) -> Iterator[Judgement]:
    """Judge whether each statement for a service is limited to the account of a resource."""
    for statement in policy.allowing:
        if any(who.kind == "Service" for who in statement.principals):
            bound = bound_to_account(statement, resource)
            detail = f"{statement.label} {what} {'this account' if bound else 'any account'}"
            yield judged_statement(policy, statement, bound, detail, tables=tables)


REMEDY = (
    "Enable versioning and Object Lock with a default retention at least as long as the classification requires. "
    "Enable all four settings of block public access, set ObjectOwnership to BucketOwnerEnforced, and retain the "
    "bucket and its policy."
)


def kept_and_closed(assembly: Assembly, buckets: TablesByResource) -> Iterator[Judgement]:
    """Judge whether each bucket is locked, blocks public access and outlives its stack, with its policy."""
    for bucket, tables in buckets.items():
        yield from write_once(bucket, tables)
        yield from closed_to_the_public(bucket, tables)
        yield from retained(bucket, tables)
        yield from policies_retained(assembly, bucket, tables)
