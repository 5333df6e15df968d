"""Secure DynamoDB tables for the AWS CDK. Everything that is public stands here."""

from secure_ddb.audit.settings import AuditSettings, LoggedKeys
from secure_ddb.backup import BackupSettings
from secure_ddb.classification import DataClassification
from secure_ddb.encryption import EncryptionSettings
from secure_ddb.errors import InvalidArgumentError, NotCreatedError
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import AlarmSettings
from secure_ddb.network import DynamoDbEndpoints
from secure_ddb.ownership import Ownership
from secure_ddb.table import SecureTable
from secure_ddb.waiver import Waiver

__all__ = [
    "AlarmSettings",
    "AuditSettings",
    "BackupSettings",
    "DataClassification",
    "DynamoDbEndpoints",
    "EncryptionSettings",
    "InvalidArgumentError",
    "Lifecycle",
    "LoggedKeys",
    "NotCreatedError",
    "Ownership",
    "SecureTable",
    "Waiver",
]
