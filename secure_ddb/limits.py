"""Limits of AWS that constructs and rules share. Nothing here loads CDK."""

# Of a recovery point, a copy, and both limits of a vault's lock.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRuleInput.html
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
MOST_BACKUP_DAYS = 36_500
# Without white space.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
LONGEST_MANAGED_POLICY = 6_144
