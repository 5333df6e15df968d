"""Point-in-time recovery and AWS Backup of a table (BAK-1, BAK-2)."""
