"""Recovery, backups and protection against deletion."""
