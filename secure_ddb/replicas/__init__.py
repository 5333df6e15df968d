"""A table in more than one Region (REP-1)."""
