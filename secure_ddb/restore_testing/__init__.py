"""Restore tests: a plan of AWS Backup, and a function that counts the items of what was restored (BAK-3)."""
