"""Mutants that change no decision because nothing can: a pattern of their names, and why.

One that no survivor matches fails, so nothing stays here that is not true any more.
"""

from __future__ import annotations

SURVIVORS = {
    r"(imported )?key: .*kms:CallerAccount": "the statement's principal is the account already",
    r"(imported )?key: .*GrantThrough\w+\.Action": "no action but CreateGrant has kms:GrantIsForAWSResource",
    r"key of a table that shares: .*(AdministerWithoutUse|ThroughDynamoDb)": "as for `key`, where requests notice them",
    r"table for other accounts: .*DenyRequestsWithoutTls": "as for `table`, where requests notice them",
    r"key for other accounts: Statement\[\d\] (?!\w+OtherAccounts)": "as for `key`, where requests notice them",
    r"imported key: .*(DownloadWrappingKey|ImportLasting\w+)\.Action": "nothing else has these conditions' keys",
    r"role OrdersBackupRole: .*GrantTableKey\.Action": "as for the key's policy",
    r"trail bucket: .*CheckBucket\.Resource": "no action is both a bucket's and a file's",
    r"trail bucket: .*DeliverLogFiles\..*aws:SourceArn": "DenyWritingToOthers denies other trails anyway",
    r"trust of OrdersAuditArchiveRole: .*\.Action": "no action but AssumeRole has sts:ExternalId",
    r"role Exporter: Statement\[1\]\.Action": "no action but DescribeExport is about exports",
    r"trust of (Operator|Auditor): Statement\[0\]\.Action": "no action but AssumeRoleWithSAML has SAML:iss",
    r"trust of Reader: .*aws:RequestTag/team: any value": "the tag may have any value",
    r"topic: .*Publish\w+\.Resource": "a topic's policy is about that topic only",
    r"role Operator: Statement\[[01]\]\..*aws:MultiFactorAuthPresent": "the grant denies requests without MFA as well",
    r"role (Saml|Oidc|Center)Operator: Statement\[[01]\]\.Condition": "the grant denies other sessions as well",
    r"boundary: .*KeepIdentities\.Action: without iam:Set\*": "KeepBoundary denies the same action for all policies",
}
