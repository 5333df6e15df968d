"""Remediation: turns disabled guarantees on again (IR-2)."""
