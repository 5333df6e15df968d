"""Tags, capacity, and unapproved services."""
