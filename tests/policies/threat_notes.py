"""What docs/threat-model.md says of requests that stay open, by the letter that requests/threats.py gives them."""

from __future__ import annotations

NOTES = {
    "A": (
        "*Nothing limits an administrator* but the policies of the vault, the buckets and the digest key, and those "
        "can be changed. Give no role full access without the [guardrails](decisions/guardrails.md). Alarms tell of "
        "changes that are not recorded; of most else only the account's own trail of management events does."
    ),
    "O": (
        "*Table management includes what weakens the table.* No condition tells a harmless `UpdateTable` from one "
        "that switches off the stream, and the table's policy can let "
        "another role in. The [grant](decisions/control-plane-grant.md) demands MFA, from whatever network. "
        "`AuditUnreadWrites` rings when the stream is gone ([when it stays quiet](decisions/alarms.md)); of "
        "point-in-time recovery, deletion protection and the table's policy only [detection](detection.md) tells. "
        "Under the [guardrails](decisions/guardrails.md) an operator only looks, and changes are deployed."
    ),
    "F": (
        "*The grant denies actions of DynamoDB only.* With a second policy that allows everything, an operator is an "
        "administrator in every other service, and gets items by a restore of AWS Backup or in a new role. Give the "
        "role the [boundary](decisions/guardrails.md), or no policy beside the "
        "[grant](decisions/control-plane-grant.md)."
    ),
    "W": (
        "*Who writes whole items can have them returned*, by their keys. A grant with `attributes` cannot ([narrow "
        "grants](decisions/narrow-grants.md)). A trail records these requests as it does reads."
    ),
    "I": (
        "*Guardrails keep guarantees, not items.* Let nobody have `dynamodb:*`; [grants](access.md#grants) say "
        "who reads and deletes. A [perimeter](decisions/perimeter.md) limits from where, a [trail](decisions/reads.md) "
        "records who, and [recovery points](recovery.md) have what was deleted."
    ),
    "C": (
        "*Copies of items are outside of the table's policy.* Objects of the failure bucket hold whole items, log "
        "files of the table's trail hold keys. Neither the perimeter nor the denials of `grant_control_plane` cover "
        "them, and the table's trail does not record who reads them. It takes `s3:GetObject` and the key through S3, "
        "so let few have both ([what is in the bucket](audit-trail.md#what-is-in-the-bucket)). "
        "`AuditFailureDestination` rings when there are objects."
    ),
    "E": (
        "*Whoever can act as an exempt role is exempt*: by passing it to CloudFormation, by updating a stack that has "
        "it, by replacing a file that it deploys from, by assuming it. Allow these, and writing to CDK's bucket, to "
        "your pipeline only, and let a break-glass role trust people instead of the account "
        "([guardrails](decisions/guardrails.md#what-they-cannot-express), [perimeter](decisions/perimeter.md))."
    ),
    "B": (
        "*A boundary binds roles, not people.* A service that is passed a role without one is not bound. Give one to "
        "each role that is not exempt, or use the service control policy "
        "([guardrails](decisions/guardrails.md#what-they-cannot-express))."
    ),
    "D": (
        "*The deployment role is exempt, so that tables can be deployed.* With `AdministratorAccess`, which `cdk "
        "bootstrap` gives it, it may do all the rest as well. With the [deployment policies](deploying.md) it reads "
        "no items and writes no lines. What is left has whoever changes the templates, so review them, and deploy "
        "those that were checked."
    ),
    "L": (
        "*Who may write to the log can add lines*, and the archive copies them. `secure-ddb audit verify "
        "--origin-key` names chains without a MAC of the function; lines about failures have none "
        "([origin](audit-trail.md#origin)). The guardrails leave `logs:PutLogEvents` allowed, because every function "
        "logs with it."
    ),
    "K": (
        "*Code in the function is believed*: it writes lines, leaves lines out, and has any link signed. Who may "
        "change the code, publish it and move the alias runs such code ([service "
        "roles](decisions/service-roles.md#what-stays-open)); the guardrails leave that to exempt roles."
    ),
    "M": (
        "*A second mapping* of the function brings no invented changes, as the function takes records of its own "
        "table only. It makes second lines, which `audit verify` counts as duplicates ([service "
        "roles](decisions/service-roles.md)), and can slow down the first mapping, for which `AuditIteratorAge` "
        "rings."
    ),
    "V": (
        "*S3's lock is no policy.* It refuses to delete a version until the retention is over, to everybody without "
        "`s3:BypassGovernanceRetention`, which the bucket denies to all ([archive](decisions/archive.md), [not "
        "proven](not-proven.md))."
    ),
    "P": (
        "*A table's policy may not name these actions*, so no perimeter denies them "
        "([perimeter](decisions/perimeter.md#what-it-cannot-deny)), and no grant allows them. The guardrails deny "
        "restores; not backups, which stay in a vault, and not vector searches, which read items ([not "
        "proven](not-proven.md))."
    ),
    "R": (
        "*Routes decide which endpoint a subnet reaches*, and neither endpoints nor guardrails keep them. A subnet "
        "that is moved gets another lane's way to a table, which a perimeter admits, but no grant; or it gets none. "
        "Allow changes of routes and route tables to deployments only ([endpoints](decisions/endpoint-policies.md))."
    ),
    "S": (
        "*Whoever may subscribe to the topic learns what is noticed.* Messages have no items, and others get theirs as "
        "before, so the guardrails leave it. Look at the list of subscribers now and then "
        "([detection](detection.md#what-to-know))."
    ),
}
