"""Names that the function and its alarms share. The function imports nothing of this library, so a test compares."""

METRIC_NAMESPACE = "SecureDdb/RestoreTesting"
TESTS = "RestoreTests"
FAILED_TESTS = "FailedRestoreTests"
PLAN = "Plan"
