"""Erasing one person's items, and proving it by the audit trail."""
