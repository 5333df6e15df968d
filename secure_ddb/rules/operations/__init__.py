"""Tags, capacity, and what is not approved."""
