"""What makes each rule speak up: changes of a template that lacks nothing."""

from tests.rules.cases import access, audit, backup, encryption, monitoring

CASES = encryption.CASES | backup.CASES | audit.CASES | access.CASES | monitoring.CASES
