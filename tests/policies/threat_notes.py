"""What docs/threat-model.md says about open requests, by their letter in requests/threats.py."""

from __future__ import annotations

NOTES = {
    "A": (
        "*An administrator is limited only* by the policies of the vault, the buckets and the digest key, and "
        "those can be changed. Give no role full access without the [guardrails](decisions/guardrails.md). "
        "Alarms report changes that are not recorded; most other actions appear only in the account's own "
        "trail of management events."
    ),
    "O": (
        "*Table management includes actions that weaken the table.* No condition distinguishes a harmless "
        "`UpdateTable` from one that switches off the stream, and the table's policy can grant access to "
        "another role. The [grant](decisions/control-plane-grant.md) requires MFA, from any network. "
        "`AuditUnreadWrites` goes off when the stream is gone ([when it stays quiet](decisions/alarms.md)); "
        "changes of point-in-time recovery, deletion protection and the table's policy are reported only by "
        "[detection](detection.md). Under the [guardrails](decisions/guardrails.md) an operator can only "
        "read, and changes are deployed."
    ),
    "F": (
        "*The grant denies actions of DynamoDB only.* With a second policy that allows everything, an "
        "operator is an administrator in every other service, and gets items by a restore of AWS Backup or in "
        "a new role. Give the role the [boundary](decisions/guardrails.md), or no policy other than the "
        "[grant](decisions/control-plane-grant.md)."
    ),
    "W": (
        "*A role that writes whole items can have them returned*, by their keys. A grant with `attributes` "
        "prevents this ([narrow grants](decisions/narrow-grants.md)). A trail records these requests like "
        "reads."
    ),
    "I": (
        "*Guardrails protect guarantees, not items.* Give no role `dynamodb:*`; [grants](access.md#grants) "
        "decide who can read and delete. A [perimeter](decisions/perimeter.md) limits the network, a "
        "[trail](decisions/reads.md) records the caller, and [recovery points](recovery.md) have deleted "
        "items."
    ),
    "C": (
        "*Copies of items are outside the table's policy.* Objects of the failure bucket contain whole items, "
        "log files of the table's trail contain keys. Neither the perimeter nor the denials of "
        "`grant_control_plane` cover them, and the table's trail does not record who reads them. Reading "
        "requires `s3:GetObject` and the key through S3, so give both to few roles ([what is in the "
        "bucket](audit-trail.md#what-is-in-the-bucket)). `AuditFailureDestination` goes off when there are "
        "objects."
    ),
    "E": (
        "*A principal that can act as an exempt role is exempt*: by passing it to CloudFormation, by updating "
        "a stack that has it, by replacing a file that it deploys from, or by assuming it. Allow these, and "
        "writing to CDK's bucket, to your pipeline only, and let a break-glass role trust people instead of "
        "the account ([guardrails](decisions/guardrails.md#what-they-cannot-express), "
        "[perimeter](decisions/perimeter.md))."
    ),
    "B": (
        "*A boundary limits roles, not people.* A service that gets a role without one is not limited. Give "
        "one to each role that is not exempt, or use the service control policy "
        "([guardrails](decisions/guardrails.md#what-they-cannot-express))."
    ),
    "D": (
        "*The deployment role is exempt, so that tables can be deployed.* With `AdministratorAccess`, the "
        "default of `cdk bootstrap`, it can do everything else as well. With the [deployment "
        "policies](deploying.md) it reads no items and writes no lines; only `replicas.json` lets it copy items to a "
        "replica, in that Region. The rest is open to anyone who changes the templates, so review them, and deploy "
        "the ones that were checked."
    ),
    "L": (
        "*A principal that can write to the log can add lines*, and the archive copies them. `secure-ddb "
        "audit verify --origin-key` lists chains without a MAC of the function; lines about failures have "
        "none ([origin](audit-trail.md#origin)). The guardrails allow `logs:PutLogEvents`, because every "
        "function logs with it."
    ),
    "K": (
        "*Code in the function is trusted*: it can write or omit lines, and have any link signed. A principal "
        "that can change the code, publish it and move the alias runs such code ([service "
        "roles](decisions/service-roles.md#what-stays-open)); the guardrails allow that to exempt roles only."
    ),
    "M": (
        "*A second mapping* of the function cannot add invented changes, because the function accepts records "
        "of its own table only. It produces duplicate lines, which `audit verify` counts as such ([service "
        "roles](decisions/service-roles.md)), and can slow down the first mapping, for which "
        "`AuditIteratorAge` goes off."
    ),
    "V": (
        "*S3's lock is not a policy.* It refuses to delete a version until the retention ends, unless the "
        "caller has `s3:BypassGovernanceRetention`, which the bucket denies to everyone "
        "([archive](decisions/archive.md), [not proven](not-proven.md))."
    ),
    "P": (
        "*A table's policy cannot name these actions*, so no perimeter denies them "
        "([perimeter](decisions/perimeter.md#what-it-cannot-deny)), and no grant allows them. The guardrails "
        "deny restores, but not backups, which stay in a vault, or vector searches, which read items ([not "
        "proven](not-proven.md))."
    ),
    "R": (
        "*Routes decide which endpoint a subnet reaches*, and neither endpoints nor guardrails protect them. "
        "A subnet that is moved gets another lane's path to a table, which a perimeter allows but no grant "
        "does, or no path. Allow changes of routes and route tables to deployments only "
        "([endpoints](decisions/endpoint-policies.md))."
    ),
    "S": (
        "*A principal that can subscribe to the topic learns what is detected.* Messages contain no items, "
        "and other subscribers still get theirs, so the guardrails allow it. Review the list of subscribers "
        "regularly ([detection](detection.md#what-to-know))."
    ),
}
