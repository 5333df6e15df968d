"""Remediation: what was switched off is switched on again (IR-2)."""
