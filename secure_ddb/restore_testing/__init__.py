"""Restore tests: a plan of AWS Backup, and a function that counts the restored items (BAK-3)."""
